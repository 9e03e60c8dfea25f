/** Sends chunks: journals each before it is sent, looks up what is in doubt, and waits when Postmark asks for it. */
import type * as Correlation from "@effect-postmark/core/Correlation"
import type * as PostmarkClient from "@effect-postmark/core/PostmarkClient"
import type * as PreparedBatch from "@effect-postmark/core/PreparedBatch"
import * as RetryPolicy from "@effect-postmark/core/RetryPolicy"
import * as Clock from "effect/Clock"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Random from "effect/Random"
import * as Stream from "effect/Stream"
import { BatchStopped, type JournalProblem } from "../../CliError.ts"
import type * as Journal from "../../Journal.ts"
import type { Chunk } from "./chunks.ts"
import { type Judged, ofAnswer, ofFailure, type RowOutcome } from "./outcome.ts"

export interface Settings {
  readonly client: PostmarkClient.Service
  readonly kind: PreparedBatch.Kind
  readonly names: Correlation.Names
  readonly concurrency: number
  /** How long calls may fail one after another, certainly unaccepted, before the run stops. */
  readonly patienceMs: number
  /** Sends what is not found again after this long, or never. */
  readonly resendUnknownAfterMs: number | undefined
  readonly append: (record: Journal.Record) => Effect.Effect<void, JournalProblem>
}

export interface Run {
  /** The outcomes of each chunk, in the order of the rows. Ends early when the run is stopped. */
  readonly outcomes: <E, R>(chunks: Stream.Stream<Chunk, E, R>) => Stream.Stream<ReadonlyArray<RowOutcome>, E, R>
  readonly stop: (why: BatchStopped) => Effect.Effect<void>
  readonly stopped: Effect.Effect<BatchStopped | undefined>
}

const searchPausesMs = [1_000, 2_000, 4_000, 8_000]

export const make = (settings: Settings): Effect.Effect<Run> =>
  Effect.gen(function*() {
    const { append, client, concurrency, kind, names, patienceMs, resendUnknownAfterMs } = settings
    const ending = yield* Deferred.make<void>()
    const state: { stopped: BatchStopped | undefined; failingSince: number | undefined } = {
      stopped: undefined,
      failingSince: undefined
    }
    const stop = (why: BatchStopped) =>
      Effect.suspend(() => {
        state.stopped ??= why
        return Effect.asVoid(Deferred.succeed(ending, undefined))
      })
    const stopFor = (why: BatchStopped["why"], message: string, retryAfter?: number) =>
      stop(new BatchStopped({ why, message, ...(retryAfter === undefined ? {} : { retryAfter }) }))
    /** A pause ends when the run is stopped. */
    const pause = (millis: number) => Effect.raceFirst(Effect.sleep(millis), Deferred.await(ending))
    /** What cannot be journaled must not be sent. */
    const journaled = (record: Journal.Record): Effect.Effect<boolean> =>
      append(record).pipe(
        Effect.as(true),
        Effect.catchAll((error) => Effect.as(stopFor("io", error.message), false))
      )

    const batchOf = (chunk: Chunk, items: ReadonlyArray<PreparedBatch.Item>): PreparedBatch.PreparedBatch => ({
      kind,
      names,
      correlation: chunk.correlation,
      items
    })

    const end = (chunk: Chunk, outcomes: ReadonlyArray<RowOutcome>, held: ReadonlyArray<PreparedBatch.Item> = []) =>
      journaled({
        _tag: "end",
        chunk: chunk.index,
        accepted: outcomes.flatMap(({ messageId, row, state }) =>
          state === "accepted" ? [[row, messageId ?? ""] as const] : []
        ),
        rejected: outcomes.flatMap(({ errorCode = null, message = "", row, state }) =>
          state === "rejected" ? [[row, errorCode, message] as const] : []
        ),
        unknown: outcomes.flatMap(({ row, state }) => state === "unknown" ? [row] : []),
        held: held.map(({ index }) => index + 1)
      })

    /** Calls until there is an answer. Answers the outcomes, and what to look up. */
    const send = (
      chunk: Chunk,
      items: ReadonlyArray<PreparedBatch.Item>,
      again: boolean
    ): Effect.Effect<ReadonlyArray<RowOutcome>> =>
      Effect.gen(function*() {
        let failures = 0
        while (true) {
          if (state.stopped !== undefined) return again ? unknown(items, again) : []
          const at = yield* Clock.currentTimeMillis
          const isBegun = yield* journaled({
            _tag: "begin",
            chunk: chunk.index,
            first: chunk.first,
            count: chunk.count,
            at
          })
          if (!isBegun) return again ? unknown(items, again) : []
          const answer = yield* Effect.either(
            RetryPolicy.withRetryPolicy(client.prepared.send(batchOf(chunk, items)), RetryPolicy.none)
          )
          const judged: Judged = Either.isLeft(answer) ? ofFailure(answer.left, items) : ofAnswer(answer.right, items)
          const outcomes = again ? judged.outcomes.map(duplicated) : judged.outcomes
          if (judged.stop !== undefined) yield* stopFor(judged.stop.why, judged.stop.message)
          if (judged.retry === undefined) {
            state.failingSince = undefined
            if (again && judged.held.length > 0) {
              const all = [...outcomes, ...unknown(judged.held, again)]
              yield* end(chunk, all)
              return all
            }
            const doubtful = new Set(outcomes.flatMap(({ row, state }) => state === "unknown" ? [row] : []))
            if (doubtful.size > 0) {
              const open = items.filter(({ index }) => doubtful.has(index + 1))
              const settled = [...chunk.rejected, ...outcomes.filter(({ state }) => state !== "unknown")]
              return yield* lookUp(chunk, open, settled, at, again)
            }
            yield* end(chunk, [...chunk.rejected, ...outcomes], judged.held)
            return [...chunk.rejected, ...outcomes]
          }
          // A second send that was not taken leaves the first one in doubt.
          if (!again) yield* journaled({ _tag: "held", chunk: chunk.index })
          const now = yield* Clock.currentTimeMillis
          state.failingSince ??= at
          if (now - state.failingSince + (judged.retry.afterMs ?? 0) > patienceMs) {
            yield* stopFor(
              "unavailable",
              Either.isLeft(answer) ? answer.left.message : "Postmark cannot be reached",
              judged.retry.afterMs
            )
            return again ? unknown(items, again) : []
          }
          yield* pause(yield* backoff(failures++, judged.retry.afterMs))
        }
      })

    /** Searches the history a few times. What is not found stays unknown, or is sent again if that was asked for. */
    const lookUp = (
      chunk: Chunk,
      items: ReadonlyArray<PreparedBatch.Item>,
      settled: ReadonlyArray<RowOutcome>,
      since: number,
      again: boolean
    ): Effect.Effect<ReadonlyArray<RowOutcome>> =>
      Effect.gen(function*() {
        const found = new Map<number, RowOutcome>()
        const open = () => items.filter(({ index }) => !found.has(index))
        const search = Effect.gen(function*() {
          const receipts = yield* Effect.either(client.prepared.search(batchOf(chunk, open()), since))
          if (Either.isLeft(receipts)) {
            return yield* Effect.logDebug("the history could not be searched").pipe(
              Effect.annotateLogs({ failure: receipts.left._tag })
            )
          }
          for (const [index, { messageId }] of receipts.right) {
            found.set(index, { row: index + 1, state: "accepted", messageId, source: "search" })
          }
        })
        yield* search
        for (const millis of searchPausesMs) {
          if (open().length === 0 || state.stopped !== undefined) break
          // Whoever wants the message sent again after some time does not want to wait for longer.
          if (!again && (yield* Clock.currentTimeMillis) >= since + (resendUnknownAfterMs ?? Infinity)) break
          yield* pause(millis)
          yield* search
        }
        if (open().length > 0 && resendUnknownAfterMs !== undefined && !again && state.stopped === undefined) {
          const left = since + resendUnknownAfterMs - (yield* Clock.currentTimeMillis)
          if (left > 0) {
            yield* pause(left)
            yield* search
          }
          const missing = open()
          if (missing.length > 0 && state.stopped === undefined) {
            const before = [...settled, ...found.values()]
            // What was found must not be in doubt any more before the rest is sent again.
            if (yield* end(chunk, [...before, ...unknown(missing, false)])) {
              return [...before, ...(yield* send({ ...chunk, rejected: [] }, missing, true))]
            }
          }
        }
        const outcomes = [...settled, ...found.values(), ...unknown(open(), again)]
        yield* end(chunk, outcomes)
        return outcomes
      })

    const work = (chunk: Chunk): Effect.Effect<ReadonlyArray<RowOutcome>> => {
      if (chunk.doubtSince !== undefined) {
        return lookUp(chunk, chunk.items, chunk.rejected, chunk.doubtSince, false)
      }
      if (chunk.items.length > 0) return send(chunk, chunk.items, false)
      // Nothing to send: every row was rejected by our checks.
      return Effect.gen(function*() {
        const { count, first, index } = chunk
        const at = yield* Clock.currentTimeMillis
        yield* journaled({ _tag: "begin", chunk: index, first, count, at })
        yield* end(chunk, chunk.rejected)
        return chunk.rejected
      })
    }

    return {
      outcomes: (chunks) =>
        chunks.pipe(
          Stream.takeWhile(() => state.stopped === undefined),
          Stream.mapEffect(
            (chunk) => state.stopped === undefined ? Effect.map(work(chunk), inOrder) : Effect.succeed([]),
            { concurrency }
          )
        ),
      stop,
      stopped: Effect.sync(() => state.stopped)
    }
  })

const inOrder = (outcomes: ReadonlyArray<RowOutcome>) => [...outcomes].sort((a, b) => a.row - b.row)

const duplicated = (outcome: RowOutcome): RowOutcome => ({ ...outcome, possiblyDuplicate: true })

const unknown = (items: ReadonlyArray<PreparedBatch.Item>, again: boolean): ReadonlyArray<RowOutcome> =>
  items.map(({ index }): RowOutcome => ({
    row: index + 1,
    state: "unknown",
    ...(again ? { possiblyDuplicate: true } : {})
  }))

/** Doubles from a second to half a minute, ±20 %. */
const backoff = (failures: number, afterMs: number | undefined): Effect.Effect<number> =>
  afterMs === undefined
    ? Effect.map(
      Random.nextRange(0.8, 1.2),
      (jitter) => Math.round(jitter * Math.min(1_000 * 2 ** Math.min(failures, 6), 30_000))
    )
    : Effect.succeed(Math.ceil(afterMs))
