/**
 * What the relay counts. Tags have few values; never an id or a URL.
 *
 * @since 0.1.0
 */
import * as Metric from "effect/Metric"
import * as MetricBoundaries from "effect/MetricBoundaries"

/**
 * Attempts, by `result`: `delivered`, `failed` (there will be another) or `dead` (it was the last).
 *
 * @since 0.1.0
 * @category metrics
 */
export const attempts = Metric.counter("postmark_relay_attempts_total", { incremental: true })

/**
 * How long an attempt took, in seconds.
 *
 * @since 0.1.0
 * @category metrics
 */
export const attemptDuration = Metric.histogram(
  "postmark_relay_attempt_duration_seconds",
  MetricBoundaries.exponential({ start: 0.005, factor: 2, count: 13 })
)

/**
 * Targets that the relay disabled, by `reason`: `gone` or `failing`.
 *
 * @since 0.1.0
 * @category metrics
 */
export const targetsDisabled = Metric.counter("postmark_relay_targets_disabled_total", { incremental: true })

/**
 * Outcomes of attempts that the store rejected while it accepted others. Those events are relayed again.
 *
 * @since 0.1.0
 * @category metrics
 */
export const unwritten = Metric.counter("postmark_relay_unwritten_outcomes_total", { incremental: true })

/**
 * Rows given back because no configured encryption key opens their target's secret.
 *
 * @since 0.1.0
 * @category metrics
 */
export const unreadableSecrets = Metric.counter("postmark_relay_unreadable_secrets_total", { incremental: true })

/**
 * When the relay last looked for due events, in seconds of the Unix epoch. While it works, that is each second.
 *
 * @since 0.1.0
 * @category metrics
 */
export const lastRound = Metric.gauge("postmark_relay_last_round_timestamp_seconds")
