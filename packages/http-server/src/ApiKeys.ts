/**
 * Keys to this server: shown once, stored as a hash, good for some connections or all, for some scopes, and until they
 * expire or are revoked.
 *
 * @since 0.1.0
 */
import { Digest } from "@effect-postmark/core/Digest"
import type { StoreUnavailable } from "@effect-postmark/core/StoreUnavailable"
import * as Context from "effect/Context"
import * as DateTime from "effect/DateTime"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Encoding from "effect/Encoding"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import type * as EffectScope from "effect/Scope"
import { Scope } from "./api/Access.ts"
import { type ApiKeyRecord, ApiKeyStore } from "./ApiKeyStore.ts"
import * as Endings from "./internal/keys/endings.ts"
import * as LastUse from "./internal/keys/lastUse.ts"

/**
 * An API key as anybody may see it. `connections` null means all. A key for all connections with the scope `manage` is an
 * admin key. `lastUsedAt` is at most a minute or two late.
 *
 * @since 0.1.0
 * @category models
 */
export const ApiKey = Schema.Struct({
  id: Schema.String,
  name: Schema.String,
  connections: Schema.NullOr(Schema.Array(Schema.String)),
  scopes: Schema.Array(Scope),
  rateLimit: Schema.NullOr(Schema.Int).annotations({
    description: "requests per minute; null means the limit of the server"
  }),
  createdAt: Schema.String,
  expiresAt: Schema.NullOr(Schema.String),
  lastUsedAt: Schema.NullOr(Schema.String),
  revokedAt: Schema.NullOr(Schema.String)
}).annotations({ identifier: "ApiKey" })

/**
 * @since 0.1.0
 * @category models
 */
export interface ApiKey extends Schema.Schema.Type<typeof ApiKey> {}

/**
 * All scopes.
 *
 * @since 0.1.0
 * @category constants
 */
export const allScopes: ReadonlyArray<Scope> = Scope.literals

/**
 * Whether a key may administer the server: it is for all connections, with the scope `manage`.
 *
 * @since 0.1.0
 * @category guards
 */
export const isAdmin = ({ connections, scopes }: Pick<ApiKey, "connections" | "scopes">): boolean =>
  connections === null && scopes.includes("manage")

/**
 * The key was revoked or has expired, or its id belongs to another key, so that it cannot be adopted. Choose another key.
 *
 * @since 0.1.0
 * @category errors
 */
export class ApiKeyRefused extends Schema.TaggedError<ApiKeyRefused>(
  "@effect-postmark/http-server/ApiKeys/ApiKeyRefused"
)("ApiKeyRefused", { reason: Schema.Literal("revoked", "expired", "idTaken") }) {
  override get message(): string {
    return {
      revoked: "the API key was revoked: choose another",
      expired: "the API key has expired: choose another",
      idTaken: "another API key has this id: choose another key"
    }[this.reason]
  }
}

/**
 * The key opens nothing. Only who has the whole key learns that it has expired or was revoked.
 *
 * @since 0.1.0
 * @category errors
 */
export class ApiKeyInvalid extends Schema.TaggedError<ApiKeyInvalid>(
  "@effect-postmark/http-server/ApiKeys/ApiKeyInvalid"
)("ApiKeyInvalid", { reason: Schema.Literal("unknown", "expired", "revoked") }) {
  override get message(): string {
    return {
      unknown: "the API key is unknown",
      expired: "the API key has expired: create another",
      revoked: "the API key was revoked: create another"
    }[this.reason]
  }
}

/**
 * What a new key is good for. `connections` null means all of them; without `scopes` it has all scopes; without
 * `expiresAt` it never expires; without `rateLimit` it has the server's limit.
 *
 * @since 0.1.0
 * @category models
 */
export interface CreateOptions {
  readonly name: string
  readonly connections: ReadonlyArray<string> | null
  readonly scopes?: ReadonlyArray<Scope> | undefined
  readonly expiresAt?: DateTime.Utc | undefined
  readonly rateLimit?: number | undefined
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Service {
  /** The key itself comes back this once. */
  readonly create: (
    options: CreateOptions
  ) => Effect.Effect<{ readonly apiKey: ApiKey; readonly key: Redacted.Redacted }, StoreUnavailable>
  /** Keeps a key that was made elsewhere, such as one from the settings; once for the same key. It has all scopes. */
  readonly adopt: (options: {
    readonly name: string
    readonly key: Redacted.Redacted
  }) => Effect.Effect<ApiKey, ApiKeyRefused | StoreUnavailable>
  /**
   * The key's record. It costs a hash and one indexed read and nothing is cached: a key that another process revoked fails
   * from its next request on. The time of use is written in the background, once a minute.
   */
  readonly check: (key: Redacted.Redacted) => Effect.Effect<ApiKey, ApiKeyInvalid | StoreUnavailable>
  /** The same as `check`, or none. */
  readonly verify: (key: Redacted.Redacted) => Effect.Effect<Option.Option<ApiKey>, StoreUnavailable>
  /**
   * Waits until the key of this id is revoked or expires, and says which. Use it to end what outlives a request. It notices
   * its own process's revocations at once, those of other processes within `watchInterval` (5 seconds), and expiry within a
   * second. While the store is unavailable it goes on.
   */
  readonly ended: (id: string) => Effect.Effect<"expired" | "revoked" | "unknown">
  readonly list: Effect.Effect<ReadonlyArray<ApiKey>, StoreUnavailable>
  /** False when there is no such key, or it is revoked already. */
  readonly revoke: (id: string) => Effect.Effect<boolean, StoreUnavailable>
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Options {
  /** How often a key is looked up for those who wait for its end. Default: 5 seconds. */
  readonly watchInterval?: Duration.DurationInput | undefined
}

/**
 * @since 0.1.0
 * @category tags
 */
export class ApiKeys extends Context.Tag("@effect-postmark/http-server/ApiKeys")<ApiKeys, Service>() {}

/**
 * API keys over a store.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (
  options: Options = {}
): Effect.Effect<Service, never, ApiKeyStore | Digest | EffectScope.Scope> =>
  Effect.gen(function*() {
    const store = yield* ApiKeyStore
    const digest = yield* Digest
    const hash = (key: Redacted.Redacted) => digest.sha256(new TextEncoder().encode(Redacted.value(key)))
    const lastUse = yield* LastUse.make(store)
    const endings = yield* Endings.make(store, options.watchInterval ?? "5 seconds")

    const keep = (id: string, key: Redacted.Redacted, options: CreateOptions) =>
      Effect.gen(function*() {
        const wanted = options.scopes ?? allScopes
        const record: ApiKeyRecord = {
          id,
          name: options.name,
          hash: yield* hash(key),
          connections: options.connections,
          scopes: allScopes.filter((scope) => wanted.includes(scope)),
          rateLimit: options.rateLimit ?? null,
          createdAt: yield* now,
          expiresAt: options.expiresAt === undefined ? null : DateTime.formatIso(options.expiresAt),
          lastUsedAt: null,
          revokedAt: null
        }
        return (yield* store.insert(record)) ? Option.some(publicView(record)) : Option.none()
      })

    const check = (key: Redacted.Redacted) =>
      Effect.gen(function*() {
        const presented = yield* hash(key)
        const stored = yield* store.get(idOf(key, presented))
        if (Option.isNone(stored) || !equalText(presented, stored.value.hash)) {
          return yield* new ApiKeyInvalid({ reason: "unknown" })
        }
        const time = yield* DateTime.now
        const ending = Endings.of(stored.value, time)
        if (ending !== undefined) return yield* new ApiKeyInvalid({ reason: ending })
        yield* lastUse.note(stored.value, time)
        return publicView(stored.value)
      })

    return {
      create: (options) =>
        Effect.gen(function*() {
          const id = `key_${yield* randomText(9)}`
          const key = Redacted.make(`ep.${id}.${yield* randomText(32)}`)
          const apiKey = yield* keep(id, key, options)
          return Option.isSome(apiKey)
            ? { apiKey: apiKey.value, key }
            : yield* Effect.dieMessage("a random id was taken")
        }),
      adopt: ({ key, name }) =>
        Effect.gen(function*() {
          const presented = yield* hash(key)
          const id = idOf(key, presented)
          const kept = yield* keep(id, key, { name, connections: null })
          if (Option.isSome(kept)) return kept.value
          const stored = yield* store.get(id)
          if (Option.isNone(stored) || stored.value.hash !== presented) {
            return yield* new ApiKeyRefused({ reason: "idTaken" })
          }
          const ending = Endings.of(stored.value, yield* DateTime.now)
          return ending === undefined
            ? publicView(stored.value)
            : yield* new ApiKeyRefused({ reason: ending })
        }),
      check,
      verify: (key) =>
        check(key).pipe(
          Effect.map(Option.some),
          Effect.catchTag("ApiKeyInvalid", () => Effect.succeed(Option.none()))
        ),
      ended: endings.ended,
      list: Effect.map(store.list, (records) => records.map(publicView)),
      revoke: (id) =>
        Effect.tap(
          Effect.flatMap(now, (time) => store.revoke(id, time)),
          (isRevoked) => isRevoked ? endings.revoked(id) : Effect.void
        )
    }
  })

/**
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<ApiKeys, never, ApiKeyStore | Digest> = Layer.scoped(ApiKeys, make())

const publicView = ({ hash: _, ...apiKey }: ApiKeyRecord): ApiKey => apiKey

const now = Effect.map(DateTime.now, DateTime.formatIso)

const randomText = (bytes: number) =>
  Effect.sync(() => Encoding.encodeBase64Url(crypto.getRandomValues(new Uint8Array(bytes))))

/**
 * Compares all characters of two hashes, so the time that it takes does not depend on where they differ. Without Node's own
 * function, because clients import the schemas of this module.
 */
const equalText = (presented: string, stored: string) => {
  let difference = presented.length ^ stored.length
  for (let place = 0; place < presented.length; place++) {
    difference |= presented.charCodeAt(place) ^ stored.charCodeAt(place)
  }
  return difference === 0
}

/** A key that this module made names its id; the id of any other is made from its hash. */
const idOf = (key: Redacted.Redacted, hash: string) =>
  /^ep\.(key_[\w-]{1,40})\./.exec(Redacted.value(key))?.[1] ?? adoptedId(hash)

const adoptedId = (hash: string) => `key_${hash.slice(0, 16)}`
