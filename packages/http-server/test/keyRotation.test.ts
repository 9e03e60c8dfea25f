import * as Vault from "@effect-postmark/core/Vault"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Option, Redacted } from "effect"
import { join } from "node:path"
import { run } from "./support/child.ts"
import { database } from "./support/database.ts"
import { caller, email, idOf, start, startDouble, temporaryDirectory, tokens } from "./support/harness.ts"

const oldKey = { id: "old", key: Vault.generateKey() }
const newKey = { id: "new", key: Vault.generateKey() }
const apiKey = "an-admin-key-from-outside"
const text = (...keys: ReadonlyArray<Vault.Key>) => keys.map(({ id, key }) => `${id}:${Redacted.value(key)}`).join(",")

const connect = (url: string) =>
  Effect.gen(function*() {
    const call = caller(url, apiKey)
    const id = idOf((yield* call("POST", "/v1/connections", { body: { name: "Acme", serverToken: tokens.acme } })).json)
    yield* call("POST", `/v1/connections/${id}/triggers`, { body: { trigger: "postmark/email-delivered" } })
    return id
  })

const send = (url: string, id: string) =>
  Effect.map(
    caller(url, apiKey)("POST", `/v1/connections/${id}/actions/send-email`, { body: email }),
    ({ status }) => status
  )

describe("rotate-keys", () => {
  it.scopedLive("encrypts the secrets on PostgreSQL again while a server uses them", () =>
    Effect.gen(function*() {
      const { url: databaseUrl } = yield* database
      const settings = {
        databaseUrl: Option.some(Redacted.make(databaseUrl)),
        apiKey: Option.some(Redacted.make(apiKey))
      }
      const server = yield* start({ settings: { ...settings, encryptionKeys: [oldKey, newKey] } })
      const id = yield* connect(server.url)
      const rotate = (keys: string, ...flags: ReadonlyArray<string>) =>
        Effect.gen(function*() {
          const child = yield* run("src/bin.ts", {
            EFFECT_POSTMARK_DATABASE_URL: databaseUrl,
            EFFECT_POSTMARK_ENCRYPTION_KEY: keys
          }, ["rotate-keys", ...flags])
          const { code } = yield* child.exit
          assert.notInclude(child.output(), Redacted.value(oldKey.key))
          return { code, output: child.output() }
        })
      const before = yield* rotate(text(newKey, oldKey), "--check")
      assert.strictEqual(before.code, 1)
      assert.include(before.output, "2 secrets need the key old\n")
      const rotated = yield* rotate(text(newKey, oldKey))
      assert.strictEqual(rotated.code, 0, rotated.output)
      assert.include(rotated.output, "2 secrets were encrypted again with the first key\n")
      assert.strictEqual(yield* send(server.url, id), 200)
      const after = yield* rotate(text(newKey), "--check")
      assert.strictEqual(after.code, 0, after.output)
      assert.include(after.output, "complete: no secret needs another key than the first")
      const withoutKey = yield* rotate(text(oldKey))
      assert.strictEqual(withoutKey.code, 1)
      assert.include(withoutKey.output, `cannot be decrypted: the token of connection ${id}\n`)
      const next = yield* start({
        settings: { ...settings, encryptionKeys: [newKey], postmarkApiUrl: Option.some(server.doubleUrl) }
      })
      assert.strictEqual(yield* send(next.url, id), 200)
    }), 120_000)

  it.scopedLive(
    "works on the file of a stopped server, and says what to do while it runs",
    () =>
      Effect.gen(function*() {
        const dataDir = join(yield* temporaryDirectory, "data")
        const settings = { dataDir, apiKey: Option.some(Redacted.make(apiKey)) }
        const environment = {
          EFFECT_POSTMARK_DATA_DIR: dataDir,
          EFFECT_POSTMARK_ENCRYPTION_KEY: text(newKey, oldKey)
        }
        const nothing = yield* run("src/bin.ts", environment, ["rotate-keys"])
        assert.strictEqual((yield* nothing.exit).code, 1)
        assert.include(nothing.output(), "set EFFECT_POSTMARK_DATA_DIR to its directory")
        const id = yield* Effect.scoped(Effect.gen(function*() {
          const server = yield* start({ settings: { ...settings, encryptionKeys: [oldKey] } })
          const early = yield* run("src/bin.ts", environment, ["rotate-keys"])
          assert.strictEqual((yield* early.exit).code, 1)
          assert.include(early.output(), "stop the server, or restart it with several keys")
          return yield* connect(server.url)
        }))
        const child = yield* run("src/bin.ts", environment, ["rotate-keys"])
        assert.strictEqual((yield* child.exit).code, 0, child.output())
        const server = yield* start({ settings: { ...settings, encryptionKeys: [newKey] } })
        assert.strictEqual(yield* send(server.url, id), 200)
      }),
    60_000
  )

  it.scopedLive("is done by a server that starts with several keys", () =>
    Effect.gen(function*() {
      const dataDir = join(yield* temporaryDirectory, "data")
      const settings = { dataDir, apiKey: Option.some(Redacted.make(apiKey)) }
      const id = yield* Effect.scoped(Effect.gen(function*() {
        const server = yield* start({ settings: { ...settings, encryptionKeys: [oldKey] } })
        return yield* connect(server.url)
      }))
      const { url: doubleUrl } = yield* startDouble()
      const child = yield* run("src/bin.ts", {
        EFFECT_POSTMARK_PORT: "0",
        EFFECT_POSTMARK_DATA_DIR: dataDir,
        EFFECT_POSTMARK_API_KEY: apiKey,
        EFFECT_POSTMARK_POSTMARK_API_URL: doubleUrl,
        EFFECT_POSTMARK_ENCRYPTION_KEY: text(newKey, oldKey)
      })
      yield* child.says("the other keys are not needed")
      child.process.kill("SIGTERM")
      yield* child.exit
      const server = yield* start({ settings: { ...settings, encryptionKeys: [newKey] } })
      assert.strictEqual(yield* send(server.url, id), 200)
    }), 120_000)

  it.scopedLive("refuses other flags", () =>
    Effect.gen(function*() {
      for (const args of [["rotate-keys", "--force"], ["serve", "--check"]]) {
        const child = yield* run("src/bin.ts", {}, args)
        assert.strictEqual((yield* child.exit).code, 1)
        assert.include(child.output(), `unknown command: ${args.join(" ")}`)
      }
    }), 120_000)
})
