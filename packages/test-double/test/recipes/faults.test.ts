import "@effect-postmark/test-double/vitest"
import { PostmarkClient } from "@effect-postmark/core"
import { PostmarkDouble } from "@effect-postmark/test-double"
import { expect, it } from "@effect/vitest"
import { Effect, Fiber, Layer, Redacted, TestClock } from "effect"

const Test = Layer.provideMerge(
  PostmarkClient.layer({ serverToken: Redacted.make(PostmarkDouble.demoServerToken) }),
  PostmarkDouble.layerTest()
)

const email = { from: "shop@example.org", to: ["ann@example.com"], textBody: "Thanks." }

it.effect("sends once, though Postmark is too busy at first", () =>
  Effect.gen(function*() {
    const postmark = yield* PostmarkClient.PostmarkClient
    const double = yield* PostmarkDouble.PostmarkDouble
    yield* double.injectFault({ path: "/email", first: 2, fault: { kind: "rateLimit", retryAfter: 3 } })
    const fiber = yield* Effect.fork(postmark.sendEmail(email))
    yield* TestClock.adjust("1 minute")
    yield* Fiber.join(fiber)
    expect(double).toHaveSentTimes(1)
  }).pipe(Effect.provide(Test)))

it.effect("finds out that a message was taken, though the answer was lost", () =>
  Effect.gen(function*() {
    const postmark = yield* PostmarkClient.PostmarkClient
    const double = yield* PostmarkDouble.PostmarkDouble
    yield* double.injectFault({ method: "POST", path: "/email", fault: { kind: "resetAfterAcceptance" } })
    const fiber = yield* Effect.fork(postmark.sendEmail(email))
    yield* TestClock.adjust("1 minute")
    const { messageId } = yield* Fiber.join(fiber)
    expect(double).toHaveSentTimes(1)
    expect(double).toHaveSent({ messageId })
  }).pipe(Effect.provide(Test)))
