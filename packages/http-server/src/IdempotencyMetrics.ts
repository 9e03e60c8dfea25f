/**
 * What is counted of requests with an `Idempotency-Key`.
 *
 * @since 0.1.0
 */
import * as Metric from "effect/Metric"

/**
 * Requests by `result`: `Run`, `Replay`, `ResponseLost`, `InProgress`, `Reused` or `Abandoned`, as in `Idempotency.Begun`.
 *
 * @since 0.1.0
 * @category metrics
 */
export const requests = Metric.counter("postmark_idempotency_requests_total", { incremental: true })

/**
 * Responses that could not be stored for repeats. A repeat finds out by itself what the request came to.
 *
 * @since 0.1.0
 * @category metrics
 */
export const unstored = Metric.counter("postmark_idempotency_unstored_total", { incremental: true })
