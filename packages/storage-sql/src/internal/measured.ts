/** How long the calls of a store take, with their wait for a connection, and how many fail. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Metric from "effect/Metric"
import * as MetricBoundaries from "effect/MetricBoundaries"
import * as MetricKey from "effect/MetricKey"

const durationKey = MetricKey.histogram(
  "postmark_store_duration_seconds",
  MetricBoundaries.exponential({ start: 0.0005, factor: 2, count: 15 })
)
const failuresKey = MetricKey.counter("postmark_store_failures_total", { incremental: true })

/** Metrics of one store are made once: a tag that is added to a metric is looked up at each update. */
export const measured = (store: string) => {
  const duration = Metric.fromMetricKey(MetricKey.tagged(durationKey, "store", store))
  const failures = Metric.fromMetricKey(MetricKey.tagged(failuresKey, "store", store))
  return <A, E, R>(call: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.flatMap(
      Clock.currentTimeNanos,
      (begun) =>
        Effect.onExit(call, (exit) =>
          Effect.map(Clock.currentTimeNanos, (ended) => {
            duration.unsafeUpdate(Number(ended - begun) / 1e9, [])
            if (exit._tag === "Failure") failures.unsafeUpdate(1, [])
          }))
    )
}
