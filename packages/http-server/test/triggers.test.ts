import * as PostmarkTriggers from "@effect-postmark/core/PostmarkTriggers"
import * as Trigger from "@effect-postmark/core/Trigger"
import { assert, describe, it } from "@effect/vitest"
import { Effect, ParseResult, Schema } from "effect"
import { start, tokens } from "./support/harness.ts"
import { bounceText, delivery } from "./support/webhooks.ts"

const secret = "Bearer webhook-secret-one"
const messageId = "0a1b2c3d-0000-4000-8000-000000000001"

const Rated = Schema.Struct({ Stars: Schema.Int, RatedAt: Schema.Date }).annotations({ identifier: "MessageRated" })

/** A custom trigger. */
const rated = Trigger.make("acme/message-rated", {
  title: "Message rated",
  description: "A recipient gave the message stars",
  recordType: "Rating",
  event: Rated,
  fromWebhook: (body) => ParseResult.decodeUnknownEither(Rated)(body)
})

const about = { MessageStream: "outbound", Tag: "welcome", Metadata: { order: "7" } }

const bodies: Readonly<Record<string, string>> = {
  "postmark/email-delivered": JSON.stringify(delivery("reader@example.org")),
  "postmark/email-bounced": bounceText("1600123456"),
  "postmark/email-opened": JSON.stringify({
    ...about,
    RecordType: "Open",
    MessageID: messageId,
    Recipient: "reader@example.org",
    ReceivedAt: "2026-05-01T12:00:00Z",
    Geo: []
  }),
  "postmark/link-clicked": JSON.stringify({
    ...about,
    RecordType: "Click",
    MessageID: messageId,
    Recipient: "reader@example.org",
    ReceivedAt: "2026-05-01T12:00:00Z",
    OriginalLink: "https://example.org/"
  }),
  "postmark/spam-complaint": JSON.stringify({
    ...about,
    RecordType: "SpamComplaint",
    ID: 7,
    Type: "SpamComplaint",
    TypeCode: 100001,
    MessageID: messageId,
    Email: "reader@example.org",
    BouncedAt: "2026-05-01T12:00:00Z"
  }),
  "postmark/subscription-changed": JSON.stringify({
    ...about,
    RecordType: "SubscriptionChange",
    MessageID: "00000000-0000-0000-0000-000000000000",
    Recipient: "reader@example.org",
    ChangedAt: "2026-05-01T12:00:00Z",
    Origin: "Customer",
    SuppressSending: true,
    SuppressionReason: "ManualSuppression"
  }),
  "postmark/inbound-received": JSON.stringify({
    MessageStream: "inbound",
    MessageID: messageId,
    FromFull: { Email: "reader@example.org", Name: "Reader" },
    ToFull: [{ Email: "in@inbound.example.org" }],
    Subject: "Hello"
  }),
  "acme/message-rated": JSON.stringify({ RecordType: "Rating", Stars: 5, RatedAt: "2026-05-01T12:00:00.000Z" })
}

const Definitions = Schema.decodeUnknownSync(Schema.Struct({
  triggers: Schema.Array(Schema.Struct({ id: Schema.String, recordType: Schema.String, event: Schema.Object }))
}))

const Events = Schema.decodeUnknownSync(Schema.Struct({
  events: Schema.Array(Schema.Struct({ trigger: Schema.String, status: Schema.String, event: Schema.Object }))
}))

describe("every trigger, built in or custom", () => {
  it.scopedLive("can be subscribed, and is received, logged, listed and documented", () =>
    Effect.gen(function*() {
      const { call, connect } = yield* start({ triggers: [rated] })
      const id = yield* connect(tokens.acme)
      const all = [...PostmarkTriggers.all.map(({ id }) => id), rated.id]
      assert.deepStrictEqual(Object.keys(bodies), all)
      for (const trigger of all) {
        const response = yield* call("POST", `/v1/connections/${id}/triggers`, { body: { trigger, secret } })
        assert.strictEqual(response.status, 201, trigger)
        const posted = yield* call("POST", `/v1/webhooks/${id}`, {
          key: undefined,
          text: bodies[trigger] ?? "",
          headers: { authorization: secret }
        })
        assert.strictEqual(posted.status, 200, trigger)
        const found = yield* call("GET", `/v1/events?trigger=${encodeURIComponent(trigger)}`)
        assert.deepStrictEqual(Events(found.json).events.map(({ status, trigger }) => [status, trigger]), [
          ["decoded", trigger]
        ])
      }
      const stars = yield* call("GET", `/v1/events?trigger=${rated.id}`)
      assert.deepInclude(Events(stars.json).events[0]?.event, { Stars: 5, RatedAt: "2026-05-01T12:00:00.000Z" })

      const definitions = Definitions((yield* call("GET", "/v1/triggers")).json).triggers
      assert.deepStrictEqual(definitions.map(({ id }) => id), all)

      const spec: unknown = (yield* call("GET", "/openapi.json")).json
      const schemas: Record<string, unknown> = { ...Object(spec).components.schemas }
      assert.includeMembers(Object.keys(schemas), ["EmailBounced", "LinkClicked", "InboundReceived", "MessageRated"])
      assert.includeMembers(Object(schemas["Subscribe"]).properties.trigger.enum, [...all, "message-rated"])
      assert.strictEqual(Object(schemas["TriggerEvent"]).anyOf.length, all.length)
    }))

  it.scopedLive("is named in the error for an unknown trigger", () =>
    Effect.gen(function*() {
      const { call, connect } = yield* start({ triggers: [rated] })
      const id = yield* connect(tokens.acme)
      const refused = yield* call("POST", `/v1/connections/${id}/triggers`, { body: { trigger: "email-eaten" } })
      assert.strictEqual(refused.status, 422)
      assert.include(refused.text, "postmark/link-clicked")
      assert.include(refused.text, "acme/message-rated")
    }))
})
