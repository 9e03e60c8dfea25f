/** The tour as a newcomer meets it: its steps, its curl lines as printed, its end by Ctrl-C, and its failure. */
import assert from "node:assert/strict"
import { execFile, spawn } from "node:child_process"
import { existsSync } from "node:fs"
import { dirname, join } from "node:path"
import { test } from "node:test"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
const program = join(root, "examples", "tour", "dist", "main.js")

/** The tour, with what it printed so far. */
const start = (args = [], env = {}) => {
  const child = spawn(process.execPath, [program, ...args], {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"]
  })
  const tour = { child, output: "", closed: new Promise((resolve) => child.on("close", resolve)) }
  const keep = (chunk) => {
    tour.output += chunk
  }
  child.stdout.on("data", keep)
  child.stderr.on("data", keep)
  tour.until = (text) =>
    new Promise((resolve, reject) => {
      const look = () => tour.output.includes(text) && resolve()
      child.stdout.on("data", look)
      child.on("close", () => reject(new Error(`the tour ended before it printed "${text}":\n${tour.output}`)))
      look()
    })
  return tour
}

test("the tour's curl lines work as printed, and Ctrl-C shuts it down cleanly", { timeout: 60_000 }, async () => {
  const tour = start()
  try {
    await tour.until("Serving until Ctrl-C.")
    const lines = tour.output.slice(tour.output.indexOf("Try next:"))
    const commands = lines.match(/^ {2}curl (?:.*\\\n)*.*$/gm) ?? []
    assert.equal(commands.length, 3, tour.output)
    for (const command of commands) {
      const { stdout } = await promisify(execFile)("bash", ["-c", `${command.trim()} --fail-with-body`])
      assert.equal(typeof JSON.parse(stdout), "object", command)
    }
    // The two pages it names are there.
    for (const [, page] of lines.matchAll(/^ {2}(http:\S+) shows/gm)) {
      const answer = await fetch(page)
      assert.equal(answer.status, 200, page)
      assert.match(answer.headers.get("content-type") ?? "", /^text\/html/)
    }
    const directory = /its data is in (\S+)\.\n/.exec(tour.output)?.[1] ?? ""
    assert.ok(existsSync(directory))
    tour.child.kill("SIGINT")
    assert.equal(await tour.closed, 0, tour.output)
    assert.match(tour.output, /Shut down cleanly/)
    assert.ok(!existsSync(directory), "the data of the tour is left behind")
  } finally {
    tour.child.kill("SIGKILL")
  }
})

test("a second tour finds other ports", { timeout: 60_000 }, async () => {
  const tours = []
  try {
    for (let count = 0; count < 2; count++) {
      tours.push(start())
      await tours.at(-1).until("Serving until Ctrl-C.")
    }
  } finally {
    for (const { child, closed } of tours) {
      child.kill("SIGTERM")
      await closed
    }
  }
})

test("a tour that fails says so, and exits with another code than 0", { timeout: 60_000 }, async () => {
  const tour = start(["--once"], { TMPDIR: join(root, "there", "is", "no", "such", "directory") })
  assert.equal(await tour.closed, 1, tour.output)
  assert.match(tour.output, /The tour failed/)
})
