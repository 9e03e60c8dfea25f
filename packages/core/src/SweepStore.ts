/**
 * The port that stores how far the sweeps of a connection have come, and which process sweeps it.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import type { StoreUnavailable } from "./StoreUnavailable.ts"

/**
 * The kinds of events that a sweep looks for, each with a mark of its own.
 *
 * @since 0.1.0
 * @category models
 */
export const SweepKind = Schema.Literal("deliveries", "bounces", "opens", "clicks", "suppressions")

/**
 * @since 0.1.0
 * @category models
 */
export type SweepKind = typeof SweepKind.Type

/**
 * The state of a connection's sweeps; times are milliseconds since 1970. `sweptAt` is when the last complete sweep began.
 * A kind that was never swept has no mark. `leaseUntil` is 0 when nobody sweeps.
 *
 * @since 0.1.0
 * @category models
 */
export interface SweepState {
  readonly sweptAt: number | null
  readonly leaseUntil: number
  readonly marks: { readonly [kind in SweepKind]?: number }
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Service {
  readonly get: (connectionId: string) => Effect.Effect<SweepState, StoreUnavailable>
  /**
   * Takes the connection's sweep, or extends one's own lease. Returns false while another lease is valid.
   */
  readonly claim: (options: {
    readonly connectionId: string
    readonly lease: string
    readonly now: number
    readonly leaseUntil: number
  }) => Effect.Effect<boolean, StoreUnavailable>
  /** Moves a kind's mark forward. A lower mark changes nothing. Returns false when another process has the lease. */
  readonly advance: (options: {
    readonly connectionId: string
    readonly lease: string
    readonly kind: SweepKind
    readonly through: number
  }) => Effect.Effect<boolean, StoreUnavailable>
  /** Gives the lease up. `sweptAt` is when a complete sweep began; null after any other. */
  readonly release: (options: {
    readonly connectionId: string
    readonly lease: string
    readonly sweptAt: number | null
  }) => Effect.Effect<void, StoreUnavailable>
}

/**
 * @since 0.1.0
 * @category tags
 */
export class SweepStore extends Context.Tag("@effect-postmark/core/SweepStore")<SweepStore, Service>() {}

/**
 * The state of a connection that was never swept.
 *
 * @since 0.1.0
 * @category constructors
 */
export const never: SweepState = { sweptAt: null, leaseUntil: 0, marks: {} }

/**
 * Sweeps in memory.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerMemory: Layer.Layer<SweepStore> = Layer.sync(SweepStore, () => {
  const sweeps = new Map<string, SweepState & { readonly lease: string | null }>()
  const stateOf = (connectionId: string) => sweeps.get(connectionId) ?? { ...never, lease: null }
  return {
    get: (connectionId) =>
      Effect.sync(() => {
        const { lease: _, ...state } = stateOf(connectionId)
        return state
      }),
    claim: ({ connectionId, lease, leaseUntil, now }) =>
      Effect.sync(() => {
        const state = stateOf(connectionId)
        if (state.lease !== null && state.lease !== lease && state.leaseUntil > now) return false
        sweeps.set(connectionId, { ...state, lease, leaseUntil })
        return true
      }),
    advance: ({ connectionId, kind, lease, through }) =>
      Effect.sync(() => {
        const state = stateOf(connectionId)
        if (state.lease !== lease) return false
        const marks = { ...state.marks, [kind]: Math.max(through, state.marks[kind] ?? through) }
        sweeps.set(connectionId, { ...state, marks })
        return true
      }),
    release: ({ connectionId, lease, sweptAt }) =>
      Effect.sync(() => {
        const state = stateOf(connectionId)
        if (state.lease !== lease) return
        sweeps.set(connectionId, { ...state, lease: null, leaseUntil: 0, sweptAt: sweptAt ?? state.sweptAt })
      })
  }
})
