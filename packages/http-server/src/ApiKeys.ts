/**
 * Keys to this server: shown once, stored as a hash, good for all connections or for some.
 *
 * @since 0.1.0
 */
import { Digest } from "@effect-postmark/core/Digest"
import type { StoreUnavailable } from "@effect-postmark/core/StoreUnavailable"
import * as Context from "effect/Context"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Encoding from "effect/Encoding"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import { type ApiKeyRecord, ApiKeyStore } from "./ApiKeyStore.ts"

/**
 * An API key as anybody may see it. `connections` null means all, and administration as well.
 *
 * @since 0.1.0
 * @category models
 */
export const ApiKey = Schema.Struct({
  id: Schema.String,
  name: Schema.String,
  connections: Schema.NullOr(Schema.Array(Schema.String)),
  createdAt: Schema.String,
  revokedAt: Schema.NullOr(Schema.String)
}).annotations({ identifier: "ApiKey" })

/**
 * @since 0.1.0
 * @category models
 */
export interface ApiKey extends Schema.Schema.Type<typeof ApiKey> {}

/**
 * The key was revoked, or its id belongs to another key, so that it cannot be adopted. Choose another key.
 *
 * @since 0.1.0
 * @category errors
 */
export class ApiKeyRefused extends Schema.TaggedError<ApiKeyRefused>(
  "@effect-postmark/http-server/ApiKeys/ApiKeyRefused"
)("ApiKeyRefused", { reason: Schema.Literal("revoked", "idTaken") }) {
  override get message(): string {
    return this.reason === "revoked"
      ? "the API key was revoked: choose another"
      : "another API key has this id: choose another key"
  }
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Service {
  /** The key itself comes back this once. */
  readonly create: (options: {
    readonly name: string
    readonly connections: ReadonlyArray<string> | null
  }) => Effect.Effect<{ readonly apiKey: ApiKey; readonly key: Redacted.Redacted }, StoreUnavailable>
  /** Keeps a key that was made elsewhere, such as one from the settings; once for the same key. */
  readonly adopt: (options: {
    readonly name: string
    readonly key: Redacted.Redacted
  }) => Effect.Effect<ApiKey, ApiKeyRefused | StoreUnavailable>
  /** The key's record, if it is known and not revoked. */
  readonly verify: (key: Redacted.Redacted) => Effect.Effect<Option.Option<ApiKey>, StoreUnavailable>
  readonly list: Effect.Effect<ReadonlyArray<ApiKey>, StoreUnavailable>
  /** False when there is no such key, or it is revoked already. */
  readonly revoke: (id: string) => Effect.Effect<boolean, StoreUnavailable>
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
export const make: Effect.Effect<Service, never, ApiKeyStore | Digest> = Effect.gen(function*() {
  const store = yield* ApiKeyStore
  const digest = yield* Digest
  const hash = (key: Redacted.Redacted) => digest.sha256(new TextEncoder().encode(Redacted.value(key)))

  const keep = (id: string, name: string, connections: ReadonlyArray<string> | null, key: Redacted.Redacted) =>
    Effect.gen(function*() {
      const record: ApiKeyRecord = {
        id,
        name,
        hash: yield* hash(key),
        connections,
        createdAt: yield* now,
        revokedAt: null
      }
      return (yield* store.insert(record)) ? Option.some(publicView(record)) : Option.none()
    })

  return {
    create: ({ connections, name }) =>
      Effect.gen(function*() {
        const id = `key_${yield* randomText(9)}`
        const key = Redacted.make(`ep.${id}.${yield* randomText(32)}`)
        const apiKey = yield* keep(id, name, connections, key)
        return Option.isSome(apiKey) ? { apiKey: apiKey.value, key } : yield* Effect.dieMessage("a random id was taken")
      }),
    adopt: ({ key, name }) =>
      Effect.gen(function*() {
        const presented = yield* hash(key)
        const id = idOf(key, presented)
        const kept = yield* keep(id, name, null, key)
        if (Option.isSome(kept)) return kept.value
        const stored = yield* store.get(id)
        if (Option.isNone(stored) || stored.value.hash !== presented) {
          return yield* new ApiKeyRefused({ reason: "idTaken" })
        }
        return stored.value.revokedAt === null
          ? publicView(stored.value)
          : yield* new ApiKeyRefused({ reason: "revoked" })
      }),
    verify: (key) =>
      Effect.gen(function*() {
        const presented = yield* hash(key)
        const stored = yield* store.get(idOf(key, presented))
        return Option.filter(
          stored,
          (record) => record.revokedAt === null && equalText(presented, record.hash)
        ).pipe(Option.map(publicView))
      }),
    list: Effect.map(store.list, (records) => records.map(publicView)),
    revoke: (id) => Effect.flatMap(now, (time) => store.revoke(id, time))
  }
})

/**
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<ApiKeys, never, ApiKeyStore | Digest> = Layer.effect(ApiKeys, make)

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
