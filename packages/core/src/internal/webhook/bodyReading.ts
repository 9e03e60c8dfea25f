/** Reads authenticated bodies for the triggers of a registry. */
import * as Either from "effect/Either"
import * as ParseResult from "effect/ParseResult"
import * as EventKeys from "../../EventKeys.ts"
import * as Json from "../../Json.ts"
import * as PostmarkTriggers from "../../PostmarkTriggers.ts"
import type * as Trigger from "../../Trigger.ts"
import type * as TriggerRegistry from "../../TriggerRegistry.ts"
import type { Reading } from "../../WebhookReceiver.ts"
import { isProbe, recordTypeOf } from "./eventKind.ts"

/**
 * Reads a trigger's event as JSON text, without `raw`, because the log stores the body itself. Returns undefined when
 * the body is incomplete, and when a custom trigger throws, so that a faulty trigger does not lose the event.
 */
const readerOf = (trigger: Trigger.Any) => {
  const { event, fromWebhook, id } = trigger
  const encode = ParseResult.encodeUnknownEither(event)
  // Postmark's own events are JSON as they are read: encoding them would change nothing.
  const isJson = PostmarkTriggers.all.some((own) => Object.is(own, trigger))
  const read = (body: unknown, arrival: Trigger.Arrival): unknown =>
    Either.getOrUndefined(
      isJson ? fromWebhook(body, arrival) : Either.flatMap(fromWebhook(body, arrival), (event) => encode(event))
    )
  return (body: unknown, arrival: Trigger.Arrival) => {
    let json: unknown
    try {
      json = read(body, arrival)
    } catch {
      return undefined
    }
    return typeof json === "object" && json !== null
      ? { event: Json.stringify({ ...json, raw: undefined }), keys: EventKeys.of(id, json) }
      : undefined
  }
}

const unknown: Reading = { recordType: null, trigger: null, event: null, status: "unknown" }

/** A body, and the text of which the hash is its identity; undefined when that is the body itself. */
export interface Identified {
  readonly reading: Reading
  readonly canonical: string | undefined
}

/** Reads a body; undefined when it is not JSON. */
export const make = (registry: TriggerRegistry.Service) => {
  const readers = new Map(registry.triggers.map((trigger) => [trigger.id, readerOf(trigger)]))
  const ofValue = (value: unknown, arrival: Trigger.Arrival): Reading => {
    const trigger = registry.ofBody(value)
    const recordType = trigger?.recordType ?? recordTypeOf(value) ?? null
    if (isProbe(value, recordType ?? undefined)) return { ...unknown, recordType, status: "probe" }
    if (trigger === undefined) return { ...unknown, recordType }
    const typed = readers.get(trigger.id)?.(value, arrival)
    return typed === undefined
      ? { recordType, trigger: trigger.id, event: null, status: "partial" }
      : { recordType, trigger: trigger.id, ...typed, status: "decoded" }
  }
  return (text: string, arrival: Trigger.Arrival): Identified | undefined => {
    if (Json.isTooDeep(text)) return { reading: unknown, canonical: undefined }
    let parsed: ReturnType<typeof Json.parseWithCanonical>
    try {
      parsed = Json.parseWithCanonical(text)
    } catch {
      return undefined
    }
    return { reading: ofValue(parsed.value, arrival), canonical: parsed.canonical }
  }
}
