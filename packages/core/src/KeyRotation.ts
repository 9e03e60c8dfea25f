/**
 * Encrypts every stored secret with the first key, while programs use them: tokens of connections, webhook secrets and
 * secrets of relay targets. Afterwards no stored text needs another key, and the other keys can be dropped.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { ConnectionStore } from "./ConnectionStore.ts"
import { DeliveryStore } from "./DeliveryStore.ts"
import * as SecretPlace from "./internal/secretPlace.ts"
import * as RelayTarget from "./RelayTarget.ts"
import type { StoreUnavailable } from "./StoreUnavailable.ts"
import { SubscriptionStore } from "./SubscriptionStore.ts"
import { Vault } from "./Vault.ts"

/**
 * Whose secrets: `id` is of a connection for `token` and `webhookSecrets`, of a target for `relayTarget`.
 *
 * @since 0.1.0
 * @category models
 */
export const Owner = Schema.Struct({
  kind: Schema.Literal("token", "webhookSecrets", "relayTarget"),
  id: Schema.String
})

/**
 * @since 0.1.0
 * @category models
 */
export interface Owner extends Schema.Schema.Type<typeof Owner> {}

/**
 * Counts texts, of which an owner has one or two. `resealed` were encrypted again, and `current` had the first key already.
 * `remaining` counts those that still need another key, by its id. Owners in `unreadable` have a text that does not open:
 * its key is not among the configured ones, or the text was changed. Owners in `busy` changed each time we tried.
 *
 * @since 0.1.0
 * @category models
 */
export const Report = Schema.Struct({
  resealed: Schema.Int,
  current: Schema.Int,
  remaining: Schema.Record({ key: Schema.String, value: Schema.Int }),
  unreadable: Schema.Array(Owner),
  busy: Schema.Array(Owner)
})

/**
 * @since 0.1.0
 * @category models
 */
export interface Report extends Schema.Schema.Type<typeof Report> {}

/**
 * True when every stored text has the first key and opens with it.
 *
 * @since 0.1.0
 * @category guards
 */
export const isComplete = ({ busy, remaining, unreadable }: Report): boolean =>
  Object.keys(remaining).length === 0 && unreadable.length === 0 && busy.length === 0

/**
 * Encrypts what has another key with the first one. It replaces a text only if nobody changed it meanwhile, so it never
 * undoes a rotation of a token or a secret. It can be repeated, and run in several processes at once. What cannot be
 * opened is named in the report and left as it is.
 *
 * @since 0.1.0
 * @category constructors
 */
export const rotate: Effect.Effect<Report, StoreUnavailable, Services> = Effect.suspend(() => run(true))

/**
 * Reports, and changes nothing.
 *
 * @since 0.1.0
 * @category constructors
 */
export const check: Effect.Effect<Report, StoreUnavailable, Services> = Effect.suspend(() => run(false))

/**
 * @since 0.1.0
 * @category models
 */
export type Services = ConnectionStore | SubscriptionStore | DeliveryStore | Vault

/** One owner's texts: read again for each try. `replace` is false when they are not the same any more. */
interface Place {
  readonly owner: Owner
  readonly place: string
  readonly read: Effect.Effect<ReadonlyArray<string>, StoreUnavailable>
  readonly replace: (
    next: ReadonlyArray<string>,
    expected: ReadonlyArray<string>
  ) => Effect.Effect<boolean, StoreUnavailable>
}

const run = (isChanging: boolean) =>
  Effect.gen(function*() {
    const vault = yield* Vault
    const counts = { resealed: 0, current: 0 }
    const remaining = new Map<string, number>()
    const unreadable: Array<Owner> = []
    const busy: Array<Owner> = []

    const keep = (texts: ReadonlyArray<string>) => {
      for (const text of texts) {
        const id = vault.keyIdOf(text)
        if (id === vault.currentKeyId) counts.current += 1
        else remaining.set(id ?? unknownKey, (remaining.get(id ?? unknownKey) ?? 0) + 1)
      }
    }

    const visit = ({ owner, place, read, replace }: Place) =>
      Effect.gen(function*() {
        for (let tries = 1;; tries++) {
          const texts = yield* read
          if (texts.length === 0) return
          const opened = yield* Effect.forEach(texts, (text) => Effect.option(vault.open(place, text)))
          const isDone = texts.every((text, at) =>
            vault.keyIdOf(text) === vault.currentKeyId || Option.isNone(opened[at] ?? Option.none())
          )
          const isUnreadable = opened.some(Option.isNone)
          if (!isChanging || isDone) {
            if (isUnreadable) unreadable.push(owner)
            return keep(texts)
          }
          const next = yield* Effect.forEach(texts, (text, at) => {
            const secret = opened[at] ?? Option.none()
            return vault.keyIdOf(text) === vault.currentKeyId || Option.isNone(secret)
              ? Effect.succeed(text)
              : vault.seal(place, secret.value)
          })
          if (yield* replace(next, texts)) {
            if (isUnreadable) unreadable.push(owner)
            const unchanged = next.filter((text, at) => text === texts[at])
            counts.resealed += next.length - unchanged.length
            return keep(unchanged)
          }
          if (tries === maxTries) {
            busy.push(owner)
            return keep(texts)
          }
        }
      })

    yield* eachPlace(visit)
    return { ...counts, remaining: Object.fromEntries(remaining), unreadable, busy }
  })

const eachPlace = (visit: (place: Place) => Effect.Effect<void, StoreUnavailable>) =>
  Effect.gen(function*() {
    const connections = yield* ConnectionStore
    const subscriptions = yield* SubscriptionStore
    const deliveries = yield* DeliveryStore
    for (const { id } of yield* connections.list) {
      yield* visit({
        owner: { kind: "token", id },
        place: SecretPlace.token(id),
        // A revoked connection has no token.
        read: Effect.map(connections.get(id), (stored) =>
          textsOf(Option.match(stored, { onNone: () => [], onSome: ({ sealedToken }) => [sealedToken] }))),
        replace: ([token = ""], [expected = ""]) =>
          connections.reseal(id, token, expected)
      })
      yield* visit({
        owner: { kind: "webhookSecrets", id },
        place: SecretPlace.webhookSecret(id),
        read: Effect.map(subscriptions.getSecrets(id), (stored) =>
          textsOf(Option.match(stored, { onNone: () => [], onSome: ({ current, previous }) => [current, previous] }))),
        replace: (next, expected) =>
          subscriptions.resealSecrets(id, pairOf(next), pairOf(expected))
      })
      for (const target of yield* deliveries.listTargets(id)) {
        yield* visit({
          owner: { kind: "relayTarget", id: target.id },
          place: RelayTarget.secretPlace(target.id),
          read: Effect.map(deliveries.getTarget(target.id), (stored) =>
            textsOf(Option.match(stored, {
              onNone: () => [],
              onSome: ({ currentSecret, previousSecret }) => [currentSecret, previousSecret]
            }))),
          replace: (next, expected) =>
            deliveries.resealSecrets(target.id, pairOf(next), pairOf(expected))
        })
      }
    }
  })

const textsOf = (texts: ReadonlyArray<string | null>): ReadonlyArray<string> =>
  texts.filter((text): text is string => text !== null && text !== "")

const pairOf = ([current = "", previous]: ReadonlyArray<string>) => ({ current, previous: previous ?? null })

const maxTries = 10

const unknownKey = "unknown"
