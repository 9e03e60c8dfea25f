/** What still needs events of a log in memory, as rows of the same database would: it is asked before they are pruned. */
import type * as Effect from "effect/Effect"
import type { StoreUnavailable } from "../../StoreUnavailable.ts"

export interface Holder {
  /** Tells which of the events are needed. */
  readonly held: (sequences: ReadonlyArray<number>) => Effect.Effect<ReadonlySet<number>, StoreUnavailable>
  /** The events are gone. */
  readonly forget: (sequences: ReadonlySet<number>) => Effect.Effect<void, StoreUnavailable>
}

const holders = new WeakMap<object, Array<Holder>>()

export const of = (log: object): ReadonlyArray<Holder> => holders.get(log) ?? []

export const add = (log: object, holder: Holder): void => {
  holders.set(log, [...of(log), holder])
}
