/**
 * What Node measures of the process, under the names that Prometheus's client for Node uses.
 *
 * @since 0.1.0
 */
import * as Clock from "effect/Clock"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Metric from "effect/Metric"
import * as Schedule from "effect/Schedule"
import { monitorEventLoopDelay, performance } from "node:perf_hooks"

/**
 * The time in seconds by which the event loop was late, in the last interval, by `quantile`: `0.5`, `0.99` or `1`.
 *
 * @since 0.1.0
 * @category metrics
 */
export const eventLoopDelay = Metric.gauge("nodejs_eventloop_delay_seconds")

/**
 * The part of the last interval in which the event loop was busy, from 0 to 1.
 *
 * @since 0.1.0
 * @category metrics
 */
export const eventLoopUtilization = Metric.gauge("nodejs_eventloop_utilization")

/**
 * @since 0.1.0
 * @category metrics
 */
export const residentMemory = Metric.gauge("process_resident_memory_bytes")

/**
 * @since 0.1.0
 * @category metrics
 */
export const heapUsed = Metric.gauge("nodejs_heap_size_used_bytes")

/**
 * Buffers and other memory outside of the heap.
 *
 * @since 0.1.0
 * @category metrics
 */
export const externalMemory = Metric.gauge("nodejs_external_memory_bytes")

/**
 * @since 0.1.0
 * @category metrics
 */
export const cpu = Metric.counter("process_cpu_seconds_total", { incremental: true })

/**
 * When the process started, in seconds of the Unix epoch.
 *
 * @since 0.1.0
 * @category metrics
 */
export const startTime = Metric.gauge("process_start_time_seconds")

/**
 * Measures the process for the life of the layer. Default: every 5 seconds.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (interval: Duration.DurationInput = "5 seconds"): Layer.Layer<never> =>
  Layer.scopedDiscard(Effect.gen(function*() {
    const delays = yield* Effect.acquireRelease(
      Effect.sync(() => {
        const histogram = monitorEventLoopDelay({ resolution: resolutionMs })
        histogram.enable()
        return histogram
      }),
      (histogram) => Effect.sync(() => histogram.disable())
    )
    const now = yield* Clock.currentTimeMillis
    yield* Metric.set(startTime, (now - performance.now()) / 1_000)
    let used = 0
    let utilization = performance.eventLoopUtilization()
    const sample = Effect.gen(function*() {
      const { external, heapUsed: heap, rss } = process.memoryUsage()
      yield* Metric.set(residentMemory, rss)
      yield* Metric.set(heapUsed, heap)
      yield* Metric.set(externalMemory, external)
      const { system, user } = process.cpuUsage()
      yield* Metric.incrementBy(cpu, (system + user - used) / 1e6)
      used = system + user
      const current = performance.eventLoopUtilization()
      yield* Metric.set(eventLoopUtilization, performance.eventLoopUtilization(current, utilization).utilization)
      utilization = current
      for (const [quantile, percentile] of quantiles) {
        // A delay is measured from timer to timer, so it contains the timer's own interval.
        const late = delays.percentile(percentile) / 1e6 - resolutionMs
        yield* Metric.set(Metric.tagged(eventLoopDelay, "quantile", quantile), Math.max(late, 0) / 1_000)
      }
      delays.reset()
    })
    yield* sample.pipe(Effect.repeat(Schedule.spaced(interval)), Effect.forkScoped)
  }))

const resolutionMs = 20

const quantiles = [["0.5", 50], ["0.99", 99], ["1", 100]] as const
