/** Log lines as JSON on stdout, each with the request's id, and its trace if there is one. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as FiberRef from "effect/FiberRef"
import * as FiberRefs from "effect/FiberRefs"
import * as HashMap from "effect/HashMap"
import type * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Option from "effect/Option"
import * as Tracer from "effect/Tracer"
import * as LogSink from "./logSink.ts"

const line = Logger.make<unknown, string>((options) => {
  const { annotations, ...rest } = Logger.structuredLogger.log(options)
  const span = Option.flatMap(
    FiberRefs.get(options.context, FiberRef.currentContext),
    (context) => Context.getOption(context, Tracer.ParentSpan)
  )
  return JSON.stringify({
    ...rest,
    ...Option.match(span, { onNone: () => ({}), onSome: ({ spanId, traceId }) => ({ traceId, spanId }) }),
    ...HashMap.isEmpty(options.annotations) ? {} : { annotations }
  })
})

export const layer: Layer.Layer<never> = Logger.replaceScoped(
  Logger.defaultLogger,
  Effect.map(LogSink.stdout, (sink) => Logger.map(line, (text) => sink.write(`${text}\n`)))
)
