import * as Vault from "@effect-postmark/core/Vault"
import { AuditPage } from "@effect-postmark/http-server/api/AuditApi"
import * as Settings from "@effect-postmark/http-server/Settings"
import { assert, describe, it } from "@effect/vitest"
import { Console, Effect, Either, Option, Redacted, Schema } from "effect"
import { join } from "node:path"
import * as KeysArguments from "../src/internal/keysArguments.ts"
import * as KeysCommand from "../src/internal/keysCommand.ts"
import { run } from "./support/child.ts"
import { database } from "./support/database.ts"
import { caller, start, temporaryDirectory, tokens } from "./support/harness.ts"

const apiKey = "an-admin-key-from-outside"
const Page = Schema.decodeUnknownSync(AuditPage)

/** The command as a program. */
const child = (environment: Readonly<Record<string, string>>, ...args: ReadonlyArray<string>) =>
  Effect.gen(function*() {
    const child = yield* run("src/bin.ts", environment, ["keys", ...args])
    const { code } = yield* child.exit
    return { code, output: child.output() }
  })

/** The command in this process. */
const command = (settings: Settings.Settings, ...args: ReadonlyArray<string>) =>
  Effect.gen(function*() {
    const lines: Array<unknown> = []
    const collect = (...parts: ReadonlyArray<unknown>) => Effect.sync(() => void lines.push(...parts))
    const collecting = yield* Console.consoleWith((own) => Effect.succeed({ ...own, log: collect, error: collect }))
    const result = yield* Effect.either(Console.withConsole(KeysCommand.run(settings, args), collecting))
    return Either.isRight(result)
      ? { code: 0, output: lines.join("\n") }
      : { code: 1, output: result.left.message }
  })

const keyIn = (output: string) => /^ep\.key_[\w-]+\.[\w-]+$/m.exec(output)?.[0] ?? ""
const idIn = (output: string) => /key_[\w-]+/.exec(output)?.[0] ?? ""

describe("keys", () => {
  it.scopedLive("creates, lists and revokes keys on the file of a stopped server", () =>
    Effect.gen(function*() {
      const dataDir = join(yield* temporaryDirectory, "data")
      const settings = { dataDir, apiKey: Option.some(Redacted.make(apiKey)) }
      const offline = Settings.make(settings)
      const nothing = yield* command(offline, "create", "--name", "early")
      assert.strictEqual(nothing.code, 1)
      assert.include(nothing.output, "start the server once")
      const id = yield* Effect.scoped(Effect.gen(function*() {
        const { connect } = yield* start({ settings })
        const busy = yield* command(offline, "list")
        assert.strictEqual(busy.code, 1)
        assert.include(busy.output, "manage keys over HTTP while it runs")
        return yield* connect(tokens.acme)
      }))
      const made = yield* command(
        offline,
        "create",
        "--name",
        "shop",
        "--connections",
        id,
        "--scopes",
        "send,read",
        "--expires-in",
        "90d"
      )
      assert.strictEqual(made.code, 0, made.output)
      const other = yield* command(offline, "create", "--name", "gone")
      assert.strictEqual((yield* command(offline, "revoke", idIn(other.output))).code, 0)
      const again = yield* command(offline, "revoke", idIn(other.output))
      assert.strictEqual(again.code, 1)
      assert.include(again.output, "or it is revoked already")
      const unknown = yield* command(offline, "create", "--name", "x", "--connections", "con_none")
      assert.strictEqual(unknown.code, 1)
      assert.include(unknown.output, "there is no connection con_none")
      const list = yield* command(offline, "list")
      assert.match(
        list.output,
        /"shop" {2}connections: con_\S+ {2}scopes: send,read {2}expires \S+ {2}created \S+ {2}never used/
      )
      assert.match(list.output, /"gone" {2}admin {2}scopes: send,read,manage {2}revoked /)
      assert.strictEqual(keyIn(list.output), "")

      const { call, url } = yield* start({ settings })
      const shop = caller(url, keyIn(made.output))
      assert.strictEqual((yield* shop("GET", `/v1/connections/${id}`)).status, 200)
      assert.strictEqual((yield* shop("POST", `/v1/connections/${id}/revoke`)).status, 403)
      assert.strictEqual((yield* caller(url, keyIn(other.output))("GET", "/v1/connections")).status, 401)
      const { entries } = Page((yield* call("GET", "/v1/audit")).json)
      // The stopped server wrote it before it closed the file.
      assert.deepInclude(entries.find(({ operation }) => operation === "connections.connect"), { outcome: "done" })
      const commands = entries.filter(({ actor }) => actor === "commandLine")
      assert.deepStrictEqual(
        commands.map(({ keyId, operation, outcome, targetId }) => [keyId, operation, targetId, outcome]),
        [
          [null, "keys revoke", idIn(other.output), "refused"],
          [null, "keys revoke", idIn(other.output), "done"],
          [null, "keys create", idIn(other.output), "done"],
          [null, "keys create", idIn(made.output), "done"]
        ]
      )
    }), 60_000)

  it.scopedLive("work on PostgreSQL while a server runs", () =>
    Effect.gen(function*() {
      const { url: databaseUrl } = yield* database
      const { url } = yield* start({
        settings: {
          databaseUrl: Option.some(Redacted.make(databaseUrl)),
          encryptionKeys: [{ id: "test", key: Vault.generateKey() }],
          apiKey: Option.some(Redacted.make(apiKey))
        }
      })
      const environment = { EFFECT_POSTMARK_DATABASE_URL: databaseUrl }
      const made = yield* child(environment, "create", "--name", "reader", "--scopes", "read")
      assert.strictEqual(made.code, 0, made.output)
      const call = caller(url, keyIn(made.output))
      assert.strictEqual((yield* call("GET", "/v1/connections")).status, 200)
      assert.strictEqual((yield* child(environment, "revoke", idIn(made.output))).code, 0)
      // The next request already.
      assert.strictEqual((yield* call("GET", "/v1/connections")).status, 401)
    }), 120_000)
})

describe("the arguments of keys", () => {
  const wrong: ReadonlyArray<readonly [ReadonlyArray<string>, string]> = [
    [[], "a command is missing"],
    [["make"], "unknown command: keys make"],
    [["list", "all"], "unknown argument: all"],
    [["revoke"], "needs the id"],
    [["revoke", "x"], "needs the id"],
    [["create"], "--name must be"],
    [["create", "--name", ""], "--name must be"],
    [["create", "--name", "x".repeat(201)], "--name must be"],
    [["create", "--name", "x", "--connections", " , "], "--connections must be one or more"],
    [["create", "--name", "x", "--scopes", "read,admin"], "unknown scope \"admin\""],
    [["create", "--name", "x", "--scopes", ""], "--scopes must be one or more"],
    [["create", "--name", "x", "--expires-in", "90"], "--expires-in must be"],
    [["create", "--name", "x", "--expires-in", "0d"], "--expires-in must be"],
    [["create", "--name", "x", "--rate-limit", "0"], "--rate-limit must be"],
    [["create", "--name", "x", "--rate-limit", "1000001"], "--rate-limit must be"],
    [["create", "--name", "x", "--admin"], "--admin"],
    [["create", "--name", "x", "y"], "y"]
  ]
  for (const [args, message] of wrong) {
    it.effect(`refuse "${args.join(" ").slice(0, 60)}"`, () =>
      Effect.map(Effect.flip(KeysArguments.parse(args)), (error) => {
        assert.include(error.message, message)
        assert.include(error.message, "usage: effect-postmark-server keys create")
      }))
  }

  it.effect("say what the key is good for", () =>
    Effect.gen(function*() {
      const parsed = yield* KeysArguments.parse([
        "create",
        "--name",
        "x",
        "--connections",
        "a, b",
        "--scopes=send",
        "--expires-in",
        "2w",
        "--rate-limit",
        "60"
      ])
      assert.deepInclude(parsed, { keyName: "x", connections: ["a", "b"], scopes: ["send"], rateLimit: 60 })
      const all = yield* KeysArguments.parse(["create", "--name", "x"])
      assert.deepInclude(all, { connections: null, scopes: undefined, expiresIn: undefined, rateLimit: undefined })
    }))
})
