/**
 * The port that stores the position of each subscriber in the event log.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Ref from "effect/Ref"
import type { StoreUnavailable } from "./StoreUnavailable.ts"

/**
 * @since 0.1.0
 * @category models
 */
export interface Service {
  /** Returns the sequence number of the subscriber's last processed event; 0 when there is none. */
  readonly get: (subscriber: string) => Effect.Effect<number, StoreUnavailable>
  /** Moves the cursor forward. A number below the stored one changes nothing. */
  readonly advance: (subscriber: string, sequence: number) => Effect.Effect<void, StoreUnavailable>
}

/**
 * @since 0.1.0
 * @category tags
 */
export class CursorStore extends Context.Tag("@effect-postmark/core/CursorStore")<CursorStore, Service>() {}

/**
 * Cursors in memory.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerMemory: Layer.Layer<CursorStore> = Layer.effect(
  CursorStore,
  Effect.map(Ref.make<ReadonlyMap<string, number>>(new Map()), (cursors) => ({
    get: (subscriber) => Effect.map(Ref.get(cursors), (all) => all.get(subscriber) ?? 0),
    advance: (subscriber, sequence) =>
      Ref.update(cursors, (all) => new Map(all).set(subscriber, Math.max(sequence, all.get(subscriber) ?? 0)))
  }))
)
