/**
 * What gap-fill counts. Tags have few values; never an id or an address.
 *
 * @since 0.1.0
 */
import * as Metric from "effect/Metric"

/**
 * Sweeps, by `result`: `completed` or `failed`.
 *
 * @since 0.1.0
 * @category metrics
 */
export const sweeps = Metric.counter("postmark_gap_fill_sweeps_total", { incremental: true })

/**
 * Missed events that sweeps stored, by `trigger`. A rising count means that webhooks get lost.
 *
 * @since 0.1.0
 * @category metrics
 */
export const events = Metric.counter("postmark_gap_fill_events_total", { incremental: true })
