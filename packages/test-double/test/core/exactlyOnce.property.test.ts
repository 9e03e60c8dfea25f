/** Never silently twice, never silently lost: over schedules of faults, and over how long the history lags behind. */
import { type Email, PostmarkClient, Reconciliation, type SendOutcome } from "@effect-postmark/core"
import type * as Fault from "@effect-postmark/test-double/Fault"
import * as PostmarkDouble from "@effect-postmark/test-double/PostmarkDouble"
import { assert, it } from "@effect/vitest"
import { Chunk, Effect, FastCheck, Redacted, Stream } from "effect"
import { driven, layerDouble } from "../kit.ts"

const faults = FastCheck.constantFrom<Array<Fault.Fault | undefined>>(
  undefined,
  undefined,
  { kind: "rateLimit" },
  { kind: "rateLimit", retryAfter: 3 },
  { kind: "status", status: 503 },
  { kind: "status", status: 500 },
  { kind: "status", status: 302, headers: { location: "http://elsewhere.invalid/" } },
  { kind: "resetBeforeReading" },
  { kind: "resetAfterAcceptance" },
  { kind: "latency", millis: 20_000, phase: "before" },
  { kind: "latency", millis: 20_000, phase: "after" },
  { kind: "truncate", length: 25 },
  { kind: "cutShort", length: 40 },
  { kind: "body", body: "<html>", accept: true },
  { kind: "body", body: "null", status: 500, accept: true }
)

const schedule = FastCheck.record({
  calls: FastCheck.array(
    FastCheck.record({
      way: FastCheck.constantFrom("one", "batch", "stream"),
      messages: FastCheck.integer({ min: 1, max: 4 })
    }),
    { minLength: 1, maxLength: 4 }
  ),
  sends: FastCheck.array(faults, { maxLength: 8 }),
  searches: FastCheck.array(faults, { maxLength: 4 }),
  // Four searches take ten seconds, so the last two lags hide a message from all of them.
  indexLag: FastCheck.constantFrom(0, 1_500, 5_000, 20_000, 3_600_000)
})

type Schedule = typeof schedule extends FastCheck.Arbitrary<infer A> ? A : never

interface Sent {
  readonly subject: string
  readonly outcome: SendOutcome.SendOutcome
}

const run = (
  client: PostmarkClient.Service,
  way: string,
  emails: ReadonlyArray<Email.Email>
): Effect.Effect<ReadonlyArray<SendOutcome.SendOutcome>> => {
  switch (way) {
    case "one":
      return Effect.forEach(emails, (email) =>
        Effect.match(client.sendEmail(email), {
          onSuccess: (receipt): SendOutcome.SendOutcome => ({ _tag: "Accepted", receipt }),
          onFailure: (error) =>
            error._tag === "OutcomeUnknown"
              ? { _tag: "Unknown", error }
              : error._tag === "RateLimited" || error._tag === "PostmarkUnavailable"
              ? { _tag: "NotSent", error }
              : { _tag: "Rejected", error }
        }))
    case "batch":
      return Effect.orDie(client.sendEmailBatch(emails))
    default:
      return client.sendEmailStream(Stream.fromIterable(emails)).pipe(
        Stream.runCollect,
        Effect.map((chunk) => Chunk.toReadonlyArray(chunk).map(({ outcome }) => outcome))
      )
  }
}

/** Runs a schedule, and gives each message's outcome and how often the double took it. */
const history = ({ calls, indexLag, searches, sends }: Schedule, settings?: Reconciliation.Settings) =>
  Effect.gen(function*() {
    const double = yield* PostmarkDouble.PostmarkDouble
    for (const [path, list] of [["/email*", sends], ["/messages*", searches]] as const) {
      for (const [place, fault] of list.entries()) {
        if (fault !== undefined) yield* double.injectFault({ path, nth: place + 1, fault })
      }
    }
    const client = yield* PostmarkClient.make({
      serverToken: Redacted.make(PostmarkDouble.demoServerToken),
      timeout: "15 seconds"
    })
    const sent: Array<Sent> = []
    for (const [place, { messages, way }] of calls.entries()) {
      const emails = Array.from({ length: messages }, (_, index) => ({
        from: "shop@example.org",
        to: "ann@example.com",
        subject: `${place}.${index}`,
        textBody: "t"
      }))
      const sending = run(client, way, emails)
      const outcomes = yield* driven(
        settings === undefined ? sending : Reconciliation.withReconciliation(sending, settings)
      )
      assert.strictEqual(outcomes.length, emails.length)
      sent.push(...emails.flatMap(({ subject }, index) => {
        const outcome = outcomes[index]
        return outcome === undefined ? [] : [{ subject, outcome }]
      }))
    }
    const accepted = yield* double.sent
    return sent.map(({ outcome, subject }) => ({
      outcome,
      ids: accepted.filter((message) => message.subject === subject).map(({ messageId }) => messageId)
    }))
  }).pipe(Effect.provide(layerDouble({ autoDeliver: false, indexLag })))

const check = (outcome: SendOutcome.SendOutcome, ids: ReadonlyArray<string>) => {
  switch (outcome._tag) {
    case "Accepted":
      return assert.include(ids, outcome.receipt.messageId)
    case "Rejected":
    case "NotSent":
      return assert.deepStrictEqual(ids, [])
    case "Unknown":
      return assert.notStrictEqual(outcome.error.correlation, "none")
  }
}

it.effect.prop(
  "no message is taken twice, and none is neither taken nor reported",
  [schedule],
  ([drawn]) =>
    Effect.gen(function*() {
      for (const { ids, outcome } of yield* history(drawn)) {
        assert.isAtMost(ids.length, 1)
        check(outcome, ids)
      }
    }),
  { fastCheck: { numRuns: 100 }, timeout: 60_000 }
)

it.effect.prop("what is taken twice by the caller's choice says so", [schedule], ([drawn]) =>
  Effect.gen(function*() {
    const settings = { pauses: ["1 second", "3 seconds"] as const, resendUnknownAfter: "15 seconds" as const }
    for (const { ids, outcome } of yield* history(drawn, settings)) {
      assert.isAtMost(ids.length, 2)
      check(outcome, ids)
      if (ids.length < 2) continue
      assert.isTrue(
        outcome._tag === "Accepted"
          ? outcome.receipt.possiblyDuplicate
          : outcome._tag === "Unknown" && outcome.error.possiblyDuplicate
      )
    }
  }), { fastCheck: { numRuns: 60 }, timeout: 60_000 })
