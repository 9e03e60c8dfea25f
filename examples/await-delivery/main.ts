/**
 * Sends an email and waits for its outcome: delivered, bounced, or still pending when the time is up.
 *
 * It talks to the double: one message arrives, one bounces, and one stays without news.
 */
import { DeliveryOutcome, OpenTracking, PostmarkClient } from "@effect-postmark/core"
import { PostmarkDouble } from "@effect-postmark/test-double"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Console, Effect, Layer, Redacted } from "effect"

const sendAndWait = (to: string) =>
  Effect.gen(function*() {
    const postmark = yield* PostmarkClient.PostmarkClient
    const email = { from: "shop@example.org", to, subject: "Your receipt", textBody: "Thank you." }

    // Postmark can never report an open of this message; say so before anybody waits for one.
    const obstacles = OpenTracking.obstacles(yield* postmark.server.get, email)
    if (obstacles.length > 0) {
      yield* Console.log(`no open will come: ${obstacles.map(OpenTracking.describe).join("; ")}`)
    }

    const { messageId } = yield* postmark.sendEmail(email)
    const outcome = yield* DeliveryOutcome.awaitOutcome(postmark.outboundMessages, {
      messageId,
      recipient: to,
      timeout: "2 seconds",
      pollInterval: "100 millis"
    })
    yield* Console.log(`${to}: ${outcome._tag}`)
  })

const program = Effect.gen(function*() {
  const double = yield* PostmarkDouble.PostmarkDouble
  yield* sendAndWait("ann@example.com")
  yield* sendAndWait("hardbounce@bounce-testing.postmarkapp.com")
  yield* double.injectFault({
    method: "GET",
    path: "/messages/*",
    every: 1,
    fault: { kind: "status", status: 422, body: "{\"ErrorCode\":701,\"Message\":\"This message was not found.\"}" }
  })
  yield* sendAndWait("bob@example.com")
})

const double = PostmarkClient.layer({ serverToken: Redacted.make(PostmarkDouble.demoServerToken) }).pipe(
  Layer.provide(PostmarkDouble.layerHttpClient),
  Layer.provideMerge(PostmarkDouble.layer())
)

NodeRuntime.runMain(Effect.provide(program, double))
