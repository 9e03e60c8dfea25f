/**
 * What provisioning counts. Tags have few values; never an id or a URL.
 *
 * @since 0.1.0
 */
import * as Metric from "effect/Metric"

/**
 * Webhooks that a scheduled check found not to be as they should be, by `state`: `missing`, `edited` or `paused`.
 *
 * @since 0.1.0
 * @category metrics
 */
export const problems = Metric.counter("postmark_webhook_problems_total", { incremental: true })
