/** A code of Postmark that means two things is explained by the call that it refuses. */
import { PostmarkClient } from "@effect-postmark/core"
import * as PostmarkDouble from "@effect-postmark/test-double/PostmarkDouble"
import { assert, it } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import { layerDouble } from "../kit.ts"

for (const inboundWebhookCode of [1351, 1301] as const) {
  it.effect(`a webhook on an inbound stream, refused with ${inboundWebhookCode}, is not said to be missing`, () =>
    Effect.gen(function*() {
      const server = yield* PostmarkClient.make({ serverToken: Redacted.make(PostmarkDouble.demoServerToken) })
      const error = yield* Effect.flip(server.webhooks.create({ url: "http://localhost/", messageStream: "inbound" }))
      assert.strictEqual(error._tag, "ValidationFailure")
      if (error._tag !== "ValidationFailure") return
      assert.deepInclude(error, { errorCode: inboundWebhookCode, reason: "invalid" })
      assert.include(error.message, "the message stream is an inbound stream")
    }).pipe(Effect.provide(layerDouble({ inboundWebhookCode }))))
}
