/** Counts the tries of an operation, and how long each took. */
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Metric from "effect/Metric"
import * as Option from "effect/Option"
import * as Metrics from "../../Metrics.ts"

export const measured = (operation: string) => {
  const duration = Metric.tagged(Metrics.requestDuration, "operation", operation)
  const counters = new Map<string, ReturnType<typeof counterOf>>()
  const counterOf = (outcome: string) =>
    Metrics.requests.pipe(Metric.tagged("operation", operation), Metric.tagged("outcome", outcome))
  const count = (outcome: string): Effect.Effect<void> => {
    const known = counters.get(outcome) ?? counterOf(outcome)
    counters.set(outcome, known)
    return Metric.increment(known)
  }
  return <A, E extends { readonly _tag: string }, R>(call: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.flatMap(Clock.currentTimeMillis, (startedAt) =>
      Effect.onExit(call, (exit) =>
        Effect.zipRight(
          count(outcomeOf(exit)),
          Effect.flatMap(Clock.currentTimeMillis, (endedAt) => Metric.update(duration, (endedAt - startedAt) / 1_000))
        )))
}

const outcomeOf = (exit: Exit.Exit<unknown, { readonly _tag: string }>): string =>
  Exit.match(exit, {
    onSuccess: () => "success",
    onFailure: (cause) =>
      Option.match(Cause.failureOption(cause), {
        onSome: ({ _tag }) => _tag,
        onNone: () => Cause.isInterrupted(cause) ? "interrupted" : "defect"
      })
  })
