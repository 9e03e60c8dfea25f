import * as Vault from "@effect-postmark/core/Vault"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Option, Redacted, Schema } from "effect"
import { join } from "node:path"
import { run } from "./support/child.ts"
import { database } from "./support/database.ts"
import { caller, email, idOf, start, temporaryDirectory, tokens } from "./support/harness.ts"

const key = { id: "test", key: Vault.generateKey() }
const apiKey = "an-admin-key-from-outside"
const secret = "Bearer a-webhook-secret"

const Events = Schema.Struct({
  events: Schema.Array(Schema.Struct({ sequence: Schema.Number, trigger: Schema.NullOr(Schema.String) }))
})

describe("two servers on one PostgreSQL database", () => {
  it.scopedLive("share connections, keys, secrets and events", () =>
    Effect.gen(function*() {
      const { url } = yield* database
      const settings = {
        databaseUrl: Option.some(Redacted.make(url)),
        encryptionKeys: [key],
        apiKey: Option.some(Redacted.make(apiKey))
      }
      const first = yield* start({ settings })
      const second = yield* start({ settings: { ...settings, postmarkApiUrl: Option.some(first.doubleUrl) } })
      const here = caller(first.url, apiKey)
      const there = caller(second.url, apiKey)
      const id = idOf(
        (yield* here("POST", "/v1/connections", { body: { name: "Acme", serverToken: tokens.acme } })).json
      )
      // The other server decrypts the token that this server encrypted.
      const sent = yield* there("POST", `/v1/connections/${id}/actions/send-email`, { body: email })
      assert.strictEqual(sent.status, 200)
      yield* here("POST", `/v1/connections/${id}/triggers`, { body: { trigger: "postmark/email-delivered", secret } })
      const webhook = {
        key: undefined,
        headers: { authorization: secret },
        body: {
          RecordType: "Delivery",
          ServerID: 101,
          MessageStream: "outbound",
          MessageID: "5b1f0c52-8f0e-4a6c-9f43-2b7a5d3c9e10",
          Recipient: "ann@example.com",
          Tag: "",
          DeliveredAt: "2026-09-30T16:04:10.1234567Z",
          Details: "ok",
          Metadata: {}
        }
      }
      assert.strictEqual((yield* there("POST", `/v1/webhooks/${id}`, webhook)).status, 200)
      // Postmark's retry reaches the other server.
      assert.strictEqual((yield* here("POST", `/v1/webhooks/${id}`, webhook)).status, 200)
      const { json } = yield* here("GET", "/v1/events")
      assert.deepStrictEqual(
        Schema.decodeUnknownSync(Events)(json).events.map(({ trigger }) => trigger),
        ["postmark/email-delivered"]
      )

      // A wait at one server ends with the webhook that the other one receives.
      const messageId = "5b1f0c52-8f0e-4a6c-9f43-2b7a5d3c9e11"
      const waiting = yield* Effect.fork(
        there("GET", `/v1/connections/${id}/messages/${messageId}/outcome?wait=30s`)
      )
      yield* Effect.sleep("300 millis")
      yield* here("POST", `/v1/webhooks/${id}`, { ...webhook, body: { ...webhook.body, MessageID: messageId } })
      assert.deepInclude(Object((yield* Fiber.join(waiting)).json), { status: "delivered", source: "events" })

      // Either server sends the messages of a run, and both know its outcomes.
      const started = yield* here("POST", `/v1/connections/${id}/runs`, { body: { messages: [email, email, email] } })
      const run = `/v1/connections/${id}/runs/${idOf(started.json)}`
      const done = yield* Effect.repeat(Effect.delay(there("GET", run), "50 millis"), {
        until: ({ json }) => Object(json).run.state === "completed"
      })
      assert.strictEqual(Object(done.json).accepted, 3)
    }), 90_000)

  it.scopedLive("generate no encryption key", () =>
    Effect.gen(function*() {
      const child = yield* run("bin/effect-postmark-server.mjs", {
        EFFECT_POSTMARK_PORT: "0",
        EFFECT_POSTMARK_DATA_DIR: join(yield* temporaryDirectory, "data"),
        EFFECT_POSTMARK_DATABASE_URL: "postgres://user:canary@127.0.0.1:1/x"
      })
      assert.strictEqual((yield* child.exit).code, 1)
      assert.match(child.output(), /^EFFECT_POSTMARK_ENCRYPTION_KEY is not set\. Every server on one database/)
    }), 60_000)
})

describe("move-to-postgres", () => {
  it.scopedLive("copies the file of a stopped server and prints the row counts", () =>
    Effect.gen(function*() {
      const { url } = yield* database
      const dataDir = join(yield* temporaryDirectory, "data")
      const settings = { dataDir, encryptionKeys: [key], apiKey: Option.some(Redacted.make(apiKey)) }
      const environment = { EFFECT_POSTMARK_DATA_DIR: dataDir, EFFECT_POSTMARK_DATABASE_URL: url }
      const before = yield* Effect.scoped(Effect.gen(function*() {
        const server = yield* start({ settings })
        const call = caller(server.url, apiKey)
        yield* call("POST", "/v1/connections", { body: { name: "Acme", serverToken: tokens.acme } })
        const early = yield* run("bin/effect-postmark-server.mjs", environment, ["move-to-postgres"])
        assert.strictEqual((yield* early.exit).code, 1)
        assert.include(early.output(), "is in use by another process")
        return (yield* call("GET", "/v1/connections")).json
      }))
      const child = yield* run("bin/effect-postmark-server.mjs", environment, ["move-to-postgres"])
      assert.strictEqual((yield* child.exit).code, 0, child.output())
      assert.include(child.output(), "postmark_connections: 1 rows\n")
      assert.include(child.output(), "postmark_api_keys: 1 rows\n")
      assert.include(child.output(), "move complete: the row counts of both databases match")
      const server = yield* start({ settings: { ...settings, databaseUrl: Option.some(Redacted.make(url)) } })
      assert.deepStrictEqual((yield* caller(server.url, apiKey)("GET", "/v1/connections")).json, before)
    }), 60_000)

  it.scopedLive("is listed in --help, and an unknown command fails", () =>
    Effect.gen(function*() {
      const child = yield* run("bin/effect-postmark-server.mjs", {}, ["move-to-mysql"])
      assert.strictEqual((yield* child.exit).code, 1)
      assert.include(child.output(), "unknown command: move-to-mysql")
      const help = yield* run("bin/effect-postmark-server.mjs", {}, ["--help"])
      assert.strictEqual((yield* help.exit).code, 0)
      assert.include(help.output(), "usage: effect-postmark-server")
    }), 60_000)
})
