/** Tries again what only the outside world keeps from working. */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Metric from "effect/Metric"
import * as Schedule from "effect/Schedule"
import * as WaitMetrics from "../../WaitMetrics.ts"

/**
 * A workflow keeps the failure of a step for good, so what may pass is not a failure: it is retried, after 200 ms at first
 * and 30 seconds at most, until `limit`.
 */
export const persistently = <A, E extends { readonly _tag: string }, R>(
  self: Effect.Effect<A, E, R>,
  options: {
    readonly step: string
    readonly passes: (error: E) => boolean
    readonly limit?: Duration.Duration | undefined
  }
): Effect.Effect<A, E, R> => {
  const { limit, passes, step } = options
  return self.pipe(
    Effect.tapError((error) =>
      passes(error)
        ? Effect.zipRight(
          Metric.increment(WaitMetrics.stepRetries),
          Effect.annotateLogs(Effect.logWarning("a step of a workflow could not be done and is tried again"), {
            step,
            failure: error._tag
          })
        )
        : Effect.void
    ),
    Effect.retry({
      while: passes,
      schedule: limit === undefined ? patience : Schedule.upTo(patience, limit)
    })
  )
}

const patience = Schedule.exponential("200 millis").pipe(
  Schedule.modifyDelay((_, delay) => Duration.min(delay, "30 seconds"))
)

export const isStoreUnavailable = (error: { readonly _tag: string }): boolean => error._tag === "StoreUnavailable"
