/**
 * What the handlers of a program have not managed yet: a port. A subscriber's cursor moves past an event whose handler
 * failed, and the event has a row here until it is handled or given up. A lease decides which process works.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import { ConnectionId } from "./Ids.ts"
import * as SubscriberMemory from "./internal/subscriber/subscriberMemory.ts"
import type { StoreUnavailable } from "./StoreUnavailable.ts"

/**
 * A handler's name, and the trigger that it is subscribed to.
 *
 * @since 0.1.0
 * @category models
 */
export const Subscription = Schema.Struct({ subscriber: Schema.String, trigger: Schema.String })

/**
 * @since 0.1.0
 * @category models
 */
export interface Subscription extends Schema.Schema.Type<typeof Subscription> {}

/**
 * `pending` is handled when it is due, `waiting` comes after a pending event with the same key, `dead` was given up.
 *
 * @since 0.1.0
 * @category models
 */
export const RowState = Schema.Literal("pending", "waiting", "dead")

/**
 * @since 0.1.0
 * @category models
 */
export type RowState = typeof RowState.Type

/**
 * An event of a subscription whose handler failed, or that waits behind such an event. Events with the same `key` are
 * handled one after another; null has no order. `attempts` counts since the last replay. `failure` is the name of the
 * last failure, never its message. Times are milliseconds of the Unix epoch, except `receivedAt`.
 *
 * @since 0.1.0
 * @category models
 */
export const Row = Schema.Struct({
  ...Subscription.fields,
  sequence: Schema.Int,
  connectionId: ConnectionId,
  key: Schema.NullOr(Schema.String),
  receivedAt: Schema.String,
  state: RowState,
  attempts: Schema.Int,
  dueAt: Schema.Int,
  failure: Schema.NullOr(Schema.String),
  firstTriedAt: Schema.NullOr(Schema.Int),
  lastTriedAt: Schema.NullOr(Schema.Int),
  settledAt: Schema.NullOr(Schema.Int)
}).annotations({ identifier: "SubscriberRow" })

/**
 * @since 0.1.0
 * @category models
 */
export interface Row extends Schema.Schema.Type<typeof Row> {}

/**
 * An event after its handler ran. `done` removes its row. `pending` is due again at `dueAt`, when no earlier event with
 * its key is open. `dead` was given up at `settledAt`.
 *
 * @since 0.1.0
 * @category models
 */
export type Settlement =
  | { readonly state: "done"; readonly sequence: number; readonly key: string | null }
  | (Omit<Row, "state" | "subscriber" | "trigger"> & { readonly state: "pending" | "dead" })

/**
 * Who works for a subscription. `beat` rises with each renewal, so a lease that does not change belongs to a process that
 * is gone.
 *
 * @since 0.1.0
 * @category models
 */
export interface Lease {
  readonly owner: string
  readonly beat: number
}

/**
 * Which rows of a subscription: with sequence numbers after `after`, of these connections, by `receivedAt` from `from` up
 * to but not including `to`, at most `limit`, by sequence.
 *
 * @since 0.1.0
 * @category models
 */
export interface Selection extends Subscription {
  readonly after: number
  readonly limit: number
  readonly sequences?: ReadonlyArray<number> | undefined
  readonly connections?: ReadonlyArray<string> | undefined
  readonly from?: string | undefined
  readonly to?: string | undefined
}

/**
 * How many rows a subscription has: `open` ones, which are pending or waiting, and `dead` ones.
 *
 * @since 0.1.0
 * @category models
 */
export interface Count extends Subscription {
  readonly open: number
  readonly dead: number
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Service {
  /**
   * Takes or renews the lease, if there is none, if it is the owner's, or if it still is `expired`; answers the lease as
   * it is then. No clock is compared: who wants the lease watches it, and names the one that has not changed for too long.
   */
  readonly hold: (
    options: Subscription & { readonly owner: string; readonly expired: Lease | null }
  ) => Effect.Effect<Lease, StoreUnavailable>
  /** Gives the lease back, if it is the owner's. */
  readonly release: (options: Subscription & { readonly owner: string }) => Effect.Effect<void, StoreUnavailable>
  /** Which of the events have a row, and which of the keys have an open one. */
  readonly standing: (
    options: Subscription & { readonly sequences: ReadonlyArray<number>; readonly keys: ReadonlyArray<string> }
  ) => Effect.Effect<
    { readonly sequences: ReadonlyArray<number>; readonly keys: ReadonlyArray<string> },
    StoreUnavailable
  >
  /** When the first pending row is due; null when there is none. */
  readonly nextDue: (subscription: Subscription) => Effect.Effect<number | null, StoreUnavailable>
  /** Pending rows that are due, by due time, then by sequence. They stay as they are: who has the lease handles them. */
  readonly due: (
    options: Subscription & { readonly now: number; readonly limit: number }
  ) => Effect.Effect<ReadonlyArray<Row>, StoreUnavailable>
  /**
   * Writes outcomes together, if the lease is the owner's. Of the open rows with one key, the one with the lowest sequence
   * number is pending when no other is. Answers which of the outcomes' keys have open rows after it; null when the lease
   * is not the owner's, and nothing was written.
   */
  readonly settle: (
    options: Subscription & { readonly owner: string; readonly settlements: ReadonlyArray<Settlement> }
  ) => Effect.Effect<ReadonlyArray<string> | null, StoreUnavailable>
  readonly list: (
    selection: Selection & { readonly states: ReadonlyArray<RowState> }
  ) => Effect.Effect<ReadonlyArray<Row>, StoreUnavailable>
  /** Every subscription that has rows, by name and trigger. */
  readonly counts: Effect.Effect<ReadonlyArray<Count>, StoreUnavailable>
  /** Makes dead rows pending and due at once, with no attempts counted; answers their sequence numbers in order. */
  readonly replay: (selection: Selection) => Effect.Effect<ReadonlyArray<number>, StoreUnavailable>
  /** Removes dead rows; answers their sequence numbers in order. */
  readonly discard: (selection: Selection) => Effect.Effect<ReadonlyArray<number>, StoreUnavailable>
  /** Removes up to `limit` dead rows that were given up before `before`; answers how many. */
  readonly prune: (
    options: { readonly before: number; readonly limit: number }
  ) => Effect.Effect<number, StoreUnavailable>
}

/**
 * @since 0.1.0
 * @category tags
 */
export class SubscriberStore extends Context.Tag("@effect-postmark/core/SubscriberStore")<SubscriberStore, Service>() {}

/**
 * A subscriber store in memory.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerMemory: Layer.Layer<SubscriberStore> = Layer.effect(
  SubscriberStore,
  Effect.sync(() => SubscriberMemory.make())
)
