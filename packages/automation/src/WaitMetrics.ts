/**
 * What waits and durable steps count. Tags have few values; never an id or an address.
 *
 * @since 0.1.0
 */
import * as Metric from "effect/Metric"

/**
 * Waits that somebody was told of, by `result`: `event` or `deadline`.
 *
 * @since 0.1.0
 * @category metrics
 */
export const ended = Metric.counter("postmark_waits_ended_total", { incremental: true })

/**
 * Workflows that were woken more than once for the same wait: a wake was lost, or the workflow is not running.
 *
 * @since 0.1.0
 * @category metrics
 */
export const repeatedWakes = Metric.counter("postmark_workflow_repeated_wakes_total", { incremental: true })

/**
 * Wakes that failed, by `failure`: the engine did not answer in time, or the stored event could not be read.
 *
 * @since 0.1.0
 * @category metrics
 */
export const failedWakes = Metric.counter("postmark_workflow_failed_wakes_total", { incremental: true })

/**
 * Tries of a step that are made again, because the store or Postmark was unavailable.
 *
 * @since 0.1.0
 * @category metrics
 */
export const stepRetries = Metric.counter("postmark_workflow_step_retries_total", { incremental: true })

/**
 * Sends that a run found in Postmark's history after a crash, instead of sending twice.
 *
 * @since 0.1.0
 * @category metrics
 */
export const foundSends = Metric.counter("postmark_workflow_found_sends_total", { incremental: true })

/**
 * Workflows that ended with an error or a defect, by `failure`: the error's tag.
 *
 * @since 0.1.0
 * @category metrics
 */
export const failedWorkflows = Metric.counter("postmark_workflow_failures_total", { incremental: true })
