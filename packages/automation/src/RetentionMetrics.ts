/**
 * What retention counts. Each metric has one tag, `kind`, such as `events` or `raw_bodies`.
 *
 * @since 0.1.0
 */
import * as Metric from "effect/Metric"

/**
 * Rows that were removed because of their age.
 *
 * @since 0.1.0
 * @category metrics
 */
export const removed = Metric.counter("postmark_retention_removed_total", { incremental: true })

/**
 * Passes that failed.
 *
 * @since 0.1.0
 * @category metrics
 */
export const failures = Metric.counter("postmark_retention_failures_total", { incremental: true })

/**
 * When the last pass succeeded, in seconds of the Unix epoch.
 *
 * @since 0.1.0
 * @category metrics
 */
export const lastSuccess = Metric.gauge("postmark_retention_last_success_timestamp_seconds")
