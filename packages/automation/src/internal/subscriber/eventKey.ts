/** Which events of a subscriber are handled one after another. */
import type * as TriggerEvent from "@effect-postmark/core/TriggerEvent"
import * as Hash from "effect/Hash"
import * as Predicate from "effect/Predicate"

export type KeyOf<Event> = (event: Event, about: TriggerEvent.TriggerEvent<Event>) => string | null

/**
 * A short hash, so that no address is kept in a row. Two keys with the same hash wait for each other, which costs time
 * and nothing else. A function that throws counts as the connection: its events then keep their order.
 */
export const make = <Event>(key: "connection" | "recipient" | KeyOf<Event>) =>
(
  about: TriggerEvent.TriggerEvent<Event>
): string | null => {
  const text = typeof key === "string" ? named[key](about) : custom(key, about)
  return text === null ? null : String(Hash.string(text))
}

const connectionOf = ({ connectionId }: TriggerEvent.TriggerEvent<unknown>) => JSON.stringify([connectionId])

const named = {
  connection: connectionOf,
  recipient: (about: TriggerEvent.TriggerEvent<unknown>) =>
    Predicate.hasProperty(about.event, "recipient") && typeof about.event.recipient === "string"
      ? JSON.stringify([about.connectionId, about.event.recipient.toLowerCase()])
      : connectionOf(about)
}

const custom = <Event>(keyOf: KeyOf<Event>, about: TriggerEvent.TriggerEvent<Event>): string | null => {
  try {
    return keyOf(about.event, about)
  } catch {
    return connectionOf(about)
  }
}
