/**
 * Creates a connection's webhooks in Postmark, repairs them, rotates their secret, and notices when somebody edits or
 * deletes them, or Postmark pauses them. Ours are recognised by the receiver's URL; all other webhooks are left alone.
 *
 * @since 0.1.0
 */
import { type Connection, Connections } from "@effect-postmark/core/Connections"
import type { ReadError, ValidationFailure } from "@effect-postmark/core/PostmarkError"
import { type RotationInProgress, type SecretConflict, Subscriptions } from "@effect-postmark/core/Subscriptions"
import { type Subscription, SubscriptionStore } from "@effect-postmark/core/SubscriptionStore"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type * as Redacted from "effect/Redacted"
import { checkOf } from "./internal/provisioning/check.ts"
import * as Server from "./internal/provisioning/server.ts"
import * as Settle from "./internal/provisioning/settle.ts"
import * as Wanted from "./internal/provisioning/wanted.ts"
import * as Watch from "./internal/provisioning/watch.ts"
import { NotProvisioned, NotSubscribed, type ProvisionError, RotationUnfinished } from "./ProvisioningError.ts"

export { NotProvisioned, NotSubscribed, RotationUnfinished } from "./ProvisioningError.ts"

/**
 * `failed`: Postmark refused a step, or did not answer; repeat the call once the cause is gone.
 *
 * @since 0.1.0
 * @category models
 */
export type Action = "created" | "repaired" | "replaced" | "unchanged" | "failed"

/**
 * The result of Postmark's own test, with the triggers whose probe was not answered 200.
 *
 * @since 0.1.0
 * @category models
 */
export interface Verification {
  readonly success: boolean
  readonly failed: ReadonlyArray<{ readonly trigger: string; readonly status: number | null }>
}

/**
 * What became of the webhook of one message stream. `changes` names the repaired settings, such as `authorization` or
 * `triggers.bounce`, without their values.
 *
 * @since 0.1.0
 * @category models
 */
export interface StreamResult {
  readonly messageStream: string
  readonly webhookId: number | null
  readonly action: Action
  readonly changes: ReadonlyArray<string>
  readonly verification: Verification | null
  readonly failure: { readonly tag: string; readonly message: string } | null
}

/**
 * `isComplete` is false when a step failed: the call can be repeated. `notes` say what is left to do by hand.
 *
 * @since 0.1.0
 * @category models
 */
export interface Provisioned {
  readonly receiverUrl: string
  readonly streams: ReadonlyArray<StreamResult>
  readonly openTracking: "on" | "off" | "turnedOn" | "failed"
  readonly isComplete: boolean
  readonly notes: ReadonlyArray<string>
}

/**
 * The state of the webhook of one message stream. `paused`: Postmark posts no events of some trigger, because its probe or
 * its posts failed. `differences` names what is not as it should be.
 *
 * @since 0.1.0
 * @category models
 */
export interface StreamCheck {
  readonly messageStream: string
  readonly webhookId: number | null
  readonly state: "ok" | "missing" | "edited" | "paused"
  readonly differences: ReadonlyArray<string>
}

/**
 * A rotation. Receivers accept the new secret and the old one until `finishRotation`, which is possible from `finishAt`
 * on if `isComplete`.
 *
 * @since 0.1.0
 * @category models
 */
export interface Rotated {
  readonly generatedSecret: Option.Option<Redacted.Redacted>
  readonly streams: ReadonlyArray<StreamResult>
  readonly isComplete: boolean
  readonly finishAt: string
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Service {
  /**
   * Creates or repairs the connection's webhooks, so that Postmark posts what the connection is subscribed to. Repeat it
   * after a change of the subscriptions.
   *
   * - `messageStreams`: default `outbound`; each stream has a webhook of its own
   * - `verify`: whether Postmark tests the receiver; default true. Without it, a new webhook gets no events until it is
   *   verified
   * - `openTracking`: turns open tracking on for the server; a server's tracking is never turned off
   */
  readonly provision: (options: {
    readonly connectionId: string
    readonly messageStreams?: ReadonlyArray<string> | undefined
    readonly verify?: boolean | undefined
    readonly openTracking?: boolean | undefined
  }) => Effect.Effect<Provisioned, ProvisionError>
  /** Compares the webhooks with what they should be. Default: the streams that have one, or else `outbound`. */
  readonly check: (
    connectionId: string,
    messageStreams?: ReadonlyArray<string>
  ) => Effect.Effect<ReadonlyArray<StreamCheck>, ProvisionError>
  /**
   * Replaces the secret without refusing an event: receivers accept the new one first, then Postmark gets it. A rotation
   * that was interrupted is continued, with the secret that it had.
   */
  readonly rotateSecret: (options: {
    readonly connectionId: string
    readonly secret?: Redacted.Redacted | undefined
  }) => Effect.Effect<
    Rotated,
    NotProvisioned | ProvisionError | RotationInProgress | SecretConflict | ValidationFailure
  >
  /**
   * Ends a rotation: only the new secret is accepted from now on. Fails while a webhook in Postmark has another, and before
   * Postmark has given up posts that it made with the old one.
   */
  readonly finishRotation: (connectionId: string) => Effect.Effect<void, ProvisionError | RotationUnfinished>
}

/**
 * @since 0.1.0
 * @category tags
 */
export class Provisioning extends Context.Tag("@effect-postmark/automation/Provisioning")<Provisioning, Service>() {}

/**
 * `publicUrl` is where Postmark reaches the server that receives webhooks, without `/v1/webhooks`.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options {
  readonly publicUrl: string
  /** How long the old secret is accepted after a rotation. Postmark retries for 72 minutes. Default: 2 hours. */
  readonly grace?: Duration.DurationInput | undefined
}

/**
 * @since 0.1.0
 * @category constructors
 */
export const make = (
  options: Options
): Effect.Effect<Service, never, Connections | Subscriptions | SubscriptionStore> =>
  Effect.gen(function*() {
    const connections = yield* Connections
    const subscriptions = yield* Subscriptions
    const store = yield* SubscriptionStore
    const graceMs = Duration.toMillis(options.grace ?? "2 hours")
    const doors = new Map<string, Effect.Semaphore>()

    /** In one process, calls of a connection take turns. Between processes, the oldest webhook wins. */
    const inTurn = (connectionId: string) => <A, E, R>(call: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
      Effect.suspend(() => {
        const door = doors.get(connectionId) ?? Effect.unsafeMakeSemaphore(1)
        doors.set(connectionId, door)
        return door.withPermits(1)(call)
      })

    const urlOf = (connection: Connection) =>
      `${options.publicUrl.replace(/\/+$/, "")}/v1/webhooks/${encodeURIComponent(connection.id)}`

    const open = (connectionId: string) =>
      Effect.gen(function*() {
        const connection = yield* connections.get(connectionId)
        const client = yield* connections.client(connectionId)
        const subscribed = yield* subscriptions.list(connectionId)
        const [secret, previous] = yield* subscriptions.secrets(connectionId)
        if (secret === undefined || subscribed.length === 0) return yield* new NotSubscribed()
        const enabled = Wanted.triggerNames(subscribed.map(({ trigger }) => trigger))
        const wanted: Wanted.Wanted = { url: urlOf(connection), secret, enabled }
        return { client, previous, subscribed, wanted }
      })

    const streamsOf = (client: Settle.WebhookClient, url: string): Effect.Effect<ReadonlyArray<string>, ReadError> =>
      Effect.map(Settle.ours(client, url), (all) => [...new Set(all.map(Settle.streamOf))])

    const finishAt = (connectionId: string) =>
      Effect.map(store.getSecrets(connectionId), (secrets) =>
        Date.parse(Option.getOrUndefined(secrets)?.rotatedAt ?? "1970-01-01T00:00:00Z") + graceMs)

    return {
      provision: ({ connectionId, messageStreams = ["outbound"], openTracking = false, verify = true }) =>
        Effect.gen(function*() {
          const { client, subscribed, wanted } = yield* open(connectionId)
          const streams = wanted.enabled.size === 0 ? [] : yield* Effect.forEach(
            [...new Set(messageStreams)],
            (stream) =>
              Settle.settle(client, stream, wanted, { probe: verify, test: verify })
          )
          const server = yield* Server.settle(
            client,
            wanted.url,
            subscribed.map(({ trigger }) => trigger),
            openTracking
          )
          return {
            receiverUrl: wanted.url,
            streams,
            openTracking: server.openTracking,
            isComplete: server.openTracking !== "failed" && streams.every(isDone),
            notes: server.notes
          }
        }).pipe(inTurn(connectionId), Effect.withSpan("Provisioning.provision", { captureStackTrace: false })),
      check: (connectionId, messageStreams) =>
        Effect.gen(function*() {
          const { client, previous, wanted } = yield* open(connectionId)
          const present = yield* Settle.ours(client, wanted.url)
          const found = [...new Set(present.map(Settle.streamOf))]
          const streams = messageStreams ?? (found.length === 0 ? ["outbound"] : found)
          return yield* Effect.forEach(streams, (stream) =>
            checkOf(
              client,
              stream,
              present.filter((webhook) => Settle.streamOf(webhook) === stream),
              wanted,
              previous
            ))
        }),
      rotateSecret: ({ connectionId, secret }) =>
        Effect.gen(function*() {
          const before = yield* open(connectionId)
          const streams = yield* streamsOf(before.client, before.wanted.url)
          const [{ trigger }] = yield* nonEmpty(before.subscribed)
          if (streams.length === 0) {
            return yield* new NotProvisioned()
          }
          // The receivers accept the new secret from here on, and the old one as before.
          const generatedSecret = before.previous !== undefined && secret === undefined
            ? Option.none()
            : (yield* subscriptions.subscribe({ connectionId, trigger, secret, rotate: true })).generatedSecret
          const { client, wanted } = yield* open(connectionId)
          const results = yield* Effect.forEach(streams, (stream) =>
            Settle.settle(client, stream, wanted, { probe: true, test: false }))
          return {
            generatedSecret,
            streams: results,
            isComplete: results.every(isDone),
            finishAt: new Date(yield* finishAt(connectionId)).toISOString()
          }
        }).pipe(inTurn(connectionId), Effect.withSpan("Provisioning.rotateSecret", { captureStackTrace: false })),
      finishRotation: (connectionId) =>
        Effect.gen(function*() {
          const { client, previous, wanted } = yield* open(connectionId)
          if (previous === undefined) return
          const present = yield* Settle.ours(client, wanted.url)
          if (present.length === 0 || !present.every((webhook) => Wanted.hasSecret(webhook, wanted.secret))) {
            return yield* new RotationUnfinished({ reason: "postmark", until: null })
          }
          const until = yield* finishAt(connectionId)
          if ((yield* Clock.currentTimeMillis) < until) {
            return yield* new RotationUnfinished({ reason: "grace", until: new Date(until).toISOString() })
          }
          yield* subscriptions.finishRotation(connectionId)
        }).pipe(inTurn(connectionId))
    }
  })

/**
 * @since 0.1.0
 * @category layers
 */
export const layer = (
  options: Options
): Layer.Layer<Provisioning, never, Connections | Subscriptions | SubscriptionStore> =>
  Layer.effect(Provisioning, make(options))

/**
 * Checks the webhooks of every active connection that has one of ours in Postmark, each hour by default, and ends rotations
 * that can end. What is not as it should be is logged as a warning and counted (`ProvisioningMetrics`).
 *
 * @since 0.1.0
 * @category layers
 */
export const worker = (
  options: { readonly interval?: Duration.DurationInput | undefined } = {}
): Layer.Layer<never, never, Connections | Provisioning | SubscriptionStore> =>
  Layer.scopedDiscard(
    Effect.flatMap(
      Provisioning,
      (provisioning) => Watch.run(provisioning, Duration.decode(options.interval ?? "1 hour"))
    )
  )

const isDone = ({ action, verification }: StreamResult): boolean =>
  action !== "failed" && verification?.success !== false

const nonEmpty = (
  subscribed: ReadonlyArray<Subscription>
): Effect.Effect<readonly [Subscription], NotSubscribed> => {
  const [first] = subscribed
  return first === undefined ? Effect.fail(new NotSubscribed()) : Effect.succeed([first])
}
