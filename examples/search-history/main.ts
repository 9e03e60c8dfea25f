/**
 * Reads a history that is longer than the 10,000 messages of one Postmark search.
 *
 * It talks to the double: it sends 12,000 messages and finds all of them, newest first.
 */
import { OutboundHistory, PostmarkClient } from "@effect-postmark/core"
import { PostmarkDouble } from "@effect-postmark/test-double"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Console, Effect, Layer, Redacted, Stream } from "effect"

const newsletter = (from: number, count: number) =>
  Array.from({ length: count }, (_, index) => ({
    from: "news@example.org",
    to: `reader${from + index}@example.com`,
    subject: `News ${from + index}`,
    textBody: "News.",
    tag: index % 100 === 0 ? "sample" : "news"
  }))

const program = Effect.gen(function*() {
  const postmark = yield* PostmarkClient.PostmarkClient
  for (let sent = 0; sent < 12_000; sent += 500) {
    yield* postmark.sendEmailBatch(newsletter(sent, 500))
    // The search halves a time span down to one second, so the messages must not all be in the same second.
    if (sent === 5_500) yield* Effect.sleep("2 seconds")
  }

  const { totalCount } = yield* postmark.outboundMessages.list({ count: 1 })
  const first = yield* Stream.runCount(OutboundHistory.pages(postmark.outboundMessages, {}))
  yield* Console.log(`Postmark counts ${totalCount} messages, and one search gives ${first} of them.`)

  const all = yield* Stream.runCount(OutboundHistory.stream(postmark.outboundMessages, {}))
  yield* Console.log(`The stream gives ${all}.`)

  const subjects = yield* OutboundHistory.stream(postmark.outboundMessages, { tag: "sample" }).pipe(
    Stream.take(3),
    Stream.map(({ subject }) => subject),
    Stream.runCollect
  )
  yield* Console.log(`The newest samples: ${Array.from(subjects).join(", ")}`)
})

const double = PostmarkClient.layer({ serverToken: Redacted.make(PostmarkDouble.demoServerToken) }).pipe(
  Layer.provide(PostmarkDouble.layerHttpClient),
  Layer.provide(PostmarkDouble.layer({ autoDeliver: false }))
)

NodeRuntime.runMain(Effect.provide(program, double))
