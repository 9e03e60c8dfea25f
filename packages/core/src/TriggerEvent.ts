/**
 * A trigger's event from the event log: typed, with its connection and time of arrival.
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import * as ParseResult from "effect/ParseResult"
import type { EventSource } from "./EventKeys.ts"
import type { StoredEvent } from "./EventLog.ts"
import type { ConnectionId } from "./Ids.ts"
import * as Json from "./Json.ts"
import type * as Trigger from "./Trigger.ts"

/**
 * An event with its place in the log. `source` is `backfill` when its webhook was missed and a sweep found it in
 * Postmark's API; `possiblyDuplicate` is true when it may be a copy of another event.
 *
 * @since 0.1.0
 * @category models
 */
export interface TriggerEvent<Event> {
  readonly sequence: number
  readonly connectionId: ConnectionId
  readonly receivedAt: string
  readonly trigger: string
  readonly source: EventSource
  readonly possiblyDuplicate: boolean
  readonly event: Event
}

/**
 * Reads a stored event of this trigger. Returns a Left when the event belongs to another trigger, or was not decoded
 * when it arrived.
 *
 * @since 0.1.0
 * @category constructors
 */
export const fromStored = <Id extends string, Event, EventJson>(
  trigger: Trigger.Trigger<Id, Event, EventJson>
): (stored: StoredEvent) => Either.Either<TriggerEvent<Event>, ParseResult.ParseIssue> => {
  const decode = ParseResult.decodeUnknownEither(trigger.event)
  return (stored) =>
    Either.map(decode(json(stored)), (event) => ({
      sequence: stored.sequence,
      connectionId: stored.connectionId,
      receivedAt: stored.receivedAt,
      trigger: trigger.id,
      source: stored.source,
      possiblyDuplicate: stored.possiblyDuplicate,
      event
    }))
}

/**
 * Returns the typed part of a stored event as JSON, with the webhook body as `raw`; null when it has none.
 *
 * @since 0.1.0
 * @category conversions
 */
export const json = ({ event, raw }: StoredEvent): unknown => {
  const typed = event === null ? null : Json.parse(event)
  return typeof typed === "object" && typed !== null ? { ...typed, raw: Json.parse(raw) } : null
}
