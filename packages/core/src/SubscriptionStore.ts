/**
 * The port that stores trigger subscriptions and webhook secrets.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Ref from "effect/Ref"
import * as Schema from "effect/Schema"
import { ConnectionId } from "./Ids.ts"
import type { StoreUnavailable } from "./StoreUnavailable.ts"

/**
 * A connection's subscription to a trigger.
 *
 * @since 0.1.0
 * @category models
 */
export const Subscription = Schema.Struct({
  id: Schema.String,
  connectionId: ConnectionId,
  trigger: Schema.String,
  createdAt: Schema.String
}).annotations({ identifier: "Subscription" })

/**
 * @since 0.1.0
 * @category models
 */
export interface Subscription extends Schema.Schema.Type<typeof Subscription> {}

/**
 * A connection's webhook secrets, encrypted; there are two during a rotation.
 *
 * @since 0.1.0
 * @category models
 */
export const WebhookSecrets = Schema.Struct({
  connectionId: ConnectionId,
  current: Schema.String,
  previous: Schema.NullOr(Schema.String),
  rotatedAt: Schema.NullOr(Schema.String)
})

/**
 * @since 0.1.0
 * @category models
 */
export interface WebhookSecrets extends Schema.Schema.Type<typeof WebhookSecrets> {}

/**
 * @since 0.1.0
 * @category models
 */
export interface Service {
  /** Stores the subscription, or returns the connection's existing subscription to the same trigger. */
  readonly insert: (subscription: Subscription) => Effect.Effect<Subscription, StoreUnavailable>
  /** Lists one connection's subscriptions by creation, oldest first. */
  readonly list: (connectionId: string) => Effect.Effect<ReadonlyArray<Subscription>, StoreUnavailable>
  /** Removes a subscription. Returns false when it does not exist. */
  readonly remove: (connectionId: string, id: string) => Effect.Effect<boolean, StoreUnavailable>
  readonly getSecrets: (connectionId: string) => Effect.Effect<Option.Option<WebhookSecrets>, StoreUnavailable>
  /**
   * Replaces a connection's secrets if they are still the `expected` ones (the encrypted current secret, or null for
   * none). Returns false, and stores nothing, when another caller changed them first.
   */
  readonly setSecrets: (secrets: WebhookSecrets, expected: string | null) => Effect.Effect<boolean, StoreUnavailable>
  /**
   * Stores other encrypted texts of the same secrets if both are still `expected`. Returns false when they are not.
   */
  readonly resealSecrets: (
    connectionId: string,
    secrets: Pick<WebhookSecrets, "current" | "previous">,
    expected: Pick<WebhookSecrets, "current" | "previous">
  ) => Effect.Effect<boolean, StoreUnavailable>
  /** Deletes a connection's secrets, if there are any. */
  readonly removeSecrets: (connectionId: string) => Effect.Effect<void, StoreUnavailable>
}

/**
 * @since 0.1.0
 * @category tags
 */
export class SubscriptionStore
  extends Context.Tag("@effect-postmark/core/SubscriptionStore")<SubscriptionStore, Service>()
{}

/**
 * Subscriptions in memory.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerMemory: Layer.Layer<SubscriptionStore> = Layer.effect(
  SubscriptionStore,
  Effect.gen(function*() {
    const subscriptions = yield* Ref.make<ReadonlyArray<Subscription>>([])
    const secrets = yield* Ref.make<ReadonlyMap<string, WebhookSecrets>>(new Map())
    return {
      insert: (subscription) =>
        Ref.modify(subscriptions, (all) => {
          const same = all.find((other) =>
            other.connectionId === subscription.connectionId && other.trigger === subscription.trigger
          )
          return same === undefined ? [subscription, [...all, subscription]] : [same, all]
        }),
      list: (connectionId) =>
        Effect.map(Ref.get(subscriptions), (all) => all.filter((item) => item.connectionId === connectionId)),
      remove: (connectionId, id) =>
        Ref.modify(subscriptions, (all) => {
          const rest = all.filter((item) => item.id !== id || item.connectionId !== connectionId)
          return [rest.length < all.length, rest]
        }),
      getSecrets: (connectionId) => Effect.map(Ref.get(secrets), (all) => Option.fromNullable(all.get(connectionId))),
      setSecrets: (next, expected) =>
        Ref.modify(secrets, (all) =>
          (all.get(next.connectionId)?.current ?? null) === expected
            ? [true, new Map(all).set(next.connectionId, next)]
            : [false, all]),
      resealSecrets: (connectionId, { current, previous }, expected) =>
        Ref.modify(secrets, (all) => {
          const stored = all.get(connectionId)
          return stored !== undefined && stored.current === expected.current && stored.previous === expected.previous
            ? [true, new Map(all).set(connectionId, { ...stored, current, previous })]
            : [false, all]
        }),
      removeSecrets: (connectionId) =>
        Ref.update(secrets, (all) => new Map(Array.from(all).filter(([id]) => id !== connectionId)))
    }
  })
)
