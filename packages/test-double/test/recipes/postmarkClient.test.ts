import "@effect-postmark/test-double/vitest"
import { PostmarkClient } from "@effect-postmark/core"
import { PostmarkDouble } from "@effect-postmark/test-double"
import { expect, it } from "@effect/vitest"
import { Effect, Layer, Redacted } from "effect"

// The code under test.
const sendReceipt = (to: string) =>
  Effect.flatMap(
    PostmarkClient.PostmarkClient,
    (postmark) =>
      postmark.sendEmail({ from: "shop@example.org", to: [to], subject: "Your receipt", textBody: "Thanks." })
  )

const Test = Layer.provideMerge(
  PostmarkClient.layer({ serverToken: Redacted.make(PostmarkDouble.demoServerToken) }),
  PostmarkDouble.layerTest()
)

it.effect("sends a receipt", () =>
  Effect.gen(function*() {
    const double = yield* PostmarkDouble.PostmarkDouble
    yield* sendReceipt("ann@example.com")
    expect(double).toHaveSent({ to: "ann@example.com", subject: /receipt/i })
    yield* double.settled
    expect(double).toHaveDelivered("ann@example.com")
  }).pipe(Effect.provide(Test)))
