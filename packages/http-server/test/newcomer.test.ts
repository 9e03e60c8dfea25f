import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Option, Schema } from "effect"
import { Webhook } from "standardwebhooks"
import { freePort } from "./support/child.ts"
import { codeOf, start, tokens } from "./support/harness.ts"
import { target } from "./support/target.ts"

const Subscribed = Schema.decodeUnknownSync(Schema.Struct({
  receiverUrl: Schema.String,
  generatedSecret: Schema.optional(Schema.String),
  warnings: Schema.Array(Schema.String),
  relayTarget: Schema.Struct({ target: Schema.Struct({ id: Schema.String }), secret: Schema.optional(Schema.String) }),
  provisioning: Schema.Struct({
    isComplete: Schema.Boolean,
    openTracking: Schema.String,
    streams: Schema.Array(Schema.Struct({ action: Schema.String }))
  })
}))
const Receipt = Schema.decodeUnknownSync(Schema.Struct({ messageId: Schema.String }))

describe("a newcomer", () => {
  it.scopedLive(
    "connects, provisions, subscribes with a target, receives signed events, rotates everything and revokes",
    () =>
      Effect.gen(function*() {
        const [port, workflow] = [yield* freePort, yield* target]
        const { call, connect, double } = yield* start({
          double: { autoDeliver: false },
          settings: {
            port,
            publicUrl: Option.some(`http://127.0.0.1:${port}`),
            relayHosts: ["127.0.0.1"],
            relayPorts: [workflow.port]
          }
        })
        const id = yield* connect(tokens.acme)
        const base = `/v1/connections/${id}`

        // One call subscribes, relays, and creates the webhook in Postmark.
        const first = yield* call("POST", `${base}/triggers`, {
          body: { trigger: "postmark/email-delivered", relay: { url: workflow.url }, provision: {} }
        })
        assert.strictEqual(first.status, 201, first.text)
        const delivered = Subscribed(first.json)
        assert.strictEqual(delivered.receiverUrl, `http://127.0.0.1:${port}/v1/webhooks/${id}`)
        assert.isDefined(delivered.generatedSecret)
        assert.deepInclude(delivered.provisioning, { isComplete: true, streams: [{ action: "created" }] })
        const second = yield* call("POST", `${base}/triggers`, {
          body: { trigger: "email-opened", relay: { url: workflow.url }, provision: { openTracking: true } }
        })
        const opened = Subscribed(second.json)
        assert.deepInclude(opened.provisioning, { openTracking: "turnedOn", streams: [{ action: "repaired" }] })
        assert.deepStrictEqual(opened.warnings, [])

        // Repeated, the call makes nothing twice, and shows no secret again.
        const again = yield* call("POST", `${base}/triggers`, {
          body: { trigger: "email-opened", relay: { url: workflow.url }, provision: {} }
        })
        assert.strictEqual(Subscribed(again.json).relayTarget.target.id, opened.relayTarget.target.id)
        assert.isUndefined(Subscribed(again.json).relayTarget.secret)
        assert.deepInclude(Subscribed(again.json).provisioning, { streams: [{ action: "unchanged" }] })
        const check = yield* call("GET", `${base}/provisioning`)
        assert.deepInclude(Object(check.json).streams[0], { state: "ok", differences: [] })

        const send = call("POST", `${base}/actions/send-email`, {
          body: { from: "sender@example.com", to: "ann@example.org", subject: "Hello", htmlBody: "<p>Hi</p>" }
        })
        const { messageId } = Receipt((yield* send).json)
        const outcome = yield* Effect.fork(call("GET", `${base}/messages/${messageId}/outcome?wait=30s`))
        yield* double.deliver(messageId, "ann@example.org")
        assert.deepInclude(Object((yield* Fiber.join(outcome)).json), {
          status: "delivered",
          recipient: "ann@example.org"
        })
        yield* double.open(messageId, "ann@example.org")
        const open = yield* call("GET", `${base}/messages/${messageId}/outcome?wait=30s&for=opened`)
        assert.deepInclude(Object(open.json), { status: "opened", source: "events" })

        const events = yield* workflow.received(2)
        const secrets: Readonly<Record<string, string>> = {
          "email-delivered": delivered.relayTarget.secret ?? "",
          "email-opened": opened.relayTarget.secret ?? ""
        }
        for (const { body, headers } of events) {
          const name = body.includes("postmark/email-opened") ? "email-opened" : "email-delivered"
          new Webhook(secrets[name] ?? "").verify(body, headers)
          assert.include(body, messageId)
        }

        // Everything rotates while emails are sent and delivered.
        const load = yield* Effect.fork(Effect.forEach(
          Array.from({ length: 30 }),
          () =>
            Effect.gen(function*() {
              const sent = yield* send
              assert.strictEqual(sent.status, 200)
              yield* double.deliver(Receipt(sent.json).messageId, "ann@example.org")
            }),
          { concurrency: 3 }
        ))
        const token = yield* call("POST", `${base}/rotate`, { body: { serverToken: tokens.acme } })
        assert.strictEqual(token.status, 200)
        const secret = yield* call("POST", `${base}/provisioning/rotate-secret`, { body: {} })
        assert.deepInclude(Object(secret.json), { isComplete: true })
        const targetBase = `${base}/relay-targets/${delivered.relayTarget.target.id}`
        const rotated = yield* call("POST", `${targetBase}/rotate-secret`)
        yield* Fiber.join(load)
        yield* double.settled
        const all = yield* workflow.received(32)
        const last = all.at(-1)
        assert.isDefined(last)
        if (last !== undefined) new Webhook(Object(rotated.json).secret).verify(last.body, last.headers)
        for (const { status } of yield* double.webhookAttempts) assert.strictEqual(status, 200)
        assert.isNull(Object((yield* call("GET", base)).json).lastRefusedAt)
        const early = yield* call("POST", `${base}/provisioning/finish-rotation`)
        assert.deepStrictEqual([early.status, codeOf(early)], [409, "rotation_unfinished"])

        assert.strictEqual((yield* call("POST", `${base}/revoke`)).status, 200)
        const refused = yield* send
        assert.deepStrictEqual([refused.status, codeOf(refused)], [410, "connection_revoked"])
      }),
    90_000
  )
})
