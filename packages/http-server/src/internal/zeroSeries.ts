/**
 * Counters that exist from the start. Prometheus sees no increase when a series begins at 1, so the first dead letter would
 * raise no alert.
 */
import * as GapFillMetrics from "@effect-postmark/automation/GapFillMetrics"
import * as RelayMetrics from "@effect-postmark/automation/RelayMetrics"
import * as RunMetrics from "@effect-postmark/automation/RunMetrics"
import * as Metrics from "@effect-postmark/core/Metrics"
import { TriggerRegistry } from "@effect-postmark/core/TriggerRegistry"
import { decisions } from "@effect-postmark/core/WebhookReceiver"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Metric from "effect/Metric"
import * as ServerMetrics from "../ServerMetrics.ts"

export const layer: Layer.Layer<never, never, TriggerRegistry> = Layer.effectDiscard(
  Effect.gen(function*() {
    const triggers = (yield* TriggerRegistry).triggers.map(({ id }) => id)
    const counters: ReadonlyArray<
      readonly [Metric.Metric.Counter<number>, tag: string, values: ReadonlyArray<string>]
    > = [
      [Metrics.messages, "outcome", ["accepted", "rejected", "notSent", "unknown"]],
      [Metrics.webhooks, "result", Object.values(decisions).map(({ result }) => result)],
      [Metrics.events, "status", ["decoded", "partial", "unknown", "probe"]],
      [RelayMetrics.attempts, "result", ["delivered", "failed", "dead"]],
      [RelayMetrics.targetsDisabled, "reason", ["gone", "failing"]],
      [RunMetrics.messages, "outcome", ["accepted", "rejected", "unknown"]],
      [GapFillMetrics.sweeps, "result", ["completed", "failed"]],
      [GapFillMetrics.events, "trigger", triggers]
    ]
    for (const [counter, tag, values] of counters) {
      for (const value of values) yield* Metric.incrementBy(Metric.tagged(counter, tag, value), 0)
    }
    yield* Metric.incrementBy(ServerMetrics.droppedLogLines, 0)
  })
)
