/** Counts the requests in flight, so a shutdown can wait for them. */
import * as Effect from "effect/Effect"
import * as ServerMetrics from "../ServerMetrics.ts"

export interface Drain {
  readonly isDraining: () => boolean
  /** Completes when draining starts, for responses that would never end. */
  readonly started: Effect.Effect<void>
  /** Counts the effect as in flight while it runs. */
  readonly track: <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
  /** Starts draining; returns when nothing is in flight. */
  readonly drain: Effect.Effect<void>
}

export const make: Effect.Effect<Drain> = Effect.sync(() => {
  const idle = Effect.unsafeMakeLatch(true)
  const started = Effect.unsafeMakeLatch(false)
  let draining = false
  let inFlight = 0
  return {
    isDraining: () => draining,
    started: started.await,
    track: (effect) =>
      Effect.acquireUseRelease(
        Effect.sync(() => {
          inFlight++
          ServerMetrics.inFlight.unsafeUpdate(inFlight, [])
          idle.unsafeClose()
        }),
        () => effect,
        () =>
          Effect.sync(() => {
            inFlight--
            ServerMetrics.inFlight.unsafeUpdate(inFlight, [])
            if (inFlight === 0) idle.unsafeOpen()
          })
      ),
    drain: Effect.suspend(() => {
      draining = true
      started.unsafeOpen()
      return idle.await
    })
  }
})
