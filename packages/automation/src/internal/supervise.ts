/** Keeps background work running: what ends is logged, counted and started again, soon at first and then more slowly. */
import * as Metrics from "@effect-postmark/core/Metrics"
import * as Cause from "effect/Cause"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Metric from "effect/Metric"
import * as Schedule from "effect/Schedule"
import { failureName } from "./failureName.ts"

/** `fiber` names the work in logs and in `Metrics.restarts`, such as `Relay.claim`. */
export const supervise = <E, R>(fiber: string, work: Effect.Effect<unknown, E, R>): Effect.Effect<never, never, R> =>
  Effect.zipRight(work, Effect.dieMessage("it ended by itself")).pipe(
    Effect.tapErrorCause((cause) =>
      Cause.isInterruptedOnly(cause) ? Effect.void : Effect.zipRight(
        Metric.increment(Metric.tagged(Metrics.restarts, "fiber", fiber)),
        Effect.annotateLogs(Effect.logError("a background fiber ended and is started again"), {
          fiber,
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
