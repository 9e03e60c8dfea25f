import { Connections } from "@effect-postmark/core/Connections"
import { EventLog, type StoredEvent } from "@effect-postmark/core/EventLog"
import * as PostmarkTriggers from "@effect-postmark/core/PostmarkTriggers"
import { StoreUnavailable } from "@effect-postmark/core/StoreUnavailable"
import { Subscriptions } from "@effect-postmark/core/Subscriptions"
import * as TriggerEvent from "@effect-postmark/core/TriggerEvent"
import { layer as receiverLayer, WebhookReceiver } from "@effect-postmark/core/WebhookReceiver"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Either, Layer, Redacted, TestClock } from "effect"
import { json, stub } from "./kit/http.ts"
import { services } from "./kit/services.ts"

const secret = "Basic cG9zdG1hcms6c2VjcmV0"

const delivery = {
  RecordType: "Delivery",
  ServerID: 812345,
  MessageStream: "outbound",
  MessageID: "5b1f0c52-8f0e-4a6c-9f43-2b7a5d3c9e10",
  Recipient: "ann@example.com",
  Tag: "receipt",
  DeliveredAt: "2026-09-30T16:04:10.1234567Z",
  Details: "smtp;250 2.0.0 Ok: queued as 4F1A2B3C",
  Metadata: { order_id: "991" }
}

const bounce =
  `{"RecordType":"Bounce","ID":4323372036854775807,"Type":"HardBounce","TypeCode":1,"Name":"Hard bounce",` +
  `"Tag":"","MessageID":"0d7a4a1e-61c3-4a0f-8d4e-6f3f3c8b2a77","ServerID":812345,"MessageStream":"outbound",` +
  `"Description":"The server was unable","Details":"smtp;550","Email":"gone@example.com","From":"shop@example.org",` +
  `"BouncedAt":"2026-09-30T16:05:00.0000000Z","DumpAvailable":true,"Inactive":true,"CanActivate":true,"Subject":"s",` +
  `"Metadata":{}}`

const withReceiver = <A, E>(
  use: (tools: {
    readonly post: (body: string | Uint8Array, authorization?: ReadonlyArray<string>) => Effect.Effect<number>
    readonly events: Effect.Effect<ReadonlyArray<StoredEvent>, StoreUnavailable>
    readonly connectionId: string
  }) => Effect.Effect<A, E, Layer.Layer.Success<ReturnType<typeof services>>>,
  withSecret = true
) =>
  Effect.gen(function*() {
    const http = yield* stub(() => json({ ID: 1, Name: "Acme", TrackOpens: false }))
    return yield* Effect.gen(function*() {
      const connection = yield* Effect.flatMap(Connections, (connections) =>
        connections.connect({ name: "Acme", serverToken: Redacted.make("t") }))
      if (withSecret) {
        yield* Effect.flatMap(Subscriptions, (subscriptions) =>
          subscriptions.subscribe({
            connectionId: connection.id,
            trigger: "postmark/email-delivered",
            secret: Redacted.make(secret)
          }))
      }
      const receiver = yield* WebhookReceiver
      const log = yield* EventLog
      return yield* use({
        connectionId: connection.id,
        post: (body, authorization = [secret]) =>
          Effect.map(
            receiver.receive({
              connectionId: connection.id,
              authorization,
              body: typeof body === "string" ? new TextEncoder().encode(body) : body
            }),
            ({ status }) =>
              status
          ),
        events: log.read({ after: 0, limit: 100 })
      })
    }).pipe(Effect.provide(services(http.layer)))
  })

describe("a webhook", () => {
  it.effect("with the secret is stored, decoded, once", () =>
    withReceiver(({ events, post }) =>
      Effect.gen(function*() {
        assert.strictEqual(yield* post(JSON.stringify(delivery)), 200)
        assert.strictEqual(yield* post(JSON.stringify(delivery)), 200)
        const { RecordType, ...rest } = delivery
        assert.strictEqual(yield* post(JSON.stringify({ ...rest, RecordType }, null, 2)), 200)
        const stored = yield* events
        assert.strictEqual(stored.length, 1)
        const event = stored.map(TriggerEvent.fromStored(PostmarkTriggers.EmailDelivered))[0]
        assert.deepInclude(event === undefined || Either.isLeft(event) ? {} : event.right.event, {
          messageId: delivery.MessageID,
          recipient: "ann@example.com",
          tag: "receipt",
          metadata: { order_id: "991" },
          raw: delivery
        })
      })
    ))

  it.effect("for another recipient of the same message is another event", () =>
    withReceiver(({ events, post }) =>
      Effect.gen(function*() {
        yield* post(JSON.stringify(delivery))
        yield* post(JSON.stringify({ ...delivery, Recipient: "bob@example.com" }))
        assert.strictEqual((yield* events).length, 2)
      })
    ))

  it.effect("keeps a bounce id above 2^53 exact, and tells two such ids apart", () =>
    withReceiver(({ events, post }) =>
      Effect.gen(function*() {
        assert.strictEqual(yield* post(bounce), 200)
        assert.strictEqual(yield* post(bounce.replace("4323372036854775807", "4323372036854775806")), 200)
        const stored = yield* events
        assert.deepStrictEqual(
          stored.map(TriggerEvent.fromStored(PostmarkTriggers.EmailBounced)).map((event) =>
            Either.isRight(event) ? String(event.right.event.bounceId) : ""
          ),
          ["4323372036854775807", "4323372036854775806"]
        )
      })
    ))

  const refused: ReadonlyArray<readonly [string, ReadonlyArray<string>]> = [
    ["wrong", ["Basic x"]],
    ["missing", []],
    ["empty", [""]],
    ["doubled", [secret, secret]],
    ["doubled and wrong", [secret, "Basic x"]],
    ["longer", [`${secret}x`]],
    ["shorter", [secret.slice(0, -1)]],
    ["repeated in one value", [`${secret}${secret}`]],
    ["in another case", [secret.toLowerCase()]],
    ["with a NUL", [`${secret}\u0000`]]
  ]
  for (const [name, authorization] of refused) {
    it.effect(`with a secret that is ${name} gets 401 and stores nothing`, () =>
      withReceiver(({ connectionId, events, post }) =>
        Effect.gen(function*() {
          yield* TestClock.adjust("1 day")
          assert.strictEqual(yield* post(JSON.stringify(delivery), authorization), 401)
          assert.strictEqual((yield* events).length, 0)
          const connection = yield* Effect.flatMap(Connections, (connections) => connections.get(connectionId))
          assert.strictEqual(connection.lastRefusedAt, "1970-01-02T00:00:00.000Z")
        })
      ))
  }

  it.effect("of a connection without a secret gets 401, whatever it carries", () =>
    withReceiver(({ events, post }) =>
      Effect.gen(function*() {
        for (const authorization of [[], [""], ["this connection has no secret"], [secret]]) {
          assert.strictEqual(yield* post(JSON.stringify(delivery), authorization), 401)
        }
        assert.strictEqual((yield* events).length, 0)
      }), false))

  it.effect("of an unknown connection gets 401", () =>
    withReceiver(() =>
      Effect.gen(function*() {
        const receiver = yield* WebhookReceiver
        for (const connectionId of ["con_unknown", "", "../../x", "a".repeat(10_000)]) {
          const answer = yield* receiver.receive({ connectionId, authorization: [secret], body: new Uint8Array() })
          assert.strictEqual(answer.status, 401)
        }
      })
    ))

  const odd: ReadonlyArray<readonly [string, string, string]> = [
    ["an unknown RecordType", "{\"RecordType\":\"Surprise\"}", "unknown"],
    ["no RecordType", "{\"From\":{}}", "unknown"],
    ["a RecordType of another type", "{\"RecordType\":1}", "unknown"],
    ["a list", "[]", "unknown"],
    ["null", "null", "unknown"],
    ["a number", "1e400", "unknown"],
    ["duplicate keys", "{\"RecordType\":\"Surprise\",\"a\":12345678901234567890,\"a\":2}", "unknown"],
    ["hostile keys", "{\"__proto__\":{\"polluted\":1},\"constructor\":{\"prototype\":{\"polluted\":1}}}", "unknown"],
    ["extreme depth", "[".repeat(50_000) + "]".repeat(50_000), "unknown"],
    ["a missing field", "{\"RecordType\":\"Bounce\",\"ID\":1}", "partial"],
    ["a field of another type", JSON.stringify({ ...delivery, Recipient: {} }), "partial"],
    [
      "the all-zero MessageID",
      JSON.stringify({ ...delivery, MessageID: "00000000-0000-0000-0000-000000000000" }),
      "probe"
    ]
  ]
  for (const [name, body, status] of odd) {
    it.effect(`with ${name} gets 200 and is stored as it came`, () =>
      withReceiver(({ events, post }) =>
        Effect.gen(function*() {
          assert.strictEqual(yield* post(body), 200)
          assert.strictEqual(yield* post(body), 200)
          const stored = yield* events
          assert.deepStrictEqual(stored.map((event) => [event.status, event.raw, event.event]), [[status, body, null]])
          assert.strictEqual(Reflect.get({}, "polluted"), undefined)
        })
      ))
  }

  it.effect("that is no JSON gets 400 and is kept apart", () =>
    withReceiver(({ events, post }) =>
      Effect.gen(function*() {
        assert.strictEqual(yield* post("{\"RecordType\":"), 400)
        assert.strictEqual(yield* post(""), 400)
        assert.strictEqual(yield* post(new Uint8Array([0xff, 0xfe])), 400)
        assert.strictEqual((yield* events).length, 0)
        const kept = yield* Effect.flatMap(EventLog, (log) => log.quarantined)
        assert.deepStrictEqual(kept.map(({ reason }) => reason), ["not UTF-8", "not JSON", "not JSON"])
      })
    ))

  it.effect("may carry either of two secrets while a rotation lasts", () =>
    withReceiver(({ connectionId, post }) =>
      Effect.gen(function*() {
        const subscriptions = yield* Subscriptions
        const next = "Bearer the-next-secret"
        const conflict = yield* Effect.flip(
          subscriptions.subscribe({ connectionId, trigger: "email-opened", secret: Redacted.make(next) })
        )
        assert.strictEqual(conflict._tag, "SecretConflict")
        const rotation = yield* subscriptions.subscribe({
          connectionId,
          trigger: "email-opened",
          secret: Redacted.make(next),
          rotate: true
        })
        assert.isTrue(rotation.rotating)
        assert.strictEqual(yield* post("{\"a\":1}", [secret]), 200)
        assert.strictEqual(yield* post("{\"a\":2}", [next]), 200)
        yield* subscriptions.finishRotation(connectionId)
        assert.strictEqual(yield* post("{\"a\":3}", [secret]), 401)
        assert.strictEqual(yield* post("{\"a\":4}", [next]), 200)
      })
    ))

  it.effect("gets 503 when the store does not answer", () =>
    withReceiver(({ connectionId }) =>
      Effect.gen(function*() {
        const log = yield* EventLog
        const broken = Layer.succeed(EventLog, {
          ...log,
          append: () => Effect.fail(new StoreUnavailable({ store: "event", operation: "append" }))
        })
        const receiver = yield* Effect.provide(WebhookReceiver, Layer.provide(Layer.fresh(receiverLayer), broken))
        const answer = yield* receiver.receive({
          connectionId,
          authorization: [secret],
          body: new TextEncoder().encode(JSON.stringify(delivery))
        })
        assert.strictEqual(answer.status, 503)
      })
    ))
})

describe("a subscription", () => {
  it.effect("generates a secret when none is given, shows it once, and is made once", () =>
    withReceiver(({ connectionId, post }) =>
      Effect.gen(function*() {
        const subscriptions = yield* Subscriptions
        const first = yield* subscriptions.subscribe({ connectionId, trigger: "postmark/email-bounced" })
        const again = yield* subscriptions.subscribe({ connectionId, trigger: "postmark/email-bounced" })
        assert.strictEqual(first.subscription.id, again.subscription.id)
        assert.isTrue(again.generatedSecret._tag === "None")
        const generated = first.generatedSecret._tag === "Some" ? Redacted.value(first.generatedSecret.value) : ""
        assert.match(generated, /^Bearer [\w-]{43}$/)
        assert.strictEqual(yield* post("{}", [generated]), 200)
      }), false))

  it.effect("can rotate to a generated secret", () =>
    withReceiver(({ connectionId, post }) =>
      Effect.gen(function*() {
        const rotation = yield* Effect.flatMap(
          Subscriptions,
          (subscriptions) => subscriptions.subscribe({ connectionId, trigger: "email-bounced", rotate: true })
        )
        const next = rotation.generatedSecret._tag === "Some" ? Redacted.value(rotation.generatedSecret.value) : ""
        assert.isTrue(rotation.rotating)
        assert.strictEqual(yield* post("{\"a\":1}", [secret]), 200)
        assert.strictEqual(yield* post("{\"a\":2}", [next]), 200)
      })
    ))

  it.effect("to opens warns when tracking is off", () =>
    withReceiver(({ connectionId }) =>
      Effect.gen(function*() {
        const { warnings } = yield* Effect.flatMap(
          Subscriptions,
          (subscriptions) => subscriptions.subscribe({ connectionId, trigger: "postmark/email-opened" })
        )
        assert.strictEqual(warnings.length, 1)
        assert.include(warnings[0] ?? "", "tracking is off")
      })
    ))

  it.effect("to clicks and inbound mail warns when the server cannot report them", () =>
    withReceiver(({ connectionId }) =>
      Effect.gen(function*() {
        const subscriptions = yield* Subscriptions
        const warned = yield* Effect.forEach(
          ["link-clicked", "inbound-received", "spam-complaint"],
          (trigger) => subscriptions.subscribe({ connectionId, trigger })
        )
        assert.deepStrictEqual(warned.map(({ warnings }) => warnings.length), [1, 1, 0])
        assert.include(warned[0]?.warnings[0] ?? "", "link tracking is off")
        assert.include(warned[1]?.warnings[0] ?? "", "InboundHookUrl")
      })
    ))

  it.effect("to an unknown trigger, or with a secret that no header can carry, is refused", () =>
    withReceiver(({ connectionId }) =>
      Effect.gen(function*() {
        const subscriptions = yield* Subscriptions
        for (
          const options of [
            { trigger: "postmark/email-eaten" },
            { trigger: "email-opened", secret: Redacted.make("short") },
            { trigger: "email-opened", secret: Redacted.make("a line\r\nbreak in it") },
            { trigger: "email-opened", secret: Redacted.make(" leading space") }
          ]
        ) {
          const error = yield* Effect.flip(subscriptions.subscribe({ connectionId, ...options }))
          assert.strictEqual(error._tag, "ValidationFailure")
        }
      })
    ))

  it.effect("can be ended, once", () =>
    withReceiver(({ connectionId }) =>
      Effect.gen(function*() {
        const subscriptions = yield* Subscriptions
        const [subscription] = yield* subscriptions.list(connectionId)
        yield* subscriptions.unsubscribe(connectionId, subscription?.id ?? "")
        const error = yield* Effect.flip(subscriptions.unsubscribe(connectionId, subscription?.id ?? ""))
        assert.strictEqual(error._tag, "SubscriptionNotFound")
      })
    ))
})
