/**
 * Where traces, metrics and logs are exported to, read from OpenTelemetry's own variables
 * (https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/).
 *
 * @since 0.1.0
 */
import * as Config from "effect/Config"
import * as ConfigError from "effect/ConfigError"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"

/**
 * How spans are chosen. With `isParentBased`, a request that comes with a `traceparent` is recorded if its caller records
 * it. `ratio` is the part of all other traces that is recorded.
 *
 * @since 0.1.0
 * @category models
 */
export interface Sampling {
  readonly isParentBased: boolean
  readonly ratio: number
}

/**
 * The settings of the export. A signal without a URL is not exported.
 *
 * @since 0.1.0
 * @category models
 */
export interface TelemetrySettings {
  readonly traces: Option.Option<string>
  readonly metrics: Option.Option<string>
  readonly logs: Option.Option<string>
  readonly protocol: "http/protobuf" | "http/json"
  /** They often contain a key. */
  readonly headers: Redacted.Redacted<Readonly<Record<string, string>>>
  readonly serviceName: string
  readonly resource: Readonly<Record<string, string>>
  readonly sampling: Sampling
  readonly metricsIntervalMs: number
  readonly tracesDelayMs: number
  readonly logsDelayMs: number
}

const url = (name: string) => Config.option(Config.map(Config.url(name), ({ href }) => href))

/** `key=value` pairs, separated by commas, with values as in a URL. */
const pairs = (text: string): Either.Either<Readonly<Record<string, string>>, ConfigError.ConfigError> => {
  const read: Record<string, string> = {}
  for (const part of text.split(",").map((one) => one.trim()).filter((one) => one !== "")) {
    const [, name, value] = /^([^=\s]+)\s*=\s*(.*)$/.exec(part) ?? []
    const decoded = value === undefined ? Option.none() : Option.liftThrowable(decodeURIComponent)(value)
    if (name === undefined || Option.isNone(decoded)) {
      return Either.left(ConfigError.InvalidData([], "must be key=value pairs, separated by commas"))
    }
    read[name] = decoded.value
  }
  return Either.right(read)
}

const exporter = (signal: string) =>
  Config.withDefault(Config.literal("otlp", "none")(`OTEL_${signal}_EXPORTER`), "otlp")

const milliseconds = (name: string, otherwise: number) =>
  Config.integer(name).pipe(
    Config.validate({ message: "must be at least 1 millisecond", validation: (value) => value >= 1 }),
    Config.withDefault(otherwise)
  )

const samplers = {
  always_on: { isParentBased: false, ratio: () => 1 },
  always_off: { isParentBased: false, ratio: () => 0 },
  traceidratio: { isParentBased: false, ratio: (given: number) => given },
  parentbased_always_on: { isParentBased: true, ratio: () => 1 },
  parentbased_always_off: { isParentBased: true, ratio: () => 0 },
  parentbased_traceidratio: { isParentBased: true, ratio: (given: number) => given }
}

const samplerNames = [
  "always_on",
  "always_off",
  "traceidratio",
  "parentbased_always_on",
  "parentbased_always_off",
  "parentbased_traceidratio"
] as const

/**
 * Reads the variables: `OTEL_EXPORTER_OTLP_ENDPOINT` turns the export on, and `OTEL_SDK_DISABLED=true` turns it off.
 * OTLP over gRPC is not supported.
 *
 * @since 0.1.0
 * @category config
 */
export const config: Config.Config<Option.Option<TelemetrySettings>> = Config.all({
  disabled: Config.withDefault(Config.boolean("OTEL_SDK_DISABLED"), false),
  endpoint: url("OTEL_EXPORTER_OTLP_ENDPOINT"),
  tracesUrl: url("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"),
  metricsUrl: url("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT"),
  logsUrl: url("OTEL_EXPORTER_OTLP_LOGS_ENDPOINT"),
  protocol: Config.withDefault(
    Config.literal("http/protobuf", "http/json")("OTEL_EXPORTER_OTLP_PROTOCOL"),
    "http/protobuf"
  ),
  headers: Config.redacted("OTEL_EXPORTER_OTLP_HEADERS").pipe(
    Config.mapOrFail((text) => Either.map(pairs(Redacted.value(text)), (read) => Redacted.make(read))),
    Config.withDefault(Redacted.make<Readonly<Record<string, string>>>({}))
  ),
  serviceName: Config.withDefault(Config.nonEmptyString("OTEL_SERVICE_NAME"), "effect-postmark-server"),
  resource: Config.string("OTEL_RESOURCE_ATTRIBUTES").pipe(Config.mapOrFail(pairs), Config.withDefault({})),
  traces: exporter("TRACES"),
  metrics: exporter("METRICS"),
  logs: exporter("LOGS"),
  sampler: Config.withDefault(Config.literal(...samplerNames)("OTEL_TRACES_SAMPLER"), "parentbased_always_on"),
  samplerArgument: Config.number("OTEL_TRACES_SAMPLER_ARG").pipe(
    Config.validate({ message: "must be from 0 to 1", validation: (value) => value >= 0 && value <= 1 }),
    Config.withDefault(1)
  ),
  metricsIntervalMs: milliseconds("OTEL_METRIC_EXPORT_INTERVAL", 60_000),
  tracesDelayMs: milliseconds("OTEL_BSP_SCHEDULE_DELAY", 5_000),
  logsDelayMs: milliseconds("OTEL_BLRP_SCHEDULE_DELAY", 1_000)
}).pipe(Config.map((read): Option.Option<TelemetrySettings> => {
  const target = (signal: "traces" | "metrics" | "logs", own: Option.Option<string>) =>
    read[signal] === "none"
      ? Option.none()
      : Option.orElse(own, () => Option.map(read.endpoint, (base) => `${base.replace(/\/+$/, "")}/v1/${signal}`))
  const traces = target("traces", read.tracesUrl)
  const metrics = target("metrics", read.metricsUrl)
  const logs = target("logs", read.logsUrl)
  const { isParentBased, ratio } = samplers[read.sampler]
  return read.disabled || [traces, metrics, logs].every(Option.isNone) ? Option.none() : Option.some({
    traces,
    metrics,
    logs,
    protocol: read.protocol,
    headers: read.headers,
    serviceName: read.serviceName,
    resource: read.resource,
    sampling: { isParentBased, ratio: ratio(read.samplerArgument) },
    metricsIntervalMs: read.metricsIntervalMs,
    tracesDelayMs: read.tracesDelayMs,
    logsDelayMs: read.logsDelayMs
  })
}))
