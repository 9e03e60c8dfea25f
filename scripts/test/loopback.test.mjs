/** No accident sends mail: with a token in the environment, examples and command line still talk to this machine only. */
import assert from "node:assert/strict"
import { spawn } from "node:child_process"
import { existsSync, readdirSync } from "node:fs"
import { dirname, join } from "node:path"
import { test } from "node:test"
import { fileURLToPath } from "node:url"

const here = dirname(fileURLToPath(import.meta.url))
const root = dirname(dirname(here))

const canary = "11111111-2222-3333-4444-canarytoken00"

/** Runs a program with a token at hand and the guard in front of it. */
const run = (program, ...args) =>
  new Promise((resolve) => {
    const child = spawn(process.execPath, ["--import", join(here, "onlyLoopback.mjs"), program, ...args], {
      cwd: root,
      env: {
        ...process.env,
        POSTMARK_SERVER_TOKEN: canary,
        POSTMARK_FROM: "shop@example.org",
        POSTMARK_TO: "ann@example.com"
      },
      stdio: ["ignore", "pipe", "pipe"]
    })
    let output = ""
    const keep = (chunk) => {
      output += chunk
    }
    child.stdout.on("data", keep)
    child.stderr.on("data", keep)
    child.on("close", (code) => resolve({ code, output }))
  })

const examples = readdirSync(join(root, "examples"))
  .map((name) => ({ name, program: join(root, "examples", name, "dist", "main.js") }))

for (const { name, program } of examples) {
  test(`the example ${name} stays on this machine, whatever token is set`, { timeout: 60_000 }, async () => {
    assert.ok(existsSync(program), `${name} is not built: run npm run build`)
    const { code, output } = await run(program, ...(name === "tour" ? ["--once"] : []))
    assert.equal(code, 0, output)
    assert.doesNotMatch(output, new RegExp(canary))
  })
}

test("the guard sees a program that goes live", { timeout: 60_000 }, async () => {
  const { code, output } = await run(join(root, "examples", "send-email", "dist", "main.js"), "--live")
  assert.equal(code, 97, output)
  assert.match(output, /beyond loopback: api\.postmarkapp\.com/)
  assert.doesNotMatch(output, new RegExp(canary))
})

test("a program that goes live needs a sender and a recipient", { timeout: 60_000 }, async () => {
  for (const missing of ["POSTMARK_FROM", "POSTMARK_TO", "POSTMARK_SERVER_TOKEN"]) {
    const child = spawn(process.execPath, [
      "--import",
      join(here, "onlyLoopback.mjs"),
      join(root, "examples", "send-email", "dist", "main.js"),
      "--live"
    ], {
      cwd: root,
      env: {
        ...process.env,
        POSTMARK_SERVER_TOKEN: canary,
        POSTMARK_FROM: "shop@example.org",
        POSTMARK_TO: "ann@example.com",
        [missing]: undefined
      },
      stdio: ["ignore", "pipe", "pipe"]
    })
    let output = ""
    child.stdout.on("data", (chunk) => output += chunk)
    child.stderr.on("data", (chunk) => output += chunk)
    const code = await new Promise((resolve) => child.on("close", resolve))
    assert.equal(code, 1, `without ${missing}: ${output}`)
    assert.match(output, new RegExp(missing))
  }
})
