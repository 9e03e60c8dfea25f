/** How far a subscriber has come with a trigger: a cursor for each connection of its filter, or one for all. */
import type { Service as Cursors } from "@effect-postmark/core/CursorStore"
import type { StoredEvent } from "@effect-postmark/core/EventLog"
import type { StoreUnavailable } from "@effect-postmark/core/StoreUnavailable"
import * as Effect from "effect/Effect"

export interface Progress {
  /** The number after which the next page begins. */
  readonly position: () => number
  /** True for an event that was read before, as a connection with an older cursor joined the filter. */
  readonly isRead: (event: StoredEvent) => boolean
  /** The event is handed on now. */
  readonly begin: (event: StoredEvent) => void
  /** The event is handled, or has a row: the cursor can move past it. */
  readonly settled: (event: StoredEvent) => void
  /** All of the filter was read up to this number. */
  readonly readUntil: (sequence: number) => void
  /** How many events were handed on since the oldest that is not settled: a crash repeats as many at most. */
  readonly ahead: () => number
  /** Moves the cursors to before the oldest event that is not settled. */
  readonly save: Effect.Effect<void, StoreUnavailable>
}

interface Place {
  saved: number
  read: number
  lastSettled: number
  /** In ascending order: the numbers of events that are not settled, and how many were handed on before each. */
  readonly open: Map<number, number>
}

export const make = (
  cursors: Cursors,
  subscriber: string,
  trigger: string,
  connections: ReadonlyArray<string> | undefined
): Effect.Effect<Progress, StoreUnavailable> =>
  Effect.gen(function*() {
    const keyOf = (connection: string | null) => JSON.stringify([subscriber, trigger, connection])
    const places = new Map<string | null, Place>()
    for (const name of connections === undefined ? [null] : new Set(connections)) {
      const saved = yield* cursors.get(keyOf(name))
      places.set(name, { saved, read: saved, lastSettled: saved, open: new Map() })
    }
    const mutex = yield* Effect.makeSemaphore(1)
    let begun = 0
    const placeOf = (event: StoredEvent) => places.get(connections === undefined ? null : event.connectionId)
    const reached = ({ open, read }: Place) => {
      const [oldest] = open.keys()
      return oldest === undefined ? read : oldest - 1
    }
    return {
      position: () => Math.min(...[...places.values()].map(({ read }) => read), Number.MAX_SAFE_INTEGER),
      isRead: (event) => event.sequence <= (placeOf(event)?.read ?? Number.MAX_SAFE_INTEGER),
      begin: (event) => {
        const place = placeOf(event)
        if (place === undefined) return
        place.read = event.sequence
        place.open.set(event.sequence, begun)
        begun += 1
      },
      settled: (event) => {
        const place = placeOf(event)
        if (place === undefined) return
        place.open.delete(event.sequence)
        place.lastSettled = Math.max(place.lastSettled, event.sequence)
      },
      readUntil: (sequence) => {
        for (const place of places.values()) place.read = Math.max(place.read, sequence)
      },
      ahead: () => {
        const oldest = [...places.values()].map(({ open }) => {
          const [first] = open.values()
          return first ?? begun
        })
        return begun - Math.min(...oldest, begun)
      },
      save: mutex.withPermits(1)(
        Effect.forEach(places, ([name, place]) => {
          const target = reached(place)
          // Without a handled event, saved now and then only: reading from an older place costs an index search.
          if (Math.min(place.lastSettled, target) <= place.saved && target - place.saved < saveEvery) return Effect.void
          return Effect.map(cursors.advance(keyOf(name), target), () => {
            place.saved = target
          })
        }, { discard: true })
      )
    }
  })

const saveEvery = 1_000
