/** Keeps background work going: what ends is logged, counted and started again, soon at first and then more slowly. */
import * as Cause from "effect/Cause"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Metric from "effect/Metric"
import * as Predicate from "effect/Predicate"
import * as Schedule from "effect/Schedule"
import * as RelayMetrics from "../../RelayMetrics.ts"

export const supervise = <E, R>(part: string, work: Effect.Effect<unknown, E, R>): Effect.Effect<never, never, R> =>
  Effect.zipRight(work, Effect.dieMessage("it ended by itself")).pipe(
    Effect.tapErrorCause((cause) =>
      Cause.isInterruptedOnly(cause) ? Effect.void : Effect.zipRight(
        Metric.increment(Metric.tagged(RelayMetrics.restarts, "part", part)),
        Effect.annotateLogs(Effect.logError("a part of the relay stopped and is started again"), {
          part,
          failure: failureName(cause)
        })
      )
    ),
    Effect.sandbox,
    Effect.retry({ schedule: patience, while: (cause) => !Cause.isInterrupted(cause) }),
    Effect.unsandbox,
    Effect.orDie
  )

const patience = Schedule.exponential("200 millis").pipe(
  Schedule.modifyDelay((_, delay) => Duration.min(delay, "15 seconds")),
  Schedule.resetAfter("1 minute")
)

/** The failure's message only where it is ours: others can hold what must not be logged. */
const failureName = (cause: Cause.Cause<unknown>): string => {
  const failure = Cause.squash(cause)
  if (Predicate.isTagged(failure, "StoreUnavailable") && failure instanceof Error) return failure.message
  return failure instanceof Error ? failure.name : typeof failure
}
