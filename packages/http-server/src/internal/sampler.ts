/** Decides which traces are recorded. */
import * as Option from "effect/Option"
import * as Tracer from "effect/Tracer"
import type { Sampling } from "../TelemetrySettings.ts"

/**
 * A trace is recorded as a whole or not at all: by its id, by what the caller's `traceparent` says, or by the span in this
 * process that it goes on from. The statements of background work, once a second or more, are not traces of their own.
 */
export const make = (tracer: Tracer.Tracer, { isParentBased, ratio }: Sampling): Tracer.Tracer =>
  Tracer.make({
    context: (run, fiber) => tracer.context(run, fiber),
    span: (name, parent, context, links, startTime, kind, options) => {
      // It is exported when it ends, so one that is not used is never exported.
      const span = tracer.span(name, parent, context, links, startTime, kind, options)
      const isRecorded = Option.match(parent, {
        onNone: () => !name.startsWith("sql.") && isWithin(span.traceId, ratio),
        onSome: (above) => above._tag === "Span" || isParentBased ? above.sampled : isWithin(span.traceId, ratio)
      })
      return isRecorded ? span : notRecorded(span)
    }
  })

/** Every server decides the same about the same trace. */
const isWithin = (traceId: string, ratio: number): boolean => parseInt(traceId.slice(-8), 16) / 0x1_0000_0000 < ratio

const notRecorded = (
  { context, kind, links, name, parent, spanId, status, traceId }: Tracer.Span
): Tracer.Span => ({
  _tag: "Span",
  name,
  spanId,
  traceId,
  parent,
  context,
  status,
  attributes: new Map(),
  links,
  kind,
  sampled: false,
  end: () => {},
  attribute: () => {},
  event: () => {},
  addLinks: () => {}
})
