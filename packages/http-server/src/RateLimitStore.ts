/**
 * Where the rate limit of each API key is counted: a port. Processes that share the store share the limits.
 *
 * @since 0.1.0
 */
import type { StoreUnavailable } from "@effect-postmark/core/StoreUnavailable"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"

/**
 * One request of a bucket that fills up again steadily. All times are whole microseconds: `now` since 1970, `cost` is the
 * time in which the bucket gets one request back, and `capacity` the time in which an empty bucket gets full.
 *
 * @since 0.1.0
 * @category models
 */
export interface Take {
  readonly name: string
  readonly now: number
  readonly cost: number
  readonly capacity: number
}

/**
 * `isTaken` is false when the bucket had no request left; nothing was taken then. `fullAt` is when the bucket is full
 * again; it can be in the past.
 *
 * @since 0.1.0
 * @category models
 */
export interface Taken {
  readonly isTaken: boolean
  readonly fullAt: number
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Service {
  /** Takes one request. Of several at once, no more are taken than the bucket has. */
  readonly take: (options: Take) => Effect.Effect<Taken, StoreUnavailable>
}

/**
 * @since 0.1.0
 * @category tags
 */
export class RateLimitStore
  extends Context.Tag("@effect-postmark/http-server/RateLimitStore")<RateLimitStore, Service>()
{}

/**
 * Rate limits in memory, for one process.
 *
 * @since 0.1.0
 * @category constructors
 */
export const makeMemory: Effect.Effect<{
  readonly take: (options: Take) => Effect.Effect<Taken>
}> = Effect.sync(() => {
  const buckets = new Map<string, number>()
  return {
    take: ({ capacity, cost, name, now }) =>
      Effect.sync(() => {
        const fullAt = buckets.get(name) ?? now
        const next = Math.max(fullAt, now) + cost
        if (next > now + capacity) return { isTaken: false, fullAt }
        buckets.set(name, next)
        return { isTaken: true, fullAt: next }
      })
  }
})

/**
 * @since 0.1.0
 * @category layers
 */
export const layerMemory: Layer.Layer<RateLimitStore> = Layer.effect(RateLimitStore, makeMemory)
