/** Counts the requests in flight, so a shutdown can wait for them. */
import * as Effect from "effect/Effect"
import * as ServerMetrics from "../ServerMetrics.ts"

export interface Drain {
  readonly isDraining: () => boolean
  /** Completes when draining starts, for responses that would never end. */
  readonly started: Effect.Effect<void>
  /** Counts the effect as in flight while it runs. */
  readonly track: <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
  /** The same for what is not an effect. `exit` is called once for each `enter`. */
  readonly enter: () => void
  readonly exit: () => void
  /** Starts draining; returns when nothing is in flight. */
  readonly drain: Effect.Effect<void>
}

export const make: Effect.Effect<Drain> = Effect.sync(() => {
  const idle = Effect.unsafeMakeLatch(true)
  const started = Effect.unsafeMakeLatch(false)
  let draining = false
  let inFlight = 0
  const enter = () => {
    inFlight++
    ServerMetrics.inFlight.unsafeUpdate(inFlight, [])
    if (inFlight === 1) idle.unsafeClose()
  }
  const exit = () => {
    inFlight--
    ServerMetrics.inFlight.unsafeUpdate(inFlight, [])
    if (inFlight === 0) idle.unsafeOpen()
  }
  return {
    isDraining: () => draining,
    started: started.await,
    track: (effect) => Effect.acquireUseRelease(Effect.sync(enter), () => effect, () => Effect.sync(exit)),
    enter,
    exit,
    drain: Effect.suspend(() => {
      draining = true
      started.unsafeOpen()
      return idle.await
    })
  }
})
