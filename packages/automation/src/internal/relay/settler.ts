/** Writes outcomes, many in one transaction, and acts on them: reports dead letters, disables targets. */
import type * as DeliveryStore from "@effect-postmark/core/DeliveryStore"
import type { DisabledReason } from "@effect-postmark/core/RelayTarget"
import type { StoreUnavailable } from "@effect-postmark/core/StoreUnavailable"
import * as Chunk from "effect/Chunk"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Metric from "effect/Metric"
import * as Option from "effect/Option"
import * as Queue from "effect/Queue"
import * as Schedule from "effect/Schedule"
import * as RelayMetrics from "../../RelayMetrics.ts"
import * as RelayNotice from "../../RelayNotice.ts"
import * as EventLoop from "../eventLoop.ts"
import { failureName } from "../failureName.ts"

export interface Options {
  readonly disableAfterMs: number
  readonly notify: (notice: RelayNotice.RelayNotice) => Effect.Effect<unknown>
  /** Called when a row may have become due earlier than was known. */
  readonly onPending: Effect.Effect<unknown>
  readonly onDisabled: (targetId: string) => void
}

/** An outcome, and what a report says about its event. */
export interface Outcome extends DeliveryStore.Settlement {
  readonly connectionId: string
  readonly trigger: string
}

export const make = (store: DeliveryStore.Service, options: Options) =>
  Effect.gen(function*() {
    const queue = yield* Queue.unbounded<Outcome>()
    // Not in the queue any more and not written yet: kept over a restart of the settler.
    let batch: ReadonlyArray<Outcome> = []
    let failures = 0

    // A handler that fails or dies must not stop the relay.
    const notify = (notice: RelayNotice.RelayNotice) =>
      Effect.suspend(() => options.notify(notice)).pipe(
        Effect.catchAllCause((cause) =>
          Effect.annotateLogs(Effect.logError("the relay's notice was not handled"), {
            notice: notice._tag,
            failure: failureName(cause)
          })
        )
      )

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
        const target = Option.getOrUndefined(yield* store.getTarget(targetId))
        if (target === undefined) return
        const { connectionId, trigger } = target
        yield* notify(RelayNotice.TargetDisabled({ targetId, connectionId, trigger, reason }))
      })

    const report = ({ attempt, connectionId, next, sequence, targetId, trigger }: Outcome) =>
      Effect.gen(function*() {
        if (attempt === null) return
        const result = next.state === "pending" ? "failed" : next.state
        yield* Metric.increment(Metric.tagged(RelayMetrics.attempts, "result", result))
        if (next.state !== "dead") return
        const failure = attempt.failure ?? "unknown"
        yield* Effect.annotateLogs(Effect.logError("an event was not relayed and is now a dead letter"), {
          targetId,
          sequence,
          failure
        })
        yield* notify(RelayNotice.DeadLetter({ targetId, connectionId, trigger, sequence, failure }))
      })

    const settle = (outcomes: ReadonlyArray<Outcome>) =>
      Effect.gen(function*() {
        const failing = yield* store.settle(outcomes)
        batch = batch.filter((outcome) => !outcomes.includes(outcome))
        yield* Effect.forEach(outcomes, report, { discard: true })
        if (outcomes.some(({ next }) => next.state === "pending")) yield* options.onPending
        const gone = new Set(
          outcomes.filter(({ attempt }) => attempt?.failure === "gone").map(({ targetId }) => targetId)
        )
        for (const targetId of gone) yield* disable(targetId, "gone")
        for (const { failingSince, targetId } of failing) {
          const latest = Math.max(...outcomes.filter((one) => one.targetId === targetId).map(({ at }) => at))
          if (!gone.has(targetId) && latest - failingSince >= options.disableAfterMs) {
            yield* disable(targetId, "failing")
          }
        }
      })

    /** One outcome may be at fault: the others are written, and that event comes again when its lease ends. */
    const settleSingly = (outcomes: ReadonlyArray<Outcome>, error: StoreUnavailable) =>
      Effect.gen(function*() {
        const failed: Array<Outcome> = []
        for (const [index, outcome] of outcomes.entries()) {
          if (Exit.isFailure(yield* Effect.exit(settle([outcome])))) failed.push(outcome)
          // The store fails, and not these: others are tried first the next time.
          if (failed.length === 2 && index === 1) {
            batch = [...batch.slice(2), ...batch.slice(0, 2)]
            return yield* error
          }
        }
        batch = batch.filter((outcome) => !failed.includes(outcome))
        yield* Metric.incrementBy(RelayMetrics.unwritten, failed.length)
        yield* Effect.annotateLogs(Effect.logError("outcomes of the relay were not written; those events come again"), {
          count: failed.length,
          failure: error.message
        })
      })

    const write = Effect.suspend(() => {
      const outcomes = batch
      return settle(outcomes).pipe(
        Effect.tap(() => Effect.sync(() => (failures = 0))),
        Effect.catchTag("StoreUnavailable", (error) => {
          failures += 1
          return outcomes.length > 1 && failures > patience ? settleSingly(outcomes, error) : Effect.fail(error)
        })
      )
    })

    // A commit costs a sync to the disk, whether it writes one outcome or a hundred. What the sockets bring meanwhile joins
    // it; a turn of the event loop that brings nothing ends the gathering.
    const gather = Effect.gen(function*() {
      for (let turn = 0; turn < maxTurns && batch.length < maxBatch; turn++) {
        yield* EventLoop.turn
        const more = yield* Queue.takeUpTo(queue, maxBatch - batch.length)
        if (Chunk.isEmpty(more)) return
        batch = [...batch, ...more]
      }
    })

    const run = Effect.gen(function*() {
      while (true) {
        if (batch.length === 0) batch = [yield* Queue.take(queue)]
        yield* gather
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
      settle: (outcome: Outcome) => Queue.offer(queue, outcome)
    }
  })

const maxBatch = 256
const maxTurns = 64
const patience = 3
