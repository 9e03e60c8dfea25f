/**
 * One turn of Node's event loop: sockets that have data are read meanwhile. Not a sleep, since a sleep waits at least a
 * millisecond, and for ever under a test clock.
 */
import * as Effect from "effect/Effect"

export const turn: Effect.Effect<void> = Effect.async((resume) => {
  const immediate = setImmediate(() => resume(Effect.void))
  return Effect.sync(() => clearImmediate(immediate))
})
