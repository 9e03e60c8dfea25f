import { assert, beforeAll, it } from "@effect/vitest"
import { Effect } from "effect"
import { execFileSync, spawn } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { createTransport } from "nodemailer"

const root = fileURLToPath(new URL("..", import.meta.url))

interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

// From the source, so that no build is needed before.
beforeAll(() => {
  execFileSync(process.execPath, ["scripts/bundle.mjs", "src/bin.ts", "build/test/program"], { cwd: root })
})

/** Runs the program; `onOutput` sees all of stdout so far, and may stop it. */
const run = (args: ReadonlyArray<string>, onOutput: (text: string, stop: () => void) => void = () => {}) =>
  Effect.async<Ended>((resume) => {
    const child = spawn(process.execPath, ["build/test/program/bin.js", ...args], {
      cwd: root,
      stdio: ["ignore", "pipe", "pipe"]
    })
    let stdout = ""
    let stderr = ""
    child.stdout.on("data", (chunk) => {
      stdout += chunk
      onOutput(stdout, () => child.kill())
    })
    child.stderr.on("data", (chunk) => {
      stderr += chunk
    })
    child.on("close", (code) => resume(Effect.succeed({ code, stdout, stderr })))
    return Effect.sync(() => child.kill())
  })

it.effect("says what it can do, and its version", () =>
  Effect.gen(function*() {
    const help = yield* run(["--help"])
    assert.deepStrictEqual([help.code, help.stderr], [0, ""])
    const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8")
    const section = readme.split("## On a port")[1]?.split("\n## ")[0] ?? ""
    const inReadme = new Set(section.match(/--[a-z][a-z-]*/g))
    const inHelp = new Set(help.stdout.match(/--[a-z][a-z-]*/g))
    assert.isAbove(inHelp.size, 8)
    assert.deepStrictEqual([...inHelp].sort(), [...inReadme].sort())
    const version = yield* run(["--version"])
    const about: { readonly version: string } = JSON.parse(
      readFileSync(new URL("../package.json", import.meta.url), "utf8")
    )
    assert.deepStrictEqual(version, { code: 0, stdout: `${about.version}\n`, stderr: "" })
  }))

it.effect("says in one line what is wrong with its arguments, and shows no value", () =>
  Effect.gen(function*() {
    const cases = [
      [["--port", "http"], /--port is a number/],
      [["--port", "65536"], /--port is a number/],
      [["--port="], /--port is a number/],
      [["--smtp-port", "smtp"], /--smtp-port is a number/],
      [["--ladder", "steep"], /--ladder is one of 2026-9, 2026-6, legacy/],
      [["--time", "canary"], /--time is a time/],
      [["--scenario", "no-such-file.yaml"], /no-such-file.yaml cannot be read/],
      [["--scenario", "package.json"], /--scenario: .*name: /],
      [["--token", "0a1b2c3d-0000-4000-8000-00000000cafe"], /looks like a real token/],
      [["--tokn", "canary"], /--tokn/],
      [["--token"], /--token/],
      [["canary"], /option/]
    ] as const
    const ended = yield* Effect.forEach(cases, ([args]) => run(args), { concurrency: 2 })
    for (const [index, { code, stderr, stdout }] of ended.entries()) {
      assert.deepStrictEqual([code, stdout], [1, ""])
      assert.match(stderr, /^effect-postmark-double: [^\n]+ \(see --help\)\n$/)
      assert.notInclude(stderr, "canary")
      assert.notInclude(stderr, "cafe")
      assert.match(stderr, cases[index]?.[1] ?? /never/)
    }
  }))

it.scopedLive("says that a port is taken", () =>
  Effect.gen(function*() {
    const server = createServer()
    yield* Effect.acquireRelease(
      Effect.async<void>((resume) => {
        server.listen(0, "127.0.0.1", () => resume(Effect.void))
      }),
      () => Effect.sync(() => server.close())
    )
    const address = server.address()
    const port = typeof address === "object" && address !== null ? address.port : 0
    const { code, stderr } = yield* run(["--port", String(port)])
    assert.deepStrictEqual([code, stderr], [
      1,
      `effect-postmark-double: cannot listen on 127.0.0.1, port ${port}: the port is taken (see --help)\n`
    ])
  }))

it.live("serves until it is told to stop", () =>
  Effect.gen(function*() {
    const statuses: Array<number> = []
    let asked = false
    const ended = yield* run(["--port", "0", "--token", "mine"], (text, stop) => {
      const url = /control API: +(\S+)\/_double/.exec(text)?.[1]
      if (url === undefined || asked) return
      asked = true
      const ask = (path: string) => fetch(url + path, { headers: { "x-postmark-server-token": "mine" } })
      void ask("/server")
        .then(({ status }) => statuses.push(status))
        .then(() => ask("/_double/openapi.json"))
        .then(({ status }) => statuses.push(status))
        .finally(stop)
    })
    assert.deepStrictEqual(statuses, [200, 200])
    assert.deepStrictEqual([ended.code, ended.stderr], [0, ""])
    assert.match(ended.stdout, /server token: {2}mine\n/)
  }))

it.scopedLive("starts with a scenario, and the arguments go before it", () =>
  Effect.gen(function*() {
    const folder = yield* Effect.acquireRelease(
      Effect.sync(() => mkdtempSync(join(tmpdir(), "double-"))),
      (folder) => Effect.sync(() => rmSync(folder, { recursive: true }))
    )
    const file = join(folder, "scenario.yaml")
    writeFileSync(
      file,
      "servers: [ { token: client-a, name: Client A }, { token: client-b } ]\nseed: a\nautoDeliver: false\n"
    )
    const answers: Array<string> = []
    let asked = false
    const args = ["--port", "0", "--scenario", file, "--seed", "b", "--time", "2026-09-30T16:04:08Z", "--paused"]
    const ended = yield* run(args, (text, stop) => {
      const url = /control API: +(\S+)\/_double/.exec(text)?.[1]
      if (url === undefined || asked) return
      asked = true
      const ask = async (path: string) =>
        answers.push(await (await fetch(url + path, { headers: { "x-postmark-server-token": "client-a" } })).text())
      void ask("/server").then(() => ask("/_double/clock")).finally(stop)
    })
    assert.deepStrictEqual([ended.code, ended.stderr], [0, ""])
    assert.match(ended.stdout, /server token: {2}client-a, client-b\n/)
    assert.include(answers[0], "\"Name\":\"Client A\"")
    assert.strictEqual(answers[1], "{\"now\":\"2026-09-30T16:04:08.000Z\",\"isPaused\":true}")
  }))

it.scopedLive("verifies senders when it is told to", () =>
  Effect.gen(function*() {
    const answers: Array<string> = []
    let asked = false
    const ended = yield* run(["--port", "0", "--sender-verification"], (text, stop) => {
      const url = /control API: +(\S+)\/_double/.exec(text)?.[1]
      if (url === undefined || asked) return
      asked = true
      const ask = async (path: string, headers: object, body: object) => {
        const answer = await fetch(url + path, {
          method: "POST",
          headers: { "content-type": "application/json", ...headers },
          body: JSON.stringify(body)
        })
        answers.push(
          /"ErrorCode":\d+|"Confirmed":\w+|true|\{\}/.exec(await answer.text())?.[0] ?? String(answer.status)
        )
      }
      const server = { "x-postmark-server-token": "double-demo-server-token" }
      const mail = { From: "shop@example.org", To: "ann@example.com", TextBody: "t" }
      void (async () => {
        await ask("/email", server, mail)
        const account = { "x-postmark-account-token": "double-demo-account-token" }
        await ask("/senders", account, { FromEmail: "shop@example.org", Name: "Shop" })
        await ask("/_double/confirm-sender", {}, { email: "shop@example.org" })
        await ask("/email", server, mail)
      })().finally(stop)
    })
    assert.deepStrictEqual([ended.code, ended.stderr], [0, ""])
    assert.deepStrictEqual([answers[0], answers[1], answers[3]], [
      "\"ErrorCode\":400",
      "\"Confirmed\":false",
      "\"ErrorCode\":0"
    ])
  }))

it.live("says the same bytes in two runs with one seed, one time and a clock that stands still, but for the date", () =>
  Effect.gen(function*() {
    const transcript = Effect.gen(function*() {
      const lines: Array<string> = []
      let asked = false
      yield* run(["--port", "0", "--seed", "monday", "--time", "2026-09-30T16:04:08Z", "--paused"], (text, stop) => {
        const url = /control API: +(\S+)\/_double/.exec(text)?.[1]
        if (url === undefined || asked) return
        asked = true
        const ask = async (method: string, path: string, body?: object) => {
          const answer = await fetch(url + path, {
            method,
            headers: { "content-type": "application/json", "x-postmark-server-token": "double-demo-server-token" },
            ...(body === undefined ? {} : { body: JSON.stringify(body) })
          })
          const headers = [...answer.headers].filter(([name]) => name !== "date")
          lines.push(`${method} ${path}`, String(answer.status), JSON.stringify(headers), await answer.text())
        }
        const mail = { From: "shop@example.org", To: "ann@example.com", TextBody: "t" }
        void (async () => {
          await ask("POST", "/email", mail)
          await ask("POST", "/email/batch", [mail, { ...mail, To: "hardbounce@bounce-testing.postmarkapp.com" }, {}])
          await ask("POST", "/_double/advance", { by: "1 minute" })
          await ask("GET", "/messages/outbound?count=10&offset=0")
          await ask("GET", "/bounces?count=10&offset=0")
          await ask("GET", "/_double/messages")
        })().finally(stop)
      })
      return lines.join("\n")
    })
    const first = yield* transcript
    assert.strictEqual(yield* transcript, first)
    assert.include(first, "\"Type\":\"HardBounce\"")
    assert.isAbove(first.length, 3_000)
  }))

it.live("takes a message by SMTP if it is asked to", () =>
  Effect.gen(function*() {
    let asked = false
    let sent = ""
    const ended = yield* run(["--port", "0", "--smtp-port", "0", "--token", "mine"], (text, stop) => {
      const [, url, smtp] = /double on (\S+)\n[^]*SMTP: +127\.0\.0\.1:(\d+)\n[^]*_double/.exec(text) ?? []
      if (url === undefined || asked) return
      asked = true
      const transport = createTransport({ host: "127.0.0.1", port: Number(smtp), auth: { user: "mine", pass: "mine" } })
      void transport.sendMail({ from: "shop@example.org", to: "ann@example.com", subject: "By SMTP", text: "t" })
        .then(() => fetch(`${url}/_double/messages`))
        .then((response) => response.text())
        .then((text) => sent = text)
        .finally(stop)
    })
    assert.deepStrictEqual([ended.code, ended.stderr], [0, ""])
    assert.include(sent, "By SMTP")
  }))
