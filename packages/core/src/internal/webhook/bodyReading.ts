/** Reads authenticated bodies for the triggers of a registry. */
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as ParseResult from "effect/ParseResult"
import * as EventKeys from "../../EventKeys.ts"
import * as Json from "../../Json.ts"
import type * as Trigger from "../../Trigger.ts"
import type * as TriggerRegistry from "../../TriggerRegistry.ts"
import type { Reading } from "../../WebhookReceiver.ts"
import { isProbe, recordTypeOf } from "./eventKind.ts"

/**
 * Reads a trigger's event as JSON text, without `raw`, because the log stores the body itself. Returns undefined when
 * the body is incomplete, and when a custom trigger throws, so that a faulty trigger does not lose the event.
 */
const readerOf = ({ event, fromWebhook, id }: Trigger.Any) => {
  const encode = ParseResult.encodeUnknownEither(event)
  const read = Option.liftThrowable((body: unknown, arrival: Trigger.Arrival) =>
    Either.getOrUndefined(Either.flatMap(fromWebhook(body, arrival), (read) => encode(read)))
  )
  return (body: unknown, arrival: Trigger.Arrival) => {
    const json: unknown = Option.getOrUndefined(read(body, arrival))
    return typeof json === "object" && json !== null
      ? { event: Json.stringify({ ...json, raw: undefined }), keys: EventKeys.of(id, json) }
      : undefined
  }
}

const parse = Option.liftThrowable(Json.parse)

export const make = (registry: TriggerRegistry.Service) => {
  const readers = new Map(registry.triggers.map((trigger) => [trigger.id, readerOf(trigger)]))
  return (text: string, arrival: Trigger.Arrival): Reading | undefined => {
    const unknown: Reading = { recordType: null, trigger: null, event: null, status: "unknown" }
    if (Json.isTooDeep(text)) return unknown
    const parsed = parse(text)
    if (Option.isNone(parsed)) return undefined
    const trigger = registry.ofBody(parsed.value)
    const recordType = trigger?.recordType ?? recordTypeOf(parsed.value) ?? null
    if (isProbe(parsed.value, recordType ?? undefined)) return { ...unknown, recordType, status: "probe" }
    if (trigger === undefined) return { ...unknown, recordType }
    const typed = readers.get(trigger.id)?.(parsed.value, arrival)
    return typed === undefined
      ? { recordType, trigger: trigger.id, event: null, status: "partial" }
      : { recordType, trigger: trigger.id, ...typed, status: "decoded" }
  }
}
