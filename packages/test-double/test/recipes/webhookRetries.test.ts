import "@effect-postmark/test-double/vitest"
import { PostmarkClient } from "@effect-postmark/core"
import { PostmarkDouble } from "@effect-postmark/test-double"
import { expect, it } from "@effect/vitest"
import { Effect, Layer, Redacted, TestClock } from "effect"

// In place of a socket: a receiver that is overloaded twice.
const statuses = [503, 503, 200]

const Test = Layer.provideMerge(
  PostmarkClient.layer({ serverToken: Redacted.make(PostmarkDouble.demoServerToken) }),
  PostmarkDouble.layerTest({ webhookSender: () => Effect.sync(() => statuses.shift() ?? 200) })
)

it.effect("gets the webhook at the third attempt, six minutes later", () =>
  Effect.gen(function*() {
    const postmark = yield* PostmarkClient.PostmarkClient
    const double = yield* PostmarkDouble.PostmarkDouble
    yield* postmark.webhooks.create({ url: "http://localhost/hooks", triggers: { delivery: { enabled: true } } })
    yield* postmark.sendEmail({ from: "shop@example.org", to: ["ann@example.com"], textBody: "Thanks." })
    yield* double.settled
    expect(double).toHavePostedWebhookTimes(1, { recordType: "Delivery", status: 503, retriesRemaining: 9 })
    yield* TestClock.adjust("6 minutes")
    expect(double).toHavePostedWebhookTimes(3)
    expect(double).toHavePostedWebhook({ attempt: 3, outcome: "taken" })
  }).pipe(Effect.provide(Test)))
