/** Never silently twice, never silently lost: over schedules of faults, kills, pauses and cancels. */
import { BulkRuns } from "@effect-postmark/automation"
import { RunStore } from "@effect-postmark/core"
import type * as Fault from "@effect-postmark/test-double/Fault"
import * as PostmarkDouble from "@effect-postmark/test-double/PostmarkDouble"
import { assert, it } from "@effect/vitest"
import { Chunk, Clock, Effect, FastCheck, Option, Stream } from "effect"
import { services, start, until, worker } from "./runKit.ts"

const faults = FastCheck.constantFrom<Array<Fault.Fault | undefined>>(
  undefined,
  undefined,
  undefined,
  { kind: "rateLimit" },
  { kind: "rateLimit", retryAfter: 12 },
  { kind: "status", status: 503, body: { ErrorCode: 100, Message: "down" } },
  { kind: "status", status: 500 },
  { kind: "status", status: 401, body: { ErrorCode: 10, Message: "no" } },
  { kind: "status", status: 422, body: { ErrorCode: 405, Message: "no credits" } },
  { kind: "status", status: 302, headers: { location: "http://elsewhere.invalid/" } },
  { kind: "resetBeforeReading" },
  { kind: "resetAfterAcceptance" },
  { kind: "latency", millis: 20_000, phase: "before" },
  { kind: "latency", millis: 20_000, phase: "after" },
  { kind: "truncate", length: 25 },
  { kind: "batchLength", difference: 1 },
  { kind: "body", body: "null", status: 500, accept: true }
)

const schedule = FastCheck.record({
  messages: FastCheck.integer({ min: 1, max: 12 }),
  chunkSize: FastCheck.integer({ min: 1, max: 4 }),
  concurrency: FastCheck.integer({ min: 1, max: 2 }),
  sends: FastCheck.array(faults, { maxLength: 8 }),
  searches: FastCheck.array(faults, { maxLength: 4 }),
  indexLag: FastCheck.constantFrom(0, 5_000, 60_000, 3_600_000),
  // Another worker that begins so many calls and is gone.
  lostClaims: FastCheck.integer({ min: 0, max: 2 }),
  cancelAfter: FastCheck.option(FastCheck.integer({ min: 0, max: 10 }), { nil: undefined }),
  resend: FastCheck.boolean()
})

it.effect.prop(
  "every message ends in one outcome, which is true, and none is accepted twice but by the caller's choice",
  [schedule],
  ([{ cancelAfter, chunkSize, concurrency, indexLag, lostClaims, messages, resend, searches, sends }]) =>
    Effect.gen(function*() {
      const double = yield* PostmarkDouble.PostmarkDouble
      const store = yield* RunStore.RunStore
      const runs = yield* BulkRuns.BulkRuns
      for (const [path, list] of [["/email/batch", sends], ["/messages*", searches]] as const) {
        for (const [place, fault] of list.entries()) {
          if (fault !== undefined) yield* double.injectFault({ path, nth: place + 1, fault })
        }
      }
      const { id } = yield* start(messages, { chunkSize, ...(resend ? { resendUnknownAfter: "3 minutes" } : {}) })
      const now = yield* Clock.currentTimeMillis
      for (let lost = 0; lost < lostClaims; lost++) {
        yield* store.claimSend({ runId: id, now, lease: "gone", leaseUntil: now + 10_000, concurrency: 9 })
      }
      const options = {
        concurrency,
        pollInterval: "1 minute",
        searchPauses: ["2 seconds", "20 seconds", "1 minute"]
      } as const
      yield* Effect.all([worker(options), worker(options)])
      let rounds = 0
      yield* until(
        Effect.gen(function*() {
          const run = Option.getOrThrow(yield* store.get(id))
          // A run that pauses itself is resumed by somebody.
          if (run.state === "paused") yield* runs.resume(id)
          if (rounds++ === cancelAfter && run.finishedAt === null) yield* Effect.ignore(runs.cancel(id))
          return run.finishedAt !== null
        }),
        "30 seconds"
      )
      const outcomes = Chunk.toReadonlyArray(yield* Stream.runCollect(runs.outcomesStream(id)))
      assert.deepStrictEqual(outcomes.map(({ index }) => index), Array.from({ length: messages }, (_, at) => at))
      const sent = yield* double.sent
      for (const { index, messageId, possiblyDuplicate, state } of outcomes) {
        const ids = sent.filter(({ subject }) => subject === String(index)).map((message) => message.messageId)
        assert.isAtMost(ids.length, possiblyDuplicate === true ? 2 : 1)
        if (possiblyDuplicate === true) assert.isTrue(resend)
        if (state === "accepted") assert.include(ids, messageId)
        if (state === "rejected" || state === "notSent") assert.deepStrictEqual(ids, [])
        if (state === "notSent") assert.isDefined(cancelAfter)
      }
    }).pipe(Effect.scoped, Effect.provide(services({ indexLag }))),
  { fastCheck: { numRuns: 20 }, timeout: 120_000 }
)
