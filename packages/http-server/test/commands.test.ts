import * as Settings from "@effect-postmark/http-server/Settings"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Option, Redacted } from "effect"
import { readFileSync, statSync } from "node:fs"
import { join } from "node:path"
import { parse, usage } from "../src/internal/commandLine.ts"
import { freePort, run } from "./support/child.ts"
import { caller, start, startDouble, temporaryDirectory, tokens } from "./support/harness.ts"

const bin = "bin/effect-postmark-server.mjs"

const messageOf = (...words: ReadonlyArray<string>): string => {
  const parsed = parse(words)
  return parsed._tag === "Invalid" ? parsed.message.split("\n\n")[0] ?? "" : parsed._tag
}

describe("the command line", () => {
  it("serves without a command", () => {
    assert.deepStrictEqual(parse([]), { _tag: "Command", name: "serve", flags: [], args: [] })
  })

  it("has a shorter name for rotate-encryption-key", () => {
    assert.deepStrictEqual(parse(["rotate-keys", "--check"]), parse(["rotate-encryption-key", "--check"]))
  })

  it("guesses what an unknown command means", () => {
    assert.strictEqual(messageOf("bakcup", "x"), "unknown command: bakcup x\ndid you mean backup?")
    assert.strictEqual(messageOf("rotate"), "unknown command: rotate")
    assert.strictEqual(messageOf("checkconfig"), "unknown command: checkconfig\ndid you mean check-config?")
    assert.strictEqual(messageOf("frobnicate"), "unknown command: frobnicate")
  })

  it("refuses unknown flags and wrong arguments", () => {
    assert.strictEqual(messageOf("serve", "--check"), "unknown command: serve --check")
    assert.strictEqual(messageOf("migrate", "now"), "unknown command: migrate now")
    assert.strictEqual(messageOf("backup"), "backup must be followed by <file>")
  })

  it("prints help that names every command", () => {
    for (const words of [["--help"], ["help"], ["backup", "-h"]]) assert.strictEqual(parse(words)._tag, "Help")
    for (const name of ["serve", "check-config", "migrate", "backup <file>", "rotate-encryption-key"]) {
      assert.include(usage, `  ${name} `)
    }
  })
})

describe("the program", () => {
  it.scopedLive("prints its version, and checks settings without making anything", () =>
    Effect.gen(function*() {
      const version = yield* run(bin, {}, ["--version"])
      assert.strictEqual((yield* version.exit).code, 0)
      const manifest: { readonly version: string } = JSON.parse(readFileSync("package.json", "utf8"))
      assert.strictEqual(version.output(), `${manifest.version}\n`)

      const dataDir = join(yield* temporaryDirectory, "none")
      const checked = yield* run(bin, {
        EFFECT_POSTMARK_DATA_DIR: dataDir,
        EFFECT_POSTMARK_API_KEY: "a-canary-of-twenty-characters",
        EFFECT_POSTMARK_DATABASE_URL: "postgres://user:canary@db.example.com/x",
        EFFECT_POSTMARK_ENCRYPTION_KEY: `one:${"A".repeat(43)}`
      }, ["check-config"])
      assert.strictEqual((yield* checked.exit).code, 0, checked.output())
      assert.include(checked.output(), "apiKey: set\n")
      assert.include(checked.output(), "encryptionKeys: one\n")
      assert.include(checked.output(), "EFFECT_POSTMARK_METRICS_TOKEN")
      assert.notInclude(checked.output(), "canary")
      assert.notInclude(checked.output(), "AAAA")
      assert.throws(() => statSync(dataDir))

      const production = yield* run(bin, { NODE_ENV: "production" }, ["check-config"])
      assert.strictEqual((yield* production.exit).code, 1)
      assert.include(production.output(), "EFFECT_POSTMARK_ENCRYPTION_KEY is not set")
    }), 120_000)

  it.scopedLive(
    "refuses to start with an unknown variable, and names everything that is wrong at once",
    () =>
      Effect.gen(function*() {
        const child = yield* run(bin, { EFFECT_POSTMARK_PROT: "canary", EFFECT_POSTMARK_MODE: "staging" })
        assert.strictEqual((yield* child.exit).code, 1)
        assert.include(child.output(), "EFFECT_POSTMARK_PROT: unknown variable, did you mean EFFECT_POSTMARK_PORT?")
        assert.include(child.output(), "EFFECT_POSTMARK_MODE: ")
        assert.notInclude(child.output(), "canary")
      }),
    60_000
  )

  it.scopedLive(
    "makes the tables, backs up the file of a running server, and starts from the copy",
    () =>
      Effect.gen(function*() {
        const dataDir = yield* temporaryDirectory
        const apiKey = "an-admin-key-from-outside"
        const encryptionKeys = [{ id: "one", key: Redacted.make("A".repeat(43)) }]
        const settings = { apiKey: Option.some(Redacted.make(apiKey)), encryptionKeys }
        const environment = { EFFECT_POSTMARK_DATA_DIR: dataDir }
        const migrated = yield* run(bin, environment, ["migrate"])
        assert.strictEqual((yield* migrated.exit).code, 0, migrated.output())
        assert.match(migrated.output(), /^the tables on SQLite are up to date: migration \d+\n$/)

        const restored = yield* temporaryDirectory
        const before = yield* Effect.scoped(Effect.gen(function*() {
          const server = yield* start({ settings: { ...settings, dataDir } })
          yield* server.connect(tokens.acme)
          const child = yield* run(bin, environment, ["backup", join(restored, "effect-postmark.db")])
          assert.strictEqual((yield* child.exit).code, 0, child.output())
          const again = yield* run(bin, environment, ["backup", join(restored, "effect-postmark.db")])
          assert.strictEqual((yield* again.exit).code, 1)
          assert.include(again.output(), "exists already")
          return (yield* server.call("GET", "/v1/connections")).json
        }))
        const server = yield* start({ settings: { ...settings, dataDir: restored } })
        assert.deepStrictEqual((yield* server.call("GET", "/v1/connections")).json, before)
      }),
    60_000
  )

  it.scopedLive("writes only JSON in production, each line with the request's id", () =>
    Effect.gen(function*() {
      const port = yield* freePort
      const double = yield* startDouble()
      const apiKey = "an-admin-key-from-outside"
      const child = yield* run(bin, {
        NODE_ENV: "production",
        EFFECT_POSTMARK_PORT: String(port),
        EFFECT_POSTMARK_DATA_DIR: yield* temporaryDirectory,
        EFFECT_POSTMARK_POSTMARK_API_URL: double.url,
        EFFECT_POSTMARK_ENCRYPTION_KEY: "A".repeat(43),
        EFFECT_POSTMARK_API_KEY: apiKey,
        EFFECT_POSTMARK_LOG_LEVEL: "debug"
      })
      yield* child.says("listens on")
      yield* caller(`http://127.0.0.1:${port}`, apiKey)("GET", "/v1/connections", {
        headers: { "X-Request-Id": "seen-in-the-log" }
      })
      yield* child.says("seen-in-the-log")
      child.process.kill("SIGTERM")
      assert.strictEqual((yield* child.exit).code, 0)
      const lines: ReadonlyArray<Record<string, unknown>> = child.output().trim().split("\n").map((line) =>
        JSON.parse(line)
      )
      const responded = lines.find(({ message }) => message === "responded to a request")
      assert.deepInclude(Object(responded).annotations, {
        requestId: "seen-in-the-log",
        route: "/v1/connections",
        status: 200
      })
      assert.match(String(responded?.["traceId"]), /^[0-9a-f]{32}$/)
    }), 120_000)
})

describe("the names of the settings", () => {
  const unknown = (...names: ReadonlyArray<string>) => Effect.runSync(Settings.unknownVariables(names))

  it("are all in the README, and nothing else is", () => {
    const rows = Array.from(
      readFileSync("README.md", "utf8").matchAll(/^\| `(EFFECT_POSTMARK_\w+)` /gm),
      ([, name]) => name
    )
    assert.sameMembers([...Effect.runSync(Settings.names)], rows)
  })

  it("are guessed from what is similar", () => {
    const guesses = {
      EFFECT_POSTMARK_PROT: "EFFECT_POSTMARK_PORT",
      EFFECT_POSTMARK_DB_URL: "EFFECT_POSTMARK_DATABASE_URL",
      EFFECT_POSTMARK_ENCRYPTION_KEYS: "EFFECT_POSTMARK_ENCRYPTION_KEY",
      EFFECT_POSTMARK_DATADIR: "EFFECT_POSTMARK_DATA_DIR",
      effect_postmark_port: "EFFECT_POSTMARK_PORT",
      EFFECTPOSTMARK_PUBLIC_URL: "EFFECT_POSTMARK_PUBLIC_URL",
      EFFECT_POSTMARK_QQQQ: undefined
    }
    for (const [name, guess] of Object.entries(guesses)) assert.deepStrictEqual(unknown(name), [{ name, guess }])
  })

  it("are not expected of other programs' variables", () => {
    assert.deepStrictEqual(unknown("PATH", "POSTMARK_TOKEN", "NODE_ENV", "EFFECT_POSTMARK_MODE"), [])
  })
})
