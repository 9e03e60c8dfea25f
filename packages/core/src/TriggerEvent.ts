/**
 * A trigger's event as the event log gives it back: typed, and with where it came from.
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import * as ParseResult from "effect/ParseResult"
import type { StoredEvent } from "./EventLog.ts"
import type { ConnectionId } from "./Ids.ts"
import * as Json from "./Json.ts"
import type * as Trigger from "./Trigger.ts"

/**
 * @since 0.1.0
 * @category models
 */
export interface TriggerEvent<Event> {
  readonly sequence: number
  readonly connectionId: ConnectionId
  readonly receivedAt: string
  readonly trigger: string
  readonly event: Event
}

/**
 * Reads a stored event of this trigger. Left when it is another trigger's, or was not decoded when it came.
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
      event
    }))
}

/**
 * A stored event's typed part as JSON, with the webhook's body as `raw`; null when it has none.
 *
 * @since 0.1.0
 * @category conversions
 */
export const json = ({ event, raw }: StoredEvent): unknown => {
  const typed = event === null ? null : Json.parse(event)
  return typeof typed === "object" && typed !== null ? { ...typed, raw: Json.parse(raw) } : null
}
