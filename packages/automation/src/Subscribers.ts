/**
 * What the handlers of `Triggers.on` gave up: lists, replays and discards it, from any process on the same stores.
 *
 * @since 0.1.0
 */
import type { StoreUnavailable } from "@effect-postmark/core/StoreUnavailable"
import {
  type Count,
  type Row,
  type Service as Store,
  SubscriberStore,
  type Subscription
} from "@effect-postmark/core/SubscriberStore"
import * as Arr from "effect/Array"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { DeadLetter } from "./DeadLetter.ts"

export { DeadLetter } from "./DeadLetter.ts"

/**
 * Which dead letters: those with these sequence numbers, of these connections, and that were received from `from` up to
 * but not including `to` (RFC 3339 in UTC). `{}` is all of them.
 *
 * @since 0.1.0
 * @category models
 */
export interface Selection {
  readonly sequences?: ReadonlyArray<number> | undefined
  readonly connections?: ReadonlyArray<string> | undefined
  readonly from?: string | undefined
  readonly to?: string | undefined
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Service {
  /** How many events each subscription has that are tried again or wait (`open`), and that were given up (`dead`). */
  readonly counts: Effect.Effect<ReadonlyArray<Count>, StoreUnavailable>
  /** A page by sequence number, after `after`; `limit` is 100 by default and at most. */
  readonly deadLetters: (
    subscription: Subscription,
    options?: Selection & { readonly after?: number | undefined; readonly limit?: number | undefined }
  ) => Effect.Effect<ReadonlyArray<DeadLetter>, StoreUnavailable>
  /**
   * Hands dead letters to the same handler again, from the first try on, wherever it runs; answers how many. Those of one
   * key are handled in order, and after what happened meanwhile.
   */
  readonly replay: (subscription: Subscription, which: Selection) => Effect.Effect<number, StoreUnavailable>
  /** How many dead letters `replay` or `discard` would take. */
  readonly count: (subscription: Subscription, which: Selection) => Effect.Effect<number, StoreUnavailable>
  /** Forgets dead letters; answers how many. The events stay in the log. */
  readonly discard: (subscription: Subscription, which: Selection) => Effect.Effect<number, StoreUnavailable>
}

/**
 * @since 0.1.0
 * @category tags
 */
export class Subscribers extends Context.Tag("@effect-postmark/automation/Subscribers")<Subscribers, Service>() {}

/**
 * @since 0.1.0
 * @category constructors
 */
export const make: Effect.Effect<Service, never, SubscriberStore> = Effect.map(SubscriberStore, (store) => ({
  counts: store.counts,
  deadLetters: (subscription, { after = 0, limit = pageSize, ...which } = {}) =>
    Effect.map(
      store.list({ ...which, ...only(subscription), states: ["dead"], after, limit: Math.min(limit, pageSize) }),
      (rows) => rows.map(toDeadLetter)
    ),
  replay: inSteps(store.replay),
  count: inSteps((selection) =>
    Effect.map(store.list({ ...selection, states: ["dead"] }), (rows) => rows.map(({ sequence }) => sequence))
  ),
  discard: inSteps(store.discard)
}))

/**
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<Subscribers, never, SubscriberStore> = Layer.effect(Subscribers, make)

const pageSize = 100

const step = 500

const only = ({ subscriber, trigger }: Subscription): Subscription => ({ subscriber, trigger })

const toDeadLetter = ({ dueAt: _dueAt, key: _key, state: _state, ...row }: Row): DeadLetter => row

/** A transaction of a bounded size at a time. What becomes a dead letter behind it is not its affair. */
const inSteps = (operation: Store["discard"]): Service["discard"] => (subscription, which) =>
  Effect.gen(function*() {
    const parts = which.sequences === undefined ? [undefined] : Arr.chunksOf(which.sequences, step)
    let count = 0
    for (const sequences of parts) {
      let after = 0
      while (true) {
        const done = yield* operation({ ...which, ...only(subscription), sequences, after, limit: step })
        count += done.length
        after = done.at(-1) ?? after
        if (done.length < step) break
      }
    }
    return count
  })
