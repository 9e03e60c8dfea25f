/** Tells who keeps webhook secrets in memory that this process has changed those of a connection. */
import * as Effect from "effect/Effect"

type Listener = (connectionId: string) => void

const listeners = new WeakMap<object, Set<Listener>>()

export const listen = (store: object, listener: Listener): void => {
  const all = listeners.get(store)
  if (all === undefined) listeners.set(store, new Set([listener]))
  else all.add(listener)
}

/** Runs a change, and tells the listeners before it is answered. A change that failed may have happened. */
export const announced = (store: object, connectionId: string) => <A, E, R>(change: Effect.Effect<A, E, R>) =>
  Effect.ensuring(
    change,
    Effect.sync(() => listeners.get(store)?.forEach((listener) => listener(connectionId)))
  )
