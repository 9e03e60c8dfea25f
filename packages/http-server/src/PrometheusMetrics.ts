/**
 * Effect's metrics in Prometheus's text format
 * (https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format).
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Metric from "effect/Metric"
import type * as MetricLabel from "effect/MetricLabel"
import type * as MetricPair from "effect/MetricPair"
import * as MetricState from "effect/MetricState"
import * as Option from "effect/Option"

/**
 * The media type of the text.
 *
 * @since 0.1.0
 * @category constants
 */
export const contentType = "text/plain; version=0.0.4; charset=utf-8"

/**
 * Formats the metrics: each name once, with its series below it.
 *
 * @since 0.1.0
 * @category conversions
 */
export const format = (pairs: Iterable<MetricPair.MetricPair.Untyped>): string => {
  const families = new Map<string, Family>()
  for (const { metricKey, metricState } of pairs) {
    const [type, lines] = samples(metricState)
    const name = nameOf(metricKey.name)
    const family = families.get(name) ?? { type, help: Option.getOrUndefined(metricKey.description), lines: [] }
    // One name has one type: two metrics that share it are a mistake that would make the whole text invalid.
    if (family.type !== type) continue
    families.set(name, family)
    for (const { labels = [], suffix = "", value } of lines(metricKey.tags)) {
      family.lines.push(`${name}${suffix}${labelsOf([...metricKey.tags.map(pair), ...labels])} ${number(value)}`)
    }
  }
  return Array.from(families, ([name, { help, lines, type }]) =>
    [
      ...help === undefined ? [] : [`# HELP ${name} ${escapeHelp(help)}`],
      `# TYPE ${name} ${type}`,
      ...lines
    ].join("\n") + "\n").sort().join("")
}

/**
 * All metrics of the process.
 *
 * @since 0.1.0
 * @category constructors
 */
export const text: Effect.Effect<string> = Effect.map(Metric.snapshot, format)

type Type = "counter" | "gauge" | "histogram" | "summary" | "untyped"

interface Family {
  readonly type: Type
  readonly help: string | undefined
  readonly lines: Array<string>
}

interface Sample {
  readonly suffix?: string
  readonly labels?: ReadonlyArray<readonly [name: string, value: string]>
  readonly value: number | bigint
}

const samples = (state: unknown): readonly [Type, (tags: ReadonlyArray<MetricLabel.MetricLabel>) => Array<Sample>] => {
  if (MetricState.isCounterState(state)) return ["counter", () => [{ value: state.count }]]
  if (MetricState.isGaugeState(state)) return ["gauge", () => [{ value: state.value }]]
  if (MetricState.isFrequencyState(state)) {
    return ["counter", () => Array.from(state.occurrences, ([key, value]) => ({ labels: [["key", key]], value }))]
  }
  if (MetricState.isHistogramState(state)) {
    return ["histogram", () => [
      ...Array.from(state.buckets, ([boundary, value]): Sample => ({
        suffix: "_bucket",
        labels: [["le", String(number(boundary))]],
        value
      })),
      { suffix: "_sum", value: state.sum },
      { suffix: "_count", value: state.count }
    ]]
  }
  if (MetricState.isSummaryState(state)) {
    return ["summary", () => [
      ...Array.from(state.quantiles, ([quantile, value]): Sample => ({
        labels: [["quantile", String(quantile)]],
        value: Option.getOrElse(value, () => Number.NaN)
      })),
      { suffix: "_sum", value: state.sum },
      { suffix: "_count", value: state.count }
    ]]
  }
  return ["untyped", () => []]
}

const nameOf = (name: string): string => name.replace(/[^a-zA-Z0-9_:]/g, "_").replace(/^(?=\d)/, "_")

const pair = ({ key, value }: MetricLabel.MetricLabel) => [key, value] as const

const labelsOf = (labels: ReadonlyArray<readonly [name: string, value: string]>): string =>
  labels.length === 0
    ? ""
    : `{${labels.map(([name, value]) => `${labelName(name)}="${escapeLabel(value)}"`).join(",")}}`

const labelName = (name: string): string => name.replace(/[^a-zA-Z0-9_]/g, "_").replace(/^(?=\d)/, "_")

const escapeLabel = (value: string): string =>
  value.replaceAll("\\", "\\\\").replaceAll("\"", "\\\"").replaceAll("\n", "\\n")

const escapeHelp = (value: string): string => value.replaceAll("\\", "\\\\").replaceAll("\n", "\\n")

const number = (value: number | bigint): string =>
  value === Number.POSITIVE_INFINITY ? "+Inf" : value === Number.NEGATIVE_INFINITY ? "-Inf" : String(value)
