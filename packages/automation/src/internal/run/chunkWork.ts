/** What a worker does with a chunk that it has under a lease: one call, or one search. */
import type { Run, RunOutcome } from "@effect-postmark/core/BulkRun"
import type * as Connections from "@effect-postmark/core/Connections"
import type * as PostmarkClient from "@effect-postmark/core/PostmarkClient"
import * as RetryPolicy from "@effect-postmark/core/RetryPolicy"
import type { ClaimedChunk, Next, Service as Store } from "@effect-postmark/core/RunStore"
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Exit from "effect/Exit"
import * as Metric from "effect/Metric"
import * as Option from "effect/Option"
import * as Random from "effect/Random"
import * as Schedule from "effect/Schedule"
import * as RunMetrics from "../../RunMetrics.ts"
import { failureName } from "../failureName.ts"
import { batchOf, merged, openItems } from "./chunkItems.ts"
import * as Judge from "./judge.ts"

export interface Settings {
  readonly leaseMs: number
  readonly searchPausesMs: ReadonlyArray<number>
}

export interface Job {
  readonly run: Run
  readonly chunk: ClaimedChunk
  readonly lease: string
  /** Calls of the run in a row that were certainly not accepted. */
  readonly failures: number
}

export interface ChunkWork {
  readonly send: (client: PostmarkClient.Service, job: Job) => Effect.Effect<void>
  readonly check: (job: Job) => Effect.Effect<void>
  readonly pause: (run: Run, why: Judge.Pause) => Effect.Effect<void>
}

export const make = (store: Store, connections: Connections.Service, settings: Settings): ChunkWork => {
  const { leaseMs, searchPausesMs } = settings

  /** Keeps the chunk while an effect runs. A lost lease stops nothing: what the call comes to is worth knowing. */
  const held = <A, E>({ chunk, lease, run }: Job, work: Effect.Effect<A, E>): Effect.Effect<A, E> => {
    const renew = Effect.flatMap(
      Clock.currentTimeMillis,
      (now) => store.renew({ runId: run.id, chunk: chunk.index, lease, leaseUntil: now + leaseMs })
    )
    return Effect.raceFirst(
      work,
      Effect.forever(Effect.delay(Effect.ignore(renew), Math.max(leaseMs / 3, 1)))
    )
  }

  /** The store may be away for a moment. When it is away for longer, the lease ends and the messages are looked up. */
  const settle = (job: Job, by: "answer" | "lease", outcomes: ReadonlyArray<RunOutcome>, next: Next) =>
    Effect.gen(function*() {
      const { chunk, lease, run } = job
      const at = yield* Clock.currentTimeMillis
      const isCounted = yield* store.settle({
        runId: run.id,
        chunk: chunk.index,
        attempt: chunk.attempt,
        lease: by === "lease" ? lease : null,
        at,
        outcomes,
        next
      }).pipe(Effect.retry(storePatience))
      if (!isCounted) return false
      const before = new Set(chunk.outcomes.flatMap(({ index, state }) => state === "unknown" ? [] : [index]))
      for (const state of ["accepted", "rejected", "unknown"] as const) {
        if (state === "unknown" && next.state !== "done") continue
        const count = outcomes.filter((outcome) => outcome.state === state && !before.has(outcome.index)).length
        if (count > 0) yield* Metric.incrementBy(Metric.tagged(RunMetrics.messages, "outcome", state), count)
        if (count > 0 && state === "unknown") {
          yield* Effect.logError(
            "messages of a bulk run ended with an unknown outcome: Postmark may have accepted them"
          )
            .pipe(Effect.annotateLogs({ runId: run.id, chunk: chunk.index, messages: count }))
        }
      }
      return true
    }).pipe(
      Effect.catchAllCause((cause) =>
        Effect.as(
          Effect.annotateLogs(
            Effect.logError("the outcome of a chunk could not be stored; its messages will be looked up"),
            { runId: job.run.id, chunk: job.chunk.index, failure: failureName(cause) }
          ),
          false
        )
      )
    )

  const pause = (run: Run, { detail, reason }: Judge.Pause) =>
    Effect.gen(function*() {
      const isPaused = yield* store.pause(run.id, { reason, detail }).pipe(Effect.retry(storePatience))
      if (!isPaused) return
      yield* Metric.increment(Metric.tagged(RunMetrics.runsPaused, "reason", reason))
      yield* Effect.annotateLogs(Effect.logError("a bulk run is paused: nothing more is sent until it is resumed"), {
        runId: run.id,
        connectionId: run.connectionId,
        reason,
        detail
      })
    }).pipe(
      // Without it the next round meets the same obstacle, and tries again.
      Effect.ignore
    )

  /** Calls once for what is open in a chunk whose attempt is journaled. The answer is written even if the lease was lost. */
  const attempt = (client: PostmarkClient.Service, job: Job, resend: boolean) =>
    Effect.uninterruptible(
      Effect.gen(function*() {
        const { chunk, run } = job
        const items = openItems(chunk)
        let isBegun = false
        const call = Effect.suspend(() => {
          isBegun = true
          return RetryPolicy.withRetryPolicy(client.prepared.send(batchOf(run, chunk, items)), RetryPolicy.none)
        })
        const exit = yield* Effect.exit(Effect.interruptible(held(job, Effect.either(call))))
        if (Exit.isFailure(exit) && !Cause.isInterruptedOnly(exit.cause)) {
          yield* Effect.annotateLogs(Effect.logError("a call of a bulk run failed unexpectedly"), {
            runId: run.id,
            failure: failureName(exit.cause)
          })
        }
        const judged: Judge.Judged = Exit.isFailure(exit)
          ? !isBegun
            ? { outcomes: [], held: items, retry: { reason: "interrupted", afterMs: 0 } }
            : { outcomes: items.map(({ index }): RunOutcome => ({ index, state: "unknown" })), held: [] }
          : Either.isLeft(exit.value)
          ? Judge.ofFailure(exit.value.left, items)
          : Judge.ofAnswer(exit.value.right, items)
        const { pause: why, retry } = judged
        const now = yield* Clock.currentTimeMillis
        const dueAt = now + (yield* backoff(job.failures, retry?.afterMs))
        if (resend) yield* settleResent(job, judged, now, dueAt)
        else yield* settle(job, "answer", merged(chunk.outcomes, judged.outcomes), nextOf(judged, now, dueAt))
        if (retry !== undefined) {
          yield* Metric.increment(Metric.tagged(RunMetrics.chunksRetried, "reason", retry.reason))
        }
        if (why !== undefined) yield* pause(run, why)
      })
    )

  const nextOf = ({ held, outcomes }: Judge.Judged, now: number, dueAt: number): Next =>
    outcomes.some(({ state }) => state === "unknown")
      ? { state: "checking", dueAt: now + (searchPausesMs[0] ?? 0), searches: 0, unknownSince: now, resent: false }
      : held.length > 0
      ? { state: "pending", dueAt }
      : { state: "done" }

  /** Whatever the second send came to, the first one may have been accepted. */
  const settleResent = (job: Job, judged: Judge.Judged, now: number, dueAt: number) => {
    const { chunk } = job
    const unknownSince = chunk.unknownSince ?? now
    const again = judged.outcomes.flatMap((outcome): Array<RunOutcome> =>
      outcome.state === "rejected" ? [] : [{ ...outcome, possiblyDuplicate: true }]
    )
    const outcomes = merged(chunk.outcomes, again)
    if (judged.held.length > 0 && again.length === 0) {
      const next = { dueAt, searches: searchPausesMs.length, unknownSince, resent: false }
      return settle(job, "answer", withUnknown(job, outcomes), { state: "checking", ...next })
    }
    const isDoubtful = again.some(({ state }) => state === "unknown")
    return settle(
      job,
      "answer",
      withUnknown(job, outcomes),
      isDoubtful
        ? { state: "checking", dueAt: now + (searchPausesMs[0] ?? 0), searches: 0, unknownSince, resent: true }
        : { state: "done" }
    )
  }

  const withUnknown = ({ chunk }: Job, outcomes: ReadonlyArray<RunOutcome>) =>
    merged(openItems(chunk).map(({ index }): RunOutcome => ({ index, state: "unknown" })), outcomes)

  /** With what a search found. A chunk that was sent again may have been accepted twice. */
  const inDoubt = (job: Job, found: ReadonlyArray<RunOutcome>) =>
    withUnknown(job, merged(job.chunk.outcomes, found)).map((outcome): RunOutcome =>
      job.chunk.resent && outcome.state === "unknown" ? { ...outcome, possiblyDuplicate: true } : outcome
    )

  const check = (job: Job): Effect.Effect<void> =>
    Effect.gen(function*() {
      const { chunk, run } = job
      const items = openItems(chunk)
      const begun = yield* Clock.currentTimeMillis
      const unknownSince = chunk.unknownSince ?? begun
      const later = (dueAt: number, searches: number): Next => ({
        state: "checking",
        dueAt,
        searches,
        unknownSince,
        resent: chunk.resent
      })
      const client = yield* Effect.either(connections.client(run.connectionId))
      if (Either.isLeft(client)) {
        const isOver = client.left._tag === "ConnectionRevoked" || client.left._tag === "ConnectionNotFound" ||
          begun - unknownSince >= longestDoubtMs
        const outcomes = inDoubt(job, [])
        return yield* settle(
          job,
          "lease",
          outcomes,
          isOver ? { state: "done" } : later(begun + failedSearchMs, chunk.searches)
        )
      }
      const searched = yield* held(
        job,
        Effect.either(
          run.callName === null
            ? Effect.succeed(new Map<number, never>())
            : client.right.prepared.search(batchOf(run, chunk, items), chunk.sentSince)
        )
      )
      const now = yield* Clock.currentTimeMillis
      if (Either.isLeft(searched)) {
        const next = now - unknownSince >= longestDoubtMs ? { state: "done" as const } : later(
          now + Math.max("retryAfter" in searched.left ? searched.left.retryAfter ?? 0 : 0, failedSearchMs),
          chunk.searches
        )
        return yield* settle(job, "lease", inDoubt(job, []), next)
      }
      const found = [...searched.right].map(([index, { messageId }]): RunOutcome => ({
        index,
        state: "accepted",
        messageId,
        source: "search",
        ...(chunk.resent ? { possiblyDuplicate: true as const } : {})
      }))
      const outcomes = inDoubt(job, found)
      if (!outcomes.some(({ state }) => state === "unknown")) {
        return yield* settle(job, "lease", outcomes, { state: "done" })
      }
      const searches = chunk.searches + 1
      const pauseMs = run.callName === null ? undefined : searchPausesMs[searches]
      if (pauseMs !== undefined) return yield* settle(job, "lease", outcomes, later(now + pauseMs, searches))
      if (run.resendUnknownAfterMs === null || chunk.resent) {
        return yield* settle(job, "lease", outcomes, { state: "done" })
      }
      const resendAt = unknownSince + run.resendUnknownAfterMs
      const fresh = yield* store.get(run.id)
      if (Option.isNone(fresh) || fresh.value.state === "cancelled") {
        return yield* settle(job, "lease", outcomes, { state: "done" })
      }
      // Now and then before its time as well: the run may be cancelled meanwhile, and the history may have caught up.
      if (now < resendAt) {
        return yield* settle(job, "lease", outcomes, later(Math.min(resendAt, now + longestPauseMs), searches))
      }
      if (fresh.value.state === "paused") {
        return yield* settle(job, "lease", outcomes, later(now + failedSearchMs, searches))
      }
      const isBegun = yield* store.beginResend({
        runId: run.id,
        chunk: chunk.index,
        lease: job.lease,
        leaseUntil: now + leaseMs
      })
      const again = { ...chunk, outcomes, attempt: chunk.attempt + 1, resent: true }
      if (isBegun) yield* attempt(client.right, { ...job, chunk: again }, true)
      return isBegun
    }).pipe(Effect.catchTag("StoreUnavailable", (error) =>
      Effect.annotateLogs(Effect.logWarning("a chunk could not be looked up and is tried again"), {
        runId: job.run.id,
        failure: error.message
      })))

  return { send: (client, job) => attempt(client, job, false), check, pause }
}

/** Doubles from a second to a minute, ±20 %. */
const backoff = (failures: number, retryAfterMs: number | undefined): Effect.Effect<number> =>
  retryAfterMs === undefined
    ? Effect.map(
      Random.nextRange(0.8, 1.2),
      (jitter) => Math.round(jitter * Math.min(1_000 * 2 ** Math.min(failures, 10), 60_000))
    )
    : Effect.succeed(Math.ceil(retryAfterMs))

const storePatience = Schedule.exponential("200 millis").pipe(
  Schedule.union(Schedule.spaced("5 seconds")),
  Schedule.upTo("1 minute")
)

const failedSearchMs = 30_000

const longestPauseMs = 600_000

/** A search that fails for a day will not succeed any more. */
const longestDoubtMs = 24 * 3_600_000
