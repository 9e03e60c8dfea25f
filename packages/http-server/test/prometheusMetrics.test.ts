import * as PrometheusMetrics from "@effect-postmark/http-server/PrometheusMetrics"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Metric, MetricBoundaries } from "effect"

/** What the text has of the metrics whose names begin with a prefix. */
const textOf = (prefix: string) =>
  Effect.map(
    Metric.snapshot,
    (pairs) => PrometheusMetrics.format(pairs.filter(({ metricKey }) => metricKey.name.startsWith(prefix)))
  )

describe("the Prometheus text", () => {
  it.effect("has each name once, with its type, its help and its series", () =>
    Effect.gen(function*() {
      const counter = Metric.counter("shape_calls_total", { incremental: true, description: "Calls,\nby kind" })
      yield* Metric.incrementBy(Metric.tagged(counter, "kind", "a"), 2)
      yield* Metric.incrementBy(Metric.tagged(counter, "kind", "b\"\\\n"), 3)
      yield* Metric.set(Metric.gauge("shape_depth"), -1.5)
      const duration = Metric.histogram("shape_duration_seconds", MetricBoundaries.fromIterable([0.1, 1]))
      for (const seconds of [0.05, 0.5, 5]) yield* Metric.update(duration, seconds)
      assert.strictEqual(
        yield* textOf("shape_"),
        [
          "# HELP shape_calls_total Calls,\\nby kind",
          "# TYPE shape_calls_total counter",
          "shape_calls_total{kind=\"a\"} 2",
          "shape_calls_total{kind=\"b\\\"\\\\\\n\"} 3",
          "# TYPE shape_depth gauge",
          "shape_depth -1.5",
          "# TYPE shape_duration_seconds histogram",
          "shape_duration_seconds_bucket{le=\"0.1\"} 1",
          "shape_duration_seconds_bucket{le=\"1\"} 2",
          "shape_duration_seconds_bucket{le=\"+Inf\"} 3",
          "shape_duration_seconds_sum 5.55",
          "shape_duration_seconds_count 3",
          ""
        ].join("\n")
      )
    }))

  it.effect("formats summaries and frequencies, and replaces letters that a name cannot have", () =>
    Effect.gen(function*() {
      const summary = Metric.summary({
        name: "other.latency",
        maxAge: "1 minute",
        maxSize: 10,
        error: 0,
        quantiles: [0.5]
      })
      yield* Metric.update(summary, 4)
      yield* Metric.update(Metric.frequency("other.words"), "x")
      const text = yield* textOf("other.")
      assert.include(text, "# TYPE other_latency summary\nother_latency{quantile=\"0.5\"} 4\n")
      assert.include(text, "other_latency_sum 4\nother_latency_count 1\n")
      assert.include(text, "other_words{key=\"x\"} 1\n")
    }))
})
