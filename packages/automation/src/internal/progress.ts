/** How far a subscriber has come with a trigger: a cursor for each connection of its filter, or one for all. */
import type { Service as Cursors } from "@effect-postmark/core/CursorStore"
import type { StoredEvent } from "@effect-postmark/core/EventLog"
import type { StoreUnavailable } from "@effect-postmark/core/StoreUnavailable"
import * as Effect from "effect/Effect"

export interface Progress {
  /** The number after which the next page begins. */
  readonly position: () => number
  /** True for an event that was handled before a connection with an older cursor joined the filter. */
  readonly isDone: (event: StoredEvent) => boolean
  readonly done: (event: StoredEvent) => Effect.Effect<void, StoreUnavailable>
  /** Nothing of the filter is left up to this number. */
  readonly doneUntil: (sequence: number) => Effect.Effect<void, StoreUnavailable>
}

export const make = (
  cursors: Cursors,
  subscriber: string,
  trigger: string,
  connections: ReadonlyArray<string> | undefined
): Effect.Effect<Progress, StoreUnavailable> =>
  Effect.gen(function*() {
    const keyOf = (connection: string | null) => JSON.stringify([subscriber, trigger, connection])
    const names = connections === undefined ? [null] : [...new Set(connections)]
    const stored = new Map<string | null, number>()
    for (const name of names) stored.set(name, yield* cursors.get(keyOf(name)))
    const reached = new Map(stored)
    const nameOf = (event: StoredEvent) => connections === undefined ? null : event.connectionId
    const save = (name: string | null, sequence: number) =>
      Effect.map(cursors.advance(keyOf(name), sequence), () => {
        stored.set(name, sequence)
        reached.set(name, sequence)
      })
    return {
      position: () => Math.min(...reached.values(), Number.MAX_SAFE_INTEGER),
      isDone: (event) => event.sequence <= (reached.get(nameOf(event)) ?? 0),
      done: (event) => save(nameOf(event), event.sequence),
      doneUntil: (sequence) =>
        Effect.forEach(names, (name) => {
          if (sequence > (reached.get(name) ?? 0)) reached.set(name, sequence)
          // Saved now and then only: reading from an older place finds nothing twice, and costs an index search.
          return sequence - (stored.get(name) ?? 0) >= saveEvery ? save(name, sequence) : Effect.void
        }, { discard: true })
    }
  })

const saveEvery = 1_000
