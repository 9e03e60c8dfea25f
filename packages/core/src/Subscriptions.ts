/**
 * Trigger subscriptions, and the secret that Postmark must send with a connection's webhook events. Postmark signs
 * nothing: the secret is the whole value of the `Authorization` header. During a rotation, two secrets are valid.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Ref from "effect/Ref"
import * as Schema from "effect/Schema"
import { type ConnectionNotFound, ConnectionRevoked, Connections } from "./Connections.ts"
import type { ConnectionId } from "./Ids.ts"
import { invalid } from "./internal/http/failures.ts"
import { now } from "./internal/runtime/now.ts"
import { randomId, randomText } from "./internal/runtime/random.ts"
import * as SecretChanges from "./internal/secretChanges.ts"
import * as SecretPlace from "./internal/secretPlace.ts"
import type { ValidationFailure } from "./PostmarkError.ts"
import { EmailOpened, InboundReceived, LinkClicked } from "./PostmarkTriggers.ts"
import type { Server } from "./Server.ts"
import type { StoreUnavailable } from "./StoreUnavailable.ts"
import { type Subscription, SubscriptionStore, type WebhookSecrets } from "./SubscriptionStore.ts"
import { TriggerRegistry } from "./TriggerRegistry.ts"
import { type SecretUnreadable, Vault } from "./Vault.ts"

/**
 * The connection already has a different secret. All triggers of a connection use one secret; request a rotation to
 * replace it.
 *
 * @since 0.1.0
 * @category errors
 */
export class SecretConflict
  extends Schema.TaggedError<SecretConflict>("@effect-postmark/core/Subscriptions/SecretConflict")(
    "SecretConflict",
    {}
  )
{
  override get message(): string {
    return "the connection's webhooks have another secret; leave the secret out to keep it, or ask for a rotation"
  }
  readonly retryable = false
  readonly disposition = "notSent"
}

/**
 * Two secrets are already valid, and a third would invalidate the one that Postmark may still send. Finish the
 * rotation first, once Postmark sends the newer secret.
 *
 * @since 0.1.0
 * @category errors
 */
export class RotationInProgress
  extends Schema.TaggedError<RotationInProgress>("@effect-postmark/core/Subscriptions/RotationInProgress")(
    "RotationInProgress",
    {}
  )
{
  override get message(): string {
    return "the connection's secret is being rotated: enter the newer secret in Postmark and finish that rotation first"
  }
  readonly retryable = false
  readonly disposition = "notSent"
}

/**
 * The connection has no subscription with this id.
 *
 * @since 0.1.0
 * @category errors
 */
export class SubscriptionNotFound
  extends Schema.TaggedError<SubscriptionNotFound>("@effect-postmark/core/Subscriptions/SubscriptionNotFound")(
    "SubscriptionNotFound",
    {}
  )
{
  override get message(): string {
    return "the connection has no subscription with this id"
  }
  readonly retryable = false
  readonly disposition = "notSent"
}

/**
 * A new subscription. `generatedSecret` is the generated secret, if any; it is shown only once. `warnings` say why
 * events may never arrive.
 *
 * @since 0.1.0
 * @category models
 */
export interface Subscribed {
  readonly subscription: Subscription
  readonly generatedSecret: Option.Option<Redacted.Redacted>
  readonly rotating: boolean
  readonly warnings: ReadonlyArray<string>
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Service {
  /**
   * Subscribes a connection to a trigger. `secret` is the full value of the `Authorization` header, 8–1,000 printable
   * ASCII characters. Without it, the connection keeps its secret, or one is generated.
   *
   * A different secret is a conflict unless `rotate` is true. Then both are valid until `finishRotation`, and another
   * rotation is rejected until then. `rotate` without a secret generates the next one.
   */
  readonly subscribe: (options: {
    readonly connectionId: string
    readonly trigger: string
    readonly secret?: Redacted.Redacted | undefined
    readonly rotate?: boolean | undefined
  }) => Effect.Effect<
    Subscribed,
    | ConnectionNotFound
    | ConnectionRevoked
    | RotationInProgress
    | SecretConflict
    | SecretUnreadable
    | StoreUnavailable
    | ValidationFailure
  >
  readonly list: (
    connectionId: string
  ) => Effect.Effect<ReadonlyArray<Subscription>, ConnectionNotFound | StoreUnavailable>
  readonly unsubscribe: (
    connectionId: string,
    id: string
  ) => Effect.Effect<void, ConnectionNotFound | SubscriptionNotFound | StoreUnavailable>
  /** Ends a rotation: only the newer secret is valid from now on. */
  readonly finishRotation: (connectionId: string) => Effect.Effect<void, ConnectionNotFound | StoreUnavailable>
  /** Returns the connection's valid secrets: none, one, or two during a rotation. */
  readonly secrets: (
    connectionId: string
  ) => Effect.Effect<ReadonlyArray<Redacted.Redacted>, SecretUnreadable | StoreUnavailable>
  /**
   * Calls the listener after this process changed a connection's secrets, before the change is answered. Changes by other
   * processes are not heard.
   */
  readonly onSecretsChange: (listener: (connectionId: string) => void) => void
}

/**
 * @since 0.1.0
 * @category tags
 */
export class Subscriptions extends Context.Tag("@effect-postmark/core/Subscriptions")<Subscriptions, Service>() {}

/**
 * Creates `Subscriptions` from a store and a vault.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make: Effect.Effect<Service, never, Services> = Effect.gen(function*() {
  const store = yield* SubscriptionStore
  const connections = yield* Connections
  const vault = yield* Vault
  const registry = yield* TriggerRegistry
  const opened = yield* Ref.make<ReadonlyMap<string, Redacted.Redacted>>(new Map())

  /**
   * Caches decrypted secrets, because every webhook event needs them. An encrypted text always decrypts to the same
   * secret.
   */
  const open = (connectionId: string, sealed: string) =>
    Effect.gen(function*() {
      const key = `${connectionId} ${sealed}`
      const known = (yield* Ref.get(opened)).get(key)
      if (known !== undefined) return known
      const secret = yield* vault.open(placeOf(connectionId), sealed)
      yield* Ref.update(opened, (all) => new Map(all.size > 10_000 ? [] : all).set(key, secret))
      return secret
    })

  const secrets = (connectionId: string) =>
    Effect.flatMap(
      store.getSecrets(connectionId),
      Option.match({
        onNone: () => Effect.succeed<ReadonlyArray<Redacted.Redacted>>([]),
        onSome: ({ current, previous }) =>
          Effect.forEach(previous === null ? [current] : [current, previous], (sealed) => open(connectionId, sealed))
      })
    )

  const changed = <A, E>(connectionId: string, change: Effect.Effect<A, E>) =>
    SecretChanges.announced(store, connectionId)(change)

  /** Stores the connection's secrets, and returns the secret that was generated. */
  const settle = (connectionId: ConnectionId, given: Redacted.Redacted | undefined, rotate: boolean) =>
    Effect.gen(function*() {
      const stored = yield* store.getSecrets(connectionId)
      const save = (next: WebhookSecrets) =>
        Effect.filterOrFail(
          changed(
            connectionId,
            store.setSecrets(next, Option.match(stored, { onNone: () => null, onSome: ({ current }) => current }))
          ),
          (saved) => saved,
          () => overtaken
        )
      const generate = Effect.map(randomText(32), (text) => Redacted.make(`Bearer ${text}`))
      if (Option.isNone(stored)) {
        const secret = given ?? (yield* generate)
        const current = yield* vault.seal(placeOf(connectionId), secret)
        yield* save({ connectionId, current, previous: null, rotatedAt: null })
        return { generated: given === undefined ? Option.some(secret) : Option.none(), rotating: false }
      }
      const isRotating = stored.value.previous !== null
      const kept = { generated: Option.none<Redacted.Redacted>(), rotating: isRotating }
      if (given === undefined && !rotate) return kept
      const current = yield* open(connectionId, stored.value.current)
      if (given !== undefined && Redacted.value(current) === Redacted.value(given)) return kept
      if (!rotate) return yield* new SecretConflict()
      if (isRotating) return yield* new RotationInProgress()
      const next = given ?? (yield* generate)
      yield* save({
        connectionId,
        current: yield* vault.seal(placeOf(connectionId), next),
        previous: stored.value.current,
        rotatedAt: yield* now
      })
      return { generated: given === undefined ? Option.some(next) : Option.none(), rotating: true }
    }).pipe(
      // Another caller stored secrets meanwhile: apply the rules to those.
      Effect.retry({ times: 5, while: (error) => error === overtaken }),
      Effect.catchAll((error) => error === overtaken ? Effect.fail(new SecretConflict()) : Effect.fail(error))
    )

  /** Warns when the server's settings prevent events of the trigger, if the settings can be read. */
  const warningsOf = (connectionId: string, trigger: string) => {
    if (trigger === InboundReceived.id) return Effect.succeed([inboundNote])
    const warning = warnings[trigger]
    return warning === undefined
      ? Effect.succeed([])
      : connections.check(connectionId).pipe(
        Effect.map(({ server }) => warning.isDue(server) ? [warning.text] : []),
        Effect.catchAll((error) => Effect.succeed([`${warning.unasked} could not be asked (${error._tag})`]))
      )
  }

  return {
    subscribe: ({ connectionId, rotate = false, secret, trigger }) =>
      Effect.gen(function*() {
        const connection = yield* connections.get(connectionId)
        if (connection.state === "revoked") return yield* new ConnectionRevoked({ connectionId: connection.id })
        const known = registry.get(trigger)
        if (known === undefined) {
          return yield* invalid("subscribe", [{
            path: ["trigger"],
            message: `one of ${registry.triggers.map(({ id }) => id).join(", ")}`
          }])
        }
        if (secret !== undefined && !/^[!-~](?:[ -~]{6,998}[!-~])$/.test(Redacted.value(secret))) {
          return yield* invalid("subscribe", [{
            path: ["secret"],
            message: "the full header value: 8 to 1000 printable ASCII characters, no space at either end"
          }])
        }
        const { generated, rotating } = yield* settle(connection.id, secret, rotate)
        const subscription = yield* store.insert({
          id: yield* randomId("sub"),
          connectionId: connection.id,
          trigger: known.id,
          createdAt: yield* now
        })
        // A revocation in between has forgotten the secrets before these were stored.
        if ((yield* connections.get(connectionId)).state === "revoked") {
          yield* changed(connectionId, store.removeSecrets(connectionId))
          return yield* new ConnectionRevoked({ connectionId: connection.id })
        }
        return {
          subscription,
          generatedSecret: generated,
          rotating,
          warnings: yield* warningsOf(connectionId, known.id)
        }
      }),
    list: (connectionId) => Effect.zipRight(connections.get(connectionId), store.list(connectionId)),
    unsubscribe: (connectionId, id) =>
      Effect.zipRight(
        connections.get(connectionId),
        Effect.flatMap(
          store.remove(connectionId, id),
          (removed) => removed ? Effect.void : Effect.fail(new SubscriptionNotFound())
        )
      ),
    finishRotation: (connectionId) =>
      Effect.zipRight(
        connections.get(connectionId),
        Effect.flatMap(store.getSecrets(connectionId), (begun) => {
          const rotatedAt = Option.map(begun, (stored) => stored.rotatedAt)
          const finish = (stored: WebhookSecrets): Effect.Effect<void, StoreUnavailable> =>
            Effect.gen(function*() {
              if (yield* changed(connectionId, store.setSecrets({ ...stored, previous: null }, stored.current))) return
              const next = yield* store.getSecrets(connectionId)
              // A key rotation stored other texts of the same secrets. A later rotation is not ours to end.
              if (Option.isSome(next) && Option.contains(rotatedAt, next.value.rotatedAt)) yield* finish(next.value)
            })
          return Option.match(begun, { onNone: () => Effect.void, onSome: finish })
        })
      ),
    secrets,
    onSecretsChange: (listener) => SecretChanges.listen(store, listener)
  }
})

/**
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<Subscriptions, never, Services> = Layer.effect(Subscriptions, make)

type Services = SubscriptionStore | Connections | Vault | TriggerRegistry

const overtaken = "overtaken" as const

const placeOf = SecretPlace.webhookSecret

interface Warning {
  readonly isDue: (server: Server) => boolean
  readonly text: string
  readonly unasked: string
}

const warnings: Readonly<Record<string, Warning>> = {
  [EmailOpened.id]: {
    isDue: ({ trackOpens }) => trackOpens !== true,
    text:
      "open tracking is off for this server: only messages sent with trackOpens and an HTML body can be reported as opened",
    unasked: "whether open tracking is on"
  },
  [LinkClicked.id]: {
    isDue: ({ trackLinks = "None" }) => trackLinks === null || trackLinks === "" || trackLinks === "None",
    text: "link tracking is off for this server: only clicks in messages sent with trackLinks can be reported",
    unasked: "whether link tracking is on"
  }
}

const inboundNote =
  "Postmark posts inbound email to the server's InboundHookUrl and to no webhook: enter the receiver's URL " +
  "there, with the secret as user and password in the URL"
