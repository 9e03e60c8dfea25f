/**
 * Where events are relayed to: targets, their secrets, what was delivered to them, and replays.
 *
 * @since 0.1.0
 */
import { ConnectionNotFound } from "@effect-postmark/core/Connections"
import { ConnectionStore } from "@effect-postmark/core/ConnectionStore"
import {
  type Attempt,
  type Delivery,
  type DeliveryState,
  DeliveryStore,
  type SealedSecrets,
  type Service as Store
} from "@effect-postmark/core/DeliveryStore"
import { type Issue, ValidationFailure } from "@effect-postmark/core/PostmarkError"
import * as RelayTarget from "@effect-postmark/core/RelayTarget"
import type { StoreUnavailable } from "@effect-postmark/core/StoreUnavailable"
import { TriggerRegistry } from "@effect-postmark/core/TriggerRegistry"
import { type SecretUnreadable, Vault } from "@effect-postmark/core/Vault"
import * as Context from "effect/Context"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Encoding from "effect/Encoding"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import * as Deliver from "./internal/relay/attempt.ts"
import * as Secrets from "./internal/relay/secrets.ts"
import { RelayClient } from "./RelayClient.ts"
import * as RelaySigning from "./RelaySigning.ts"
import * as TargetAddress from "./TargetAddress.ts"

/**
 * There is no such target.
 *
 * @since 0.1.0
 * @category errors
 */
export class RelayTargetNotFound
  extends Schema.TaggedError<RelayTargetNotFound>("@effect-postmark/automation/RelayTargets/RelayTargetNotFound")(
    "RelayTargetNotFound",
    {}
  )
{
  override get message(): string {
    return "there is no relay target with this id"
  }
  readonly retryable = false
  readonly disposition = "notSent"
}

/**
 * `urlTaken`: the connection and trigger have a target with this URL. `changed`: somebody else rotated the secret meanwhile.
 *
 * @since 0.1.0
 * @category errors
 */
export class RelayTargetConflict
  extends Schema.TaggedError<RelayTargetConflict>("@effect-postmark/automation/RelayTargets/RelayTargetConflict")(
    "RelayTargetConflict",
    { reason: Schema.Literal("urlTaken", "changed") }
  )
{
  override get message(): string {
    return this.reason === "urlTaken"
      ? "the connection has a target with this URL for this trigger: change or remove that one"
      : "the target was changed at the same time: read it again"
  }
  readonly retryable = false
  readonly disposition = "notSent"
}

/**
 * A target and its secret, which is shown this once.
 *
 * @since 0.1.0
 * @category models
 */
export interface WithSecret {
  readonly target: RelayTarget.RelayTarget
  readonly secret: Redacted.Redacted
}

/**
 * Which rows to replay: those with these sequence numbers, or that were received from `from` up to but not including `to`
 * (RFC 3339 in UTC), or all. `states` is by default what was given up and what is held.
 *
 * @since 0.1.0
 * @category models
 */
export interface ReplayOptions {
  readonly sequences?: ReadonlyArray<number> | undefined
  readonly from?: string | undefined
  readonly to?: string | undefined
  readonly states?: ReadonlyArray<DeliveryState> | undefined
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Service {
  /** Events that are stored from now on are relayed to the URL. The connection needs a subscription to the trigger too. */
  readonly create: (options: {
    readonly connectionId: string
    readonly trigger: string
    readonly url: string
  }) => Effect.Effect<WithSecret, ConnectionNotFound | RelayTargetConflict | StoreUnavailable | ValidationFailure>
  readonly get: (id: string) => Effect.Effect<RelayTarget.RelayTarget, RelayTargetNotFound | StoreUnavailable>
  /** Of one connection, oldest first. */
  readonly list: (connectionId: string) => Effect.Effect<ReadonlyArray<RelayTarget.RelayTarget>, StoreUnavailable>
  readonly setUrl: (
    id: string,
    url: string
  ) => Effect.Effect<void, RelayTargetConflict | RelayTargetNotFound | StoreUnavailable | ValidationFailure>
  /** New events are held until the target is enabled and they are replayed. */
  readonly disable: (id: string) => Effect.Effect<void, RelayTargetNotFound | StoreUnavailable>
  readonly enable: (id: string) => Effect.Effect<void, RelayTargetNotFound | StoreUnavailable>
  readonly remove: (id: string) => Effect.Effect<void, RelayTargetNotFound | StoreUnavailable>
  /** Gives a new secret. Until `finishRotation`, events are signed with the new one and the one before it. */
  readonly rotateSecret: (
    id: string
  ) => Effect.Effect<WithSecret, RelayTargetConflict | RelayTargetNotFound | StoreUnavailable>
  readonly finishRotation: (
    id: string
  ) => Effect.Effect<void, RelayTargetConflict | RelayTargetNotFound | StoreUnavailable>
  /** Posts an example event at once, also to a disabled target, and answers what came back. Nothing is kept of it. */
  readonly sendTest: (id: string) => Effect.Effect<
    Pick<Attempt, "durationMs" | "failure" | "response" | "status">,
    RelayTargetNotFound | SecretUnreadable | StoreUnavailable
  >
  /** A page of rows by sequence number, at most 100; `states` is by default the dead letters alone. */
  readonly deliveries: (id: string, options?: {
    readonly states?: ReadonlyArray<DeliveryState> | undefined
    readonly after?: number | undefined
    readonly limit?: number | undefined
  }) => Effect.Effect<ReadonlyArray<Delivery>, StoreUnavailable>
  readonly attempts: (id: string, sequence: number) => Effect.Effect<ReadonlyArray<Attempt>, StoreUnavailable>
  /** How many rows `replay` would relay again. */
  readonly countReplay: (id: string, options?: ReplayOptions) => Effect.Effect<
    number,
    RelayTargetNotFound | StoreUnavailable
  >
  /**
   * A page of the dead letters of all targets of a connection, by sequence number and target, at most 100. `after` is the
   * last one of the previous page.
   */
  readonly deadLetters: (connectionId: string, options?: {
    readonly after?: { readonly sequence: number; readonly targetId: string } | undefined
    readonly limit?: number | undefined
  }) => Effect.Effect<ReadonlyArray<Delivery & { readonly target: RelayTarget.RelayTarget }>, StoreUnavailable>
  /** Relays rows again, from the first step of the ladder and with the same `webhook-id`; answers how many. */
  readonly replay: (id: string, options?: ReplayOptions) => Effect.Effect<
    number,
    RelayTargetNotFound | StoreUnavailable
  >
}

/**
 * @since 0.1.0
 * @category tags
 */
export class RelayTargets extends Context.Tag("@effect-postmark/automation/RelayTargets")<RelayTargets, Service>() {}

/**
 * `allowed` should be what the client allows.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (
  allowed: TargetAddress.Allowed = {}
): Effect.Effect<Service, never, ConnectionStore | DeliveryStore | RelayClient | TriggerRegistry | Vault> =>
  Effect.gen(function*() {
    const store = yield* DeliveryStore
    const connections = yield* ConnectionStore
    const client = yield* RelayClient
    const registry = yield* TriggerRegistry
    const vault = yield* Vault
    const secretsOf = Secrets.opener(vault)
    const rules = TargetAddress.make(allowed)

    const stored = (id: string) =>
      Effect.flatMap(
        store.getTarget(id),
        Option.match({ onNone: () => Effect.fail(new RelayTargetNotFound()), onSome: Effect.succeed })
      )

    const newSecret = (id: string) =>
      Effect.gen(function*() {
        const secret = yield* RelaySigning.generateSecret
        return { secret, sealed: yield* vault.seal(Secrets.placeOf(id), secret) }
      })

    /** Fails when somebody else replaced the secret. Another text of the same secret, from a key rotation, is no conflict. */
    const replaceSecrets = (
      target: RelayTarget.StoredTarget,
      next: (target: RelayTarget.StoredTarget) => SealedSecrets
    ): Effect.Effect<void, RelayTargetConflict | RelayTargetNotFound | StoreUnavailable> =>
      Effect.gen(function*() {
        if (yield* store.setSecrets(target.id, next(target), target.currentSecret)) return
        const found = yield* stored(target.id)
        const conflict = () => new RelayTargetConflict({ reason: "changed" })
        const [before, after] = yield* Effect.mapError(Effect.all([currentOf(target), currentOf(found)]), conflict)
        if (before !== after || target.currentSecret === found.currentSecret) return yield* conflict()
        yield* replaceSecrets(found, next)
      })

    const currentOf = ({ currentSecret, id }: RelayTarget.StoredTarget) =>
      Effect.map(vault.open(Secrets.placeOf(id), currentSecret), Redacted.value)

    const inSteps = (operation: Store["replay"]): Service["replay"] => (targetId, { states = undone, ...range } = {}) =>
      Effect.gen(function*() {
        yield* stored(targetId)
        let [count, after] = [0, 0]
        while (true) {
          const done = yield* operation({ ...range, targetId, states, after, limit: replayStep })
          count += done.length
          after = done.at(-1) ?? after
          if (done.length < replayStep) return count
        }
      })

    const read = (operation: string, url: string) =>
      Effect.map(Effect.mapError(rules.parse(url), (issue) => invalid(operation, issue)), ({ href }) => href)

    return {
      create: (options) =>
        Effect.gen(function*() {
          const connection = yield* connections.get(options.connectionId)
          if (Option.isNone(connection)) return yield* new ConnectionNotFound({ connectionId: options.connectionId })
          const trigger = registry.get(options.trigger)
          if (trigger === undefined) {
            const known = registry.triggers.map((one) => one.id).join(", ")
            return yield* invalid("createRelayTarget", { path: ["trigger"], message: `must be one of ${known}` })
          }
          const url = yield* read("createRelayTarget", options.url)
          const id = `rly_${Encoding.encodeBase64Url(crypto.getRandomValues(new Uint8Array(18)))}`
          const { sealed, secret } = yield* newSecret(id)
          const target: RelayTarget.StoredTarget = {
            id,
            connectionId: connection.value.id,
            trigger: trigger.id,
            url,
            createdAt: DateTime.formatIso(yield* DateTime.now),
            state: "active",
            disabledReason: null,
            disabledAt: null,
            failingSince: null,
            currentSecret: sealed,
            previousSecret: null
          }
          if (!(yield* store.insertTarget(target))) return yield* new RelayTargetConflict({ reason: "urlTaken" })
          return { target: RelayTarget.fromStored(target), secret }
        }),
      get: (id) => Effect.map(stored(id), RelayTarget.fromStored),
      list: (connectionId) =>
        Effect.map(store.listTargets(connectionId), (targets) => targets.map(RelayTarget.fromStored)),
      setUrl: (id, text) =>
        Effect.gen(function*() {
          const url = yield* read("setRelayTargetUrl", text)
          yield* stored(id)
          if (!(yield* store.setUrl(id, url))) return yield* new RelayTargetConflict({ reason: "urlTaken" })
        }),
      disable: (id) =>
        Effect.gen(function*() {
          yield* stored(id)
          yield* store.disable(id, { reason: "manual", at: DateTime.formatIso(yield* DateTime.now) })
        }),
      enable: (id) => Effect.zipRight(stored(id), Effect.asVoid(store.enable(id))),
      remove: (id) =>
        Effect.flatMap(
          store.removeTarget(id),
          (removed) => removed ? Effect.void : Effect.fail(new RelayTargetNotFound())
        ),
      rotateSecret: (id) =>
        Effect.gen(function*() {
          const target = yield* stored(id)
          const { sealed, secret } = yield* newSecret(id)
          yield* replaceSecrets(target, ({ currentSecret }) => ({ current: sealed, previous: currentSecret }))
          return { target: RelayTarget.fromStored(target), secret }
        }),
      finishRotation: (id) =>
        Effect.flatMap(
          stored(id),
          (target) => replaceSecrets(target, ({ currentSecret }) => ({ current: currentSecret, previous: null }))
        ),
      sendTest: (id) =>
        Effect.gen(function*() {
          const target = yield* stored(id)
          const secrets = yield* secretsOf(target)
          const receivedAt = DateTime.formatIso(yield* DateTime.now)
          const { durationMs, failure, response, status } = yield* Deliver.tryOnce(client, {
            url: target.url,
            id: `${id}_test_${crypto.randomUUID()}`,
            body: Deliver.bodyOf({
              connectionId: target.connectionId,
              trigger: target.trigger,
              receivedAt,
              sequence: 0,
              test: true,
              event: JSON.stringify({ recipient: "someone@example.com", metadata: {} })
            }, undefined),
            secrets,
            timeout: "15 seconds"
          })
          return { durationMs, failure, response, status }
        }),
      deliveries: (targetId, { after = 0, limit = 100, states = givenUp } = {}) =>
        store.list({ targetId, states, after, limit: Math.min(limit, 100) }),
      attempts: store.attempts,
      deadLetters: (connectionId, { after = { sequence: 0, targetId: "" }, limit = 100 } = {}) =>
        Effect.gen(function*() {
          const most = Math.min(limit, 100)
          const targets = yield* store.listTargets(connectionId)
          const found = yield* Effect.forEach(targets, (target) =>
            Effect.map(
              store.list({
                targetId: target.id,
                states: givenUp,
                after: target.id > after.targetId ? after.sequence - 1 : after.sequence,
                limit: most
              }),
              (rows) => rows.map((row) => ({ ...row, target: RelayTarget.fromStored(target) }))
            ))
          return found.flat().sort((a, b) => a.sequence - b.sequence || (a.targetId < b.targetId ? -1 : 1)).slice(
            0,
            most
          )
        }),
      countReplay: inSteps((selection) =>
        Effect.map(store.list(selection), (rows) => rows.map(({ sequence }) => sequence))
      ),
      replay: inSteps(store.replay)
    }
  })

/**
 * @since 0.1.0
 * @category layers
 */
export const layer = (
  allowed: TargetAddress.Allowed = {}
): Layer.Layer<RelayTargets, never, ConnectionStore | DeliveryStore | RelayClient | TriggerRegistry | Vault> =>
  Layer.effect(RelayTargets, make(allowed))

const givenUp: ReadonlyArray<DeliveryState> = ["dead"]
const undone: ReadonlyArray<DeliveryState> = ["dead", "held"]

const replayStep = 500

const invalid = (operation: string, issue: Issue): ValidationFailure =>
  new ValidationFailure({
    operation,
    message: `the input is invalid: ${issue.path.join(".")}: ${issue.message}`,
    reason: "invalid",
    issues: [issue],
    inactiveRecipients: []
  })
