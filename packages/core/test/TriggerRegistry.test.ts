import * as PostmarkTriggers from "@effect-postmark/core/PostmarkTriggers"
import * as TriggerRegistry from "@effect-postmark/core/TriggerRegistry"
import * as WebhookReceiver from "@effect-postmark/core/WebhookReceiver"
import { assert, describe, it } from "@effect/vitest"
import { Cause, Effect, Either, Layer, Schema } from "effect"
import { rated } from "./fixtures/ownTrigger.ts"
import * as Bodies from "./fixtures/webhookBodies.ts"

describe("a registry of triggers", () => {
  it.effect("has Postmark's own and a caller's, by id, by name and by body", () =>
    Effect.gen(function*() {
      const registry = yield* TriggerRegistry.TriggerRegistry
      assert.deepStrictEqual(registry.triggers.map(({ id }) => id), [
        "postmark/email-delivered",
        "postmark/email-bounced",
        "postmark/email-opened",
        "postmark/link-clicked",
        "postmark/spam-complaint",
        "postmark/subscription-changed",
        "postmark/inbound-received",
        "acme/message-rated"
      ])
      assert.strictEqual(registry.get("acme/message-rated"), rated)
      assert.strictEqual(registry.get("message-rated"), rated)
      assert.strictEqual(registry.ofBody({ recordtype: "RATING" }), rated)
      assert.strictEqual(registry.ofBody(Bodies.inbound), PostmarkTriggers.InboundReceived)
      assert.isUndefined(registry.ofBody({ RecordType: "Other" }))
      assert.isUndefined(registry.get("toString"))
    }).pipe(Effect.provide(TriggerRegistry.layer(rated))))

  it("replaces a trigger by a later one of the same id", () => {
    const own = { ...PostmarkTriggers.EmailOpened, title: "Opened by somebody" }
    const registry = TriggerRegistry.make([...PostmarkTriggers.all, own])
    assert.strictEqual(registry.get("email-opened")?.title, "Opened by somebody")
    assert.strictEqual(registry.triggers.length, PostmarkTriggers.all.length)
  })

  it.effect("refuses two triggers of one record type, or of one name", () =>
    Effect.gen(function*() {
      for (const own of [{ ...rated, recordType: "bounce" }, { ...rated, name: "email-bounced" }]) {
        const cause = yield* Effect.flip(Effect.sandbox(Layer.build(TriggerRegistry.layer(own))))
        assert.include(Cause.pretty(cause), "postmark/email-bounced and acme/message-rated have the same")
      }
    }).pipe(Effect.scoped))

  it("stores a webhook whose own trigger throws, or whose event is not an object", () => {
    const broken = [
      {
        ...rated,
        fromWebhook: () => {
          throw new TypeError("a fault in the reader")
        }
      },
      { ...rated, event: Schema.String, fromWebhook: () => Either.right("five stars") }
    ]
    for (const trigger of broken) {
      const read = WebhookReceiver.reader(TriggerRegistry.make([...PostmarkTriggers.all, trigger]))
      assert.deepStrictEqual(read("{\"RecordType\":\"Rating\"}", {}), {
        recordType: "Rating",
        trigger: "acme/message-rated",
        event: null,
        status: "partial"
      })
    }
  })
})
