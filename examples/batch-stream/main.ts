/**
 * Sends 2,000 messages as a stream, and counts their outcomes.
 *
 * It talks to the double, which never sends email. Two faults make it misbehave: the response to one batch is lost after
 * its messages were accepted, and one batch gets a 429. Nothing is sent twice, and nothing is lost.
 */
import { type Email, PostmarkClient, type SendOutcome } from "@effect-postmark/core"
import { PostmarkDouble } from "@effect-postmark/test-double"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Console, Effect, Layer, Redacted, Stream } from "effect"

const newsletter = (reader: number): Email.Email => ({
  from: "shop@example.org",
  // Every hundredth address is invalid: our own checks reject that message, and the others are sent.
  to: reader % 100 === 0 ? "nowhere" : `reader${reader}@example.com`,
  subject: "What is new in autumn",
  textBody: "…",
  messageStream: "broadcast"
})

const readers = Stream.map(Stream.range(1, 2_000), newsletter)

const what = (outcome: SendOutcome.SendOutcome): string =>
  outcome._tag === "Accepted" ? `Accepted, known by the ${outcome.receipt.source}` : outcome._tag

const program = Effect.gen(function*() {
  const double = yield* PostmarkDouble.PostmarkDouble
  yield* double.injectFault({ path: "/email/batch", nth: 2, fault: { kind: "resetAfterAcceptance" } })
  yield* double.injectFault({ path: "/email/batch", nth: 3, fault: { kind: "rateLimit", retryAfter: 1 } })

  const postmark = yield* PostmarkClient.PostmarkClient
  const counts = yield* postmark.sendEmailStream(readers, { concurrency: 2 }).pipe(
    Stream.runFold(
      new Map<string, number>(),
      (counts, { outcome }) => counts.set(what(outcome), (counts.get(what(outcome)) ?? 0) + 1)
    )
  )
  for (const [outcome, count] of counts) yield* Console.log(`${outcome}: ${count}`)

  const taken = yield* double.sent
  const people = new Set(taken.flatMap(({ recipients }) => recipients))
  yield* Console.log(`The double took ${taken.length} messages to ${people.size} people.`)
})

const double = PostmarkDouble.layer({ autoDeliver: false, indexLag: "2 seconds" })
const postmark = PostmarkClient.layer({ serverToken: Redacted.make(PostmarkDouble.demoServerToken) }).pipe(
  Layer.provide(PostmarkDouble.layerHttpClient)
)

NodeRuntime.runMain(Effect.provide(program, Layer.provideMerge(postmark, double)))
