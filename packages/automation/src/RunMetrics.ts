/**
 * What bulk runs count. Tags have few values; never an id or an address.
 *
 * @since 0.1.0
 */
import * as Metric from "effect/Metric"

/**
 * Messages that have their outcome, by `outcome`: `accepted`, `rejected` or `unknown`.
 *
 * @since 0.1.0
 * @category metrics
 */
export const messages = Metric.counter("postmark_run_messages_total", { incremental: true })

/**
 * Chunks that were certainly not sent and wait for another attempt, by `reason`: the tag of the error.
 *
 * @since 0.1.0
 * @category metrics
 */
export const chunksRetried = Metric.counter("postmark_run_chunks_retried_total", { incremental: true })

/**
 * Chunks that were found in the middle of a call whose worker was gone.
 *
 * @since 0.1.0
 * @category metrics
 */
export const chunksTakenOver = Metric.counter("postmark_run_chunks_taken_over_total", { incremental: true })

/**
 * Runs that paused by themselves, by `reason`.
 *
 * @since 0.1.0
 * @category metrics
 */
export const runsPaused = Metric.counter("postmark_runs_paused_total", { incremental: true })
