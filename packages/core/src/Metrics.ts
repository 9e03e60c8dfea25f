/**
 * The metrics. Tags have few values: operations, outcomes and results; never an address, a token or an id.
 *
 * @since 0.1.0
 */
import * as Metric from "effect/Metric"
import * as MetricBoundaries from "effect/MetricBoundaries"

/**
 * Counts every try of a call to Postmark, by `operation` (`sendEmail`) and `outcome` (`success`, or the error's tag).
 *
 * @since 0.1.0
 * @category metrics
 */
export const requests = Metric.counter("postmark_requests_total", { incremental: true })

/**
 * The duration of a try in seconds, by `operation`.
 *
 * @since 0.1.0
 * @category metrics
 */
export const requestDuration = Metric.histogram(
  "postmark_request_duration_seconds",
  MetricBoundaries.exponential({ start: 0.005, factor: 2, count: 14 })
)

/**
 * Counts messages that were sent one by one or in batches, by `outcome`: `accepted`, `rejected`, `notSent` or `unknown`.
 * Bulk runs count their own.
 *
 * @since 0.1.0
 * @category metrics
 */
export const messages = Metric.counter("postmark_messages_total", { incremental: true })

/**
 * Counts received webhook events, by `result`: `stored`, `duplicate`, `quarantined`, `unauthorized`,
 * `tooLarge`, `limited`, `overloaded` or `unavailable`.
 *
 * @since 0.1.0
 * @category metrics
 */
export const webhooks = Metric.counter("postmark_webhooks_total", { incremental: true })

/**
 * The webhooks that are taken and not answered yet. Near its limit (`WebhookReceiver.Options`), more are refused with 503.
 *
 * @since 0.1.0
 * @category metrics
 */
export const webhooksPending = Metric.gauge("postmark_webhooks_pending")

/**
 * Counts stored events, by `status`: `decoded`, `partial`, `unknown` or `probe`.
 *
 * @since 0.1.0
 * @category metrics
 */
export const events = Metric.counter("postmark_events_total", { incremental: true })

/**
 * Counts failed calls of a trigger's handler, by `trigger`.
 *
 * @since 0.1.0
 * @category metrics
 */
export const handlerFailures = Metric.counter("postmark_handler_failures_total", { incremental: true })

/**
 * Counts events that became dead letters, as their handler failed in every try, by `trigger`.
 *
 * @since 0.1.0
 * @category metrics
 */
export const deadLetters = Metric.counter("postmark_dead_letters_total", { incremental: true })

/**
 * Counts background fibers that ended unexpectedly and were restarted, by `fiber`.
 *
 * @since 0.1.0
 * @category metrics
 */
export const restarts = Metric.counter("postmark_restarts_total", { incremental: true })
