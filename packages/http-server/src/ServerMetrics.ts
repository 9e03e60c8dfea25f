/**
 * What the server counts of its own requests. Tags have few values: routes are templates such as `/v1/connections/:id`.
 *
 * @since 0.1.0
 */
import * as Metric from "effect/Metric"
import * as MetricBoundaries from "effect/MetricBoundaries"
import * as MetricKey from "effect/MetricKey"
import type * as MetricKeyType from "effect/MetricKeyType"
import * as MetricLabel from "effect/MetricLabel"

const requestsKey = MetricKey.counter("postmark_server_requests_total", {
  incremental: true,
  description: "Requests that got a response, by route, method and status"
})

const durationKey = MetricKey.histogram(
  "postmark_server_request_duration_seconds",
  MetricBoundaries.exponential({ start: 0.001, factor: 2, count: 17 }),
  "How long a request took until its response was ready, by route"
)

/**
 * Requests that got a response, by `route`, `method` and `status`. The route of an unknown path is `none`, and a method
 * that the route does not have is `other`.
 *
 * @since 0.1.0
 * @category metrics
 */
export const requests = Metric.fromMetricKey(requestsKey)

/**
 * How long a request took until its response was ready, in seconds, by `route`.
 *
 * @since 0.1.0
 * @category metrics
 */
export const requestDuration = Metric.fromMetricKey(durationKey)

/**
 * Requests without a response yet.
 *
 * @since 0.1.0
 * @category metrics
 */
export const inFlight = Metric.gauge("postmark_server_requests_in_flight")

/**
 * Log lines that were dropped, because the program that reads them did not.
 *
 * @since 0.1.0
 * @category metrics
 */
export const droppedLogLines = Metric.counter("postmark_server_log_lines_dropped_total", { incremental: true })

/**
 * Counts one response.
 *
 * @since 0.1.0
 * @category constructors
 */
export const record = (
  route: { readonly path: string; readonly methods: ReadonlyArray<string> } | undefined,
  method: string,
  status: number,
  seconds: number
): void => {
  const path = route?.path ?? "none"
  const known = route?.methods.includes(method) === true ? method : "other"
  const id = `${known} ${path} ${status}`
  once(counters, id, () =>
    Metric.fromMetricKey(
      MetricKey.taggedWithLabels(requestsKey, labels({ route: path, method: known, status: String(status) }))
    )).unsafeUpdate(1, [])
  once(histograms, path, () => Metric.fromMetricKey(MetricKey.taggedWithLabels(durationKey, labels({ route: path }))))
    .unsafeUpdate(seconds, [])
}

// A metric with tags is made once: making its key costs more than counting.
const counters = new Map<string, Metric.Metric.Counter<number>>()
const histograms = new Map<string, Metric.Metric<MetricKeyType.MetricKeyType.Histogram, number, unknown>>()

const once = <A>(made: Map<string, A>, id: string, make: () => A): A => {
  const known = made.get(id) ?? make()
  made.set(id, known)
  return known
}

const labels = (values: Readonly<Record<string, string>>) =>
  Object.entries(values).map(([name, value]) => MetricLabel.make(name, value))
