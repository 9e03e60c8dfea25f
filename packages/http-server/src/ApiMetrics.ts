/**
 * What the API's guards count. No tag has the id of a key or of a connection.
 *
 * @since 0.1.0
 */
import * as Metric from "effect/Metric"

/**
 * Counts requests that were refused because their key had no request left.
 *
 * @since 0.1.0
 * @category metrics
 */
export const rateLimited = Metric.counter("postmark_api_rate_limited_total", { incremental: true })

/**
 * Counts requests that were limited by this process alone, because the shared store did not answer.
 *
 * @since 0.1.0
 * @category metrics
 */
export const rateLimitFallbacks = Metric.counter("postmark_api_rate_limit_fallbacks_total", { incremental: true })

/**
 * Counts entries that the audit log did not take, by `step`: `begin` (the request got a 503 and changed nothing) or `end`
 * (the change was made, and its entry stays `begun`).
 *
 * @since 0.1.0
 * @category metrics
 */
export const auditFailures = Metric.counter("postmark_api_audit_failures_total", { incremental: true })

/**
 * Counts uses of API keys whose time was not stored.
 *
 * @since 0.1.0
 * @category metrics
 */
export const lastUseFailures = Metric.counter("postmark_api_key_last_use_failures_total", { incremental: true })
