/**
 * Where API keys are kept: a port. Only their hashes are.
 *
 * @since 0.1.0
 */
import type { StoreUnavailable } from "@effect-postmark/core/StoreUnavailable"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Ref from "effect/Ref"
import * as Schema from "effect/Schema"
import { Scope } from "./api/Access.ts"

/**
 * An API key as it is stored. `connections` null means all of them. Times are ISO 8601 in UTC with milliseconds.
 * `rateLimit` is in requests per minute; null means the server's own limit.
 *
 * @since 0.1.0
 * @category models
 */
export const ApiKeyRecord = Schema.Struct({
  id: Schema.String,
  name: Schema.String,
  hash: Schema.String,
  connections: Schema.NullOr(Schema.Array(Schema.String)),
  scopes: Schema.Array(Scope),
  rateLimit: Schema.NullOr(Schema.Int),
  createdAt: Schema.String,
  expiresAt: Schema.NullOr(Schema.String),
  lastUsedAt: Schema.NullOr(Schema.String),
  revokedAt: Schema.NullOr(Schema.String)
})

/**
 * @since 0.1.0
 * @category models
 */
export interface ApiKeyRecord extends Schema.Schema.Type<typeof ApiKeyRecord> {}

/**
 * @since 0.1.0
 * @category models
 */
export interface Service {
  /** False when the id is taken; nothing is stored then. */
  readonly insert: (record: ApiKeyRecord) => Effect.Effect<boolean, StoreUnavailable>
  readonly get: (id: string) => Effect.Effect<Option.Option<ApiKeyRecord>, StoreUnavailable>
  /** By creation, oldest first. */
  readonly list: Effect.Effect<ReadonlyArray<ApiKeyRecord>, StoreUnavailable>
  /** False when there is no such key, or it is revoked already. */
  readonly revoke: (id: string, revokedAt: string) => Effect.Effect<boolean, StoreUnavailable>
  /** Moves the time of the last use forward. An earlier time, or an unknown id, changes nothing. */
  readonly used: (id: string, at: string) => Effect.Effect<void, StoreUnavailable>
}

/**
 * @since 0.1.0
 * @category tags
 */
export class ApiKeyStore extends Context.Tag("@effect-postmark/http-server/ApiKeyStore")<ApiKeyStore, Service>() {}

/**
 * API keys in memory.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerMemory: Layer.Layer<ApiKeyStore> = Layer.effect(
  ApiKeyStore,
  Effect.map(Ref.make<ReadonlyMap<string, ApiKeyRecord>>(new Map()), (records) => ({
    insert: (record) =>
      Ref.modify(records, (all) => all.has(record.id) ? [false, all] : [true, new Map(all).set(record.id, record)]),
    get: (id) => Effect.map(Ref.get(records), (all) => Option.fromNullable(all.get(id))),
    list: Effect.map(Ref.get(records), (all) => Array.from(all.values())),
    revoke: (id, revokedAt) =>
      Ref.modify(records, (all) => {
        const record = all.get(id)
        if (record === undefined || record.revokedAt !== null) return [false, all]
        return [true, new Map(all).set(id, { ...record, revokedAt })]
      }),
    used: (id, at) =>
      Ref.update(records, (all) => {
        const record = all.get(id)
        if (record === undefined || (record.lastUsedAt !== null && record.lastUsedAt >= at)) return all
        return new Map(all).set(id, { ...record, lastUsedAt: at })
      })
  }))
)
