/**
 * The outbox of relayed events: targets, one row for each event and target, and every attempt. A port.
 *
 * A log that shares a database with this store writes an event's rows in the event's own transaction: one for each
 * target of its connection and trigger. Only `decoded` events have rows.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import type { EventLog } from "./EventLog.ts"
import { ConnectionId } from "./Ids.ts"
import * as DeliveryMemory from "./internal/relay/deliveryMemory.ts"
import type { DisabledReason, StoredTarget } from "./RelayTarget.ts"
import type { Rewrite } from "./Rewriting.ts"
import type { StoreUnavailable } from "./StoreUnavailable.ts"

/**
 * `pending` waits for its next attempt, `delivered` was accepted, `dead` was given up after the last attempt, `held` came
 * while its target was disabled and waits to be replayed.
 *
 * @since 0.1.0
 * @category models
 */
export const DeliveryState = Schema.Literal("pending", "delivered", "dead", "held")

/**
 * @since 0.1.0
 * @category models
 */
export type DeliveryState = typeof DeliveryState.Type

/**
 * One event on its way to one target. `attempts` counts since the last replay; times are milliseconds of the Unix epoch.
 *
 * @since 0.1.0
 * @category models
 */
export const Delivery = Schema.Struct({
  targetId: Schema.String,
  sequence: Schema.Int,
  state: DeliveryState,
  attempts: Schema.Int,
  dueAt: Schema.Int,
  receivedAt: Schema.String,
  settledAt: Schema.NullOr(Schema.Int)
}).annotations({ identifier: "RelayDelivery" })

/**
 * @since 0.1.0
 * @category models
 */
export interface Delivery extends Schema.Schema.Type<typeof Delivery> {}

/**
 * One try. `status` is null when no answer came; `failure` is null on success, or a short code such as `timeout`.
 * `response` is the start of the answer's body, without U+0000.
 *
 * @since 0.1.0
 * @category models
 */
export const Attempt = Schema.Struct({
  targetId: Schema.String,
  sequence: Schema.Int,
  attempt: Schema.Int,
  at: Schema.Int,
  durationMs: Schema.Int,
  status: Schema.NullOr(Schema.Int),
  failure: Schema.NullOr(Schema.String),
  response: Schema.String
}).annotations({ identifier: "RelayAttempt" })

/**
 * @since 0.1.0
 * @category models
 */
export interface Attempt extends Schema.Schema.Type<typeof Attempt> {}

/**
 * A row that this worker has until `leaseUntil`, with what has to be sent. `lease` proves that it is still ours.
 *
 * @since 0.1.0
 * @category models
 */
export const Claimed = Schema.Struct({
  targetId: Schema.String,
  sequence: Schema.Int,
  attempts: Schema.Int,
  connectionId: ConnectionId,
  trigger: Schema.String,
  receivedAt: Schema.String,
  event: Schema.String
})

/**
 * @since 0.1.0
 * @category models
 */
export interface Claimed extends Schema.Schema.Type<typeof Claimed> {}

/**
 * What became of a claimed row. `pending` gives it back, due at `dueAt`; without an `attempt` nothing was tried.
 *
 * @since 0.1.0
 * @category models
 */
export interface Settlement {
  readonly targetId: string
  readonly sequence: number
  readonly lease: string
  readonly at: number
  readonly next: { readonly state: "delivered" | "dead" } | { readonly state: "pending"; readonly dueAt: number }
  readonly attempt: Omit<Attempt, "targetId" | "sequence"> | null
}

/**
 * An active target and when its first pending row is due; null when it has none.
 *
 * @since 0.1.0
 * @category models
 */
export interface DueTarget {
  readonly target: StoredTarget
  readonly dueAt: number | null
}

/**
 * Which rows of a target: in any of the states, with sequence numbers after `after`, by `receivedAt` from `from` up to but
 * not including `to`, at most `limit`, by sequence.
 *
 * @since 0.1.0
 * @category models
 */
export interface Selection {
  readonly targetId: string
  readonly states: ReadonlyArray<DeliveryState>
  readonly after: number
  readonly limit: number
  readonly sequences?: ReadonlyArray<number> | undefined
  readonly from?: string | undefined
  readonly to?: string | undefined
}

/**
 * A target's secrets, encrypted.
 *
 * @since 0.1.0
 * @category models
 */
export interface SealedSecrets {
  readonly current: string
  readonly previous: string | null
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Service {
  /** Stores a target; false when its connection and trigger have one with the same URL, or its id is taken. */
  readonly insertTarget: (target: StoredTarget) => Effect.Effect<boolean, StoreUnavailable>
  readonly getTarget: (id: string) => Effect.Effect<Option.Option<StoredTarget>, StoreUnavailable>
  /** Of one connection, oldest first. */
  readonly listTargets: (connectionId: string) => Effect.Effect<ReadonlyArray<StoredTarget>, StoreUnavailable>
  /** Changes the URL; false when there is no such target, or another one has the URL. */
  readonly setUrl: (id: string, url: string) => Effect.Effect<boolean, StoreUnavailable>
  /** Replaces the secrets if the sealed current one is still `expected`; false when it is not. */
  readonly setSecrets: (
    id: string,
    secrets: { readonly current: string; readonly previous: string | null },
    expected: string
  ) => Effect.Effect<boolean, StoreUnavailable>
  /** Stores other encrypted texts of the same secrets if both are still `expected`; false when they are not. */
  readonly resealSecrets: (
    id: string,
    secrets: SealedSecrets,
    expected: SealedSecrets
  ) => Effect.Effect<boolean, StoreUnavailable>
  /** True when it was active. Pending rows stay and are not claimed; new events are `held`. */
  readonly disable: (
    id: string,
    disabled: { readonly reason: DisabledReason; readonly at: string }
  ) => Effect.Effect<boolean, StoreUnavailable>
  /** True when it was disabled. Pending rows go on; what is `held` waits for a replay. */
  readonly enable: (id: string) => Effect.Effect<boolean, StoreUnavailable>
  /** Removes the target with its rows and attempts; false when there is none. */
  readonly removeTarget: (id: string) => Effect.Effect<boolean, StoreUnavailable>
  /** Every active target with its first due time. */
  readonly due: Effect.Effect<ReadonlyArray<DueTarget>, StoreUnavailable>
  /**
   * Takes rows that are due, at most `limit` of each active target, by due time; nobody else gets them before
   * `leaseUntil`. `lease` must be a new text for each call.
   */
  readonly claim: (options: {
    readonly wanted: ReadonlyArray<{ readonly targetId: string; readonly limit: number }>
    readonly now: number
    readonly leaseUntil: number
    readonly lease: string
  }) => Effect.Effect<ReadonlyArray<Claimed>, StoreUnavailable>
  /**
   * Writes outcomes together. An attempt is kept even when the lease was lost; the row is changed only while it is ours.
   * A success ends a target's `failingSince`, a failure begins it. The answer has the target's value after it, for each
   * target with a failure and no success among these attempts.
   */
  readonly settle: (
    settlements: ReadonlyArray<Settlement>
  ) => Effect.Effect<ReadonlyArray<{ readonly targetId: string; readonly failingSince: number }>, StoreUnavailable>
  readonly list: (selection: Selection) => Effect.Effect<ReadonlyArray<Delivery>, StoreUnavailable>
  /** Makes the rows pending and due at once, with no attempts counted; answers their sequence numbers in order. */
  readonly replay: (selection: Selection) => Effect.Effect<ReadonlyArray<number>, StoreUnavailable>
  /** The attempts for one row, oldest first; the newest 100. */
  readonly attempts: (targetId: string, sequence: number) => Effect.Effect<ReadonlyArray<Attempt>, StoreUnavailable>
  /**
   * Removes up to `limit` attempts, and up to `limit` rows that were delivered or given up, that are older than `before`,
   * or only one of both; answers how many.
   */
  readonly prune: (options: {
    readonly before: number
    readonly limit: number
    readonly only?: "attempts" | "deliveries" | undefined
  }) => Effect.Effect<number, StoreUnavailable>
  /** Rewrites the answers that attempts keep. */
  readonly rewriteAttempts: Rewrite
}

/**
 * @since 0.1.0
 * @category tags
 */
export class DeliveryStore extends Context.Tag("@effect-postmark/core/DeliveryStore")<DeliveryStore, Service>() {}

/**
 * An outbox in memory. It finds new events in the log before each operation of its own, which looks from outside as if the
 * log had written their rows.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerMemory: Layer.Layer<DeliveryStore, never, EventLog> = Layer.effect(
  DeliveryStore,
  DeliveryMemory.make
)
