import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Fiber, Schema, Scope } from "effect"
import { caller, codeOf, start, tokens } from "./support/harness.ts"
import { bounceText, delivery } from "./support/webhooks.ts"

const secret = "Bearer webhook-secret-one"
const messageId = "0a1b2c3d-0000-4000-8000-000000000001"

const Receipt = Schema.decodeUnknownSync(Schema.Struct({ messageId: Schema.String }))
const Outcome = Schema.decodeUnknownSync(Schema.Struct({
  status: Schema.String,
  messageId: Schema.String,
  recipient: Schema.NullOr(Schema.String),
  source: Schema.optional(Schema.String)
}))

const setUp = (double: Parameters<typeof start>[0] = {}) =>
  Effect.gen(function*() {
    const server = yield* start({ ...double, double: { autoDeliver: false, ...double.double } })
    const id = yield* server.connect(tokens.acme)
    for (const trigger of ["postmark/email-delivered", "postmark/email-bounced", "postmark/email-opened"]) {
      yield* server.call("POST", `/v1/connections/${id}/triggers`, { body: { trigger, secret } })
    }
    const post = (body: unknown) =>
      server.call("POST", `/v1/webhooks/${id}`, {
        key: undefined,
        text: typeof body === "string" ? body : JSON.stringify(body),
        headers: { authorization: secret }
      })
    const outcome = (query: string, message = messageId) =>
      server.call("GET", `/v1/connections/${id}/messages/${message}/outcome?${query}`)
    const send = (fields: object) =>
      Effect.map(
        server.call("POST", `/v1/connections/${id}/actions/send-email`, {
          body: { from: "sender@example.com", to: "reader@example.org", subject: "Hello", ...fields }
        }),
        ({ json }) => Receipt(json).messageId
      )
    return { ...server, id, post, outcome, send }
  })

const opened = (recipient: string) => ({
  RecordType: "Open",
  MessageID: messageId,
  Recipient: recipient,
  ReceivedAt: "2026-05-01T12:00:00Z",
  FirstOpen: true,
  MessageStream: "outbound",
  Metadata: {},
  Geo: []
})

describe("a message's outcome", () => {
  it.scopedLive("is answered at once from the log, for the recipient that is asked for", () =>
    Effect.gen(function*() {
      const { outcome, post } = yield* setUp()
      yield* post(delivery("ann@example.org", messageId))
      const { json, status } = yield* outcome("wait=30s")
      assert.strictEqual(status, 200)
      assert.deepInclude(Object(json), {
        status: "delivered",
        messageId,
        recipient: "ann@example.org",
        source: "events"
      })
      assert.strictEqual(Object(json).event.recipient, "ann@example.org")
      const other = yield* outcome("recipient=bob@example.org")
      assert.deepStrictEqual(other.json, { status: "pending", messageId, recipient: "bob@example.org" })
    }))

  it.scopedLive("ends all waits when the event comes", () =>
    Effect.gen(function*() {
      const { outcome, post } = yield* setUp()
      const waiting = yield* Effect.fork(
        Effect.all(Array.from({ length: 200 }, () => outcome("wait=60s")), { concurrency: "unbounded" })
      )
      yield* Effect.sleep("300 millis")
      yield* post(delivery("ann@example.org", messageId))
      const all = yield* Fiber.join(waiting)
      assert.deepStrictEqual(new Set(all.map(({ json }) => Outcome(json).status)), new Set(["delivered"]))
    }), 60_000)

  it.scopedLive("says that the message bounced, and how", () =>
    Effect.gen(function*() {
      const { outcome, post } = yield* setUp()
      yield* post(bounceText("1600123456"))
      const { json } = yield* outcome("wait=1s", "0a1b2c3d-0000-4000-8000-000000000002")
      const found = Outcome(json)
      assert.strictEqual(found.status, "bounced")
      assert.strictEqual(Object(json).event.bounceId, "1600123456")
    }))

  it.scopedLive("is pending when the time is over, and leaves nothing behind", () =>
    Effect.gen(function*() {
      const { outcome } = yield* setUp()
      for (const wait of ["wait=200ms", "wait=0s", ""]) {
        assert.strictEqual(Outcome((yield* outcome(wait)).json).status, "pending")
      }
    }))

  it.scopedLive("comes from Postmark's history when the webhook was missed", () =>
    Effect.gen(function*() {
      const { outcome, send } = yield* setUp({ double: { autoDeliver: true } })
      const message = yield* send({ textBody: "Hi" })
      const found = yield* Effect.repeat(
        Effect.map(outcome("wait=100ms", message), ({ json }) => Outcome(json)),
        { until: ({ status }) => status === "delivered" }
      )
      assert.deepInclude(found, { status: "delivered", recipient: "reader@example.org", source: "postmark" })
    }))

  it.scopedLive("for an open is refused at once when none will be reported", () =>
    Effect.gen(function*() {
      const { outcome, post, send } = yield* setUp()
      const untracked = yield* outcome("wait=60s&for=opened", yield* send({ htmlBody: "<p>Hi</p>" }))
      assert.deepStrictEqual([untracked.status, codeOf(untracked)], [422, "open_not_reported"])
      assert.include(untracked.text, "open tracking is off")
      const textOnly = yield* outcome("wait=60s&for=opened", yield* send({ textBody: "Hi", trackOpens: true }))
      assert.include(textOnly.text, "no HTML body")
      const tracked = yield* send({ htmlBody: "<p>Hi</p>", trackOpens: true })
      assert.strictEqual(Outcome((yield* outcome("for=opened", tracked)).json).status, "pending")
      yield* post(opened("ann@example.org"))
      assert.strictEqual(Outcome((yield* outcome("for=opened")).json).status, "opened")
    }))

  it.scopedLive("is pending at once when the server shuts down", () =>
    Effect.gen(function*() {
      const scope = yield* Scope.make()
      const { outcome } = yield* Scope.extend(setUp({ server: { drainTimeout: "30 seconds" } }), scope)
      const waiting = yield* Effect.fork(outcome("wait=60s"))
      yield* Effect.sleep("500 millis")
      yield* Scope.close(scope, Exit.void)
      assert.strictEqual(Outcome((yield* Fiber.join(waiting)).json).status, "pending")
    }), 25_000)

  it.scopedLive("with bad input gets a 422 that names the parameter", () =>
    Effect.gen(function*() {
      const { outcome } = yield* setUp()
      for (
        const query of [
          "wait=61s",
          "wait=-1s",
          "wait=1m",
          "wait=1s&wait=2s",
          "recipient=nobody",
          "for=clicked",
          "machineOpens=x",
          "until=1"
        ]
      ) {
        const response = yield* outcome(query)
        assert.strictEqual(response.status, 422, query)
        assert.include(response.text, `"path":["${query.split("=")[0]}"`)
      }
      const malformed = yield* outcome("", "not-an-id")
      assert.strictEqual(malformed.status, 422)
      assert.include(malformed.text, "\"path\":[\"messageId\"]")
    }))

  it.scopedLive("cannot be asked for through a connection that the key cannot access", () =>
    Effect.gen(function*() {
      const { call, connect, id, url } = yield* setUp()
      const other = yield* connect(tokens.other, "Other")
      const made = yield* call("POST", "/v1/api-keys", { body: { name: "other", connections: [other] } })
      const { key } = Schema.decodeUnknownSync(Schema.Struct({ key: Schema.String }))(made.json)
      const refused = yield* caller(url, key)("GET", `/v1/connections/${id}/messages/${messageId}/outcome`)
      assert.deepStrictEqual([refused.status, codeOf(refused)], [404, "connection_not_found"])
    }))
})
