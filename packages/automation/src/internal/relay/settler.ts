/** Writes outcomes, many in one transaction, and acts on them: tells of dead letters, disables targets. */
import type * as DeliveryStore from "@effect-postmark/core/DeliveryStore"
import type { DisabledReason } from "@effect-postmark/core/RelayTarget"
import * as Chunk from "effect/Chunk"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Metric from "effect/Metric"
import * as Queue from "effect/Queue"
import * as Schedule from "effect/Schedule"
import * as RelayMetrics from "../../RelayMetrics.ts"

export interface Options {
  readonly disableAfterMs: number
  /** Called when a row may have become due earlier than was known. */
  readonly onPending: Effect.Effect<unknown>
  readonly onDisabled: (targetId: string) => void
}

export const make = (store: DeliveryStore.Service, options: Options) =>
  Effect.gen(function*() {
    const queue = yield* Queue.unbounded<DeliveryStore.Settlement>()
    // Not in the queue any more and not written yet: kept over a restart of the settler.
    let batch: ReadonlyArray<DeliveryStore.Settlement> = []

    const disable = (targetId: string, reason: DisabledReason) =>
      Effect.gen(function*() {
        options.onDisabled(targetId)
        const at = DateTime.formatIso(yield* DateTime.now)
        if (!(yield* store.disable(targetId, { reason, at }))) return
        yield* Metric.increment(Metric.tagged(RelayMetrics.targetsDisabled, "reason", reason))
        yield* Effect.annotateLogs(
          Effect.logError("a relay target was disabled; its events are held until it is enabled and they are replayed"),
          { targetId, reason }
        )
      })

    const write = Effect.gen(function*() {
      const settlements = batch
      const failing = yield* store.settle(settlements)
      batch = []
      for (const { attempt, next, sequence, targetId } of settlements) {
        if (attempt === null) continue
        const result = next.state === "pending" ? "failed" : next.state
        yield* Metric.increment(Metric.tagged(RelayMetrics.attempts, "result", result))
        if (next.state === "dead") {
          yield* Effect.annotateLogs(Effect.logError("an event was not relayed and is now a dead letter"), {
            targetId,
            sequence,
            failure: attempt.failure
          })
        }
      }
      if (settlements.some(({ next }) => next.state === "pending")) yield* options.onPending
      const gone = new Set(
        settlements.filter(({ attempt }) => attempt?.failure === "gone").map(({ targetId }) => targetId)
      )
      for (const targetId of gone) yield* disable(targetId, "gone")
      for (const { failingSince, targetId } of failing) {
        const latest = Math.max(...settlements.filter((one) => one.targetId === targetId).map(({ at }) => at))
        if (!gone.has(targetId) && latest - failingSince >= options.disableAfterMs) yield* disable(targetId, "failing")
      }
    })

    const run = Effect.gen(function*() {
      while (true) {
        if (batch.length === 0) batch = Chunk.toReadonlyArray(yield* Queue.takeBetween(queue, 1, maxBatch))
        yield* Effect.uninterruptible(write)
      }
    })

    // What is known at the end is written; what cannot be written comes again when its lease ends.
    const flush = Effect.gen(function*() {
      batch = [...batch, ...Chunk.toReadonlyArray(yield* Queue.takeAll(queue))]
      if (batch.length > 0) yield* write
    }).pipe(
      Effect.retry(Schedule.intersect(Schedule.spaced("100 millis"), Schedule.recurs(5))),
      Effect.timeout(Duration.seconds(5)),
      Effect.catchAll((error) =>
        Effect.annotateLogs(Effect.logWarning("outcomes of the relay were not written; those events come again"), {
          failure: error._tag
        })
      )
    )

    return {
      run,
      flush,
      settle: (settlement: DeliveryStore.Settlement) => Queue.offer(queue, settlement)
    }
  })

const maxBatch = 256
