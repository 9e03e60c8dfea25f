/**
 * Exports traces, metrics and logs over OTLP. It needs the package `@effect/opentelemetry`, of which it uses only what works
 * without OpenTelemetry's own SDK.
 *
 * @since 0.1.0
 */
import * as OtlpLogger from "@effect/opentelemetry/OtlpLogger"
import * as OtlpMetrics from "@effect/opentelemetry/OtlpMetrics"
import * as OtlpSerialization from "@effect/opentelemetry/OtlpSerialization"
import * as OtlpTracer from "@effect/opentelemetry/OtlpTracer"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Sampler from "./internal/sampler.ts"
import type { TelemetrySettings } from "./TelemetrySettings.ts"

/**
 * Exports for the life of the layer, and what is left when it ends, for up to 2 seconds for each signal. A collector that does not answer
 * delays nothing: its data is dropped.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (
  settings: TelemetrySettings,
  options: { readonly serviceVersion?: string | undefined } = {}
): Layer.Layer<never> => {
  const common = {
    shutdownTimeout: "2 seconds" as const,
    headers: Redacted.value(settings.headers),
    resource: {
      serviceName: settings.serviceName,
      serviceVersion: options.serviceVersion,
      attributes: settings.resource
    }
  }
  const signals = Layer.mergeAll(
    Option.match(settings.traces, {
      onNone: () => Layer.empty,
      onSome: (url) =>
        Layer.unwrapScoped(Effect.map(
          OtlpTracer.make({ ...common, url, exportInterval: settings.tracesDelayMs }),
          (tracer) => Layer.setTracer(Sampler.make(tracer, settings.sampling))
        ))
    }),
    Option.match(settings.metrics, {
      onNone: () => Layer.empty,
      onSome: (url) => OtlpMetrics.layer({ ...common, url, exportInterval: settings.metricsIntervalMs })
    }),
    Option.match(settings.logs, {
      onNone: () => Layer.empty,
      onSome: (url) => OtlpLogger.layer({ ...common, url, exportInterval: settings.logsDelayMs })
    })
  )
  return signals.pipe(
    Layer.provide(
      settings.protocol === "http/json" ? OtlpSerialization.layerJson : OtlpSerialization.layerProtobuf
    ),
    Layer.provide(NodeHttpClient.layerUndici)
  )
}
