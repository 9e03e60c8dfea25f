/**
 * Where connections are kept: a port.
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
 * A connection as it is stored; the token only sealed. Times are RFC 3339 in UTC.
 *
 * @since 0.1.0
 * @category models
 */
export const ConnectionRecord = Schema.Struct({
  id: ConnectionId,
  name: Schema.String,
  serverId: Schema.Int,
  serverName: Schema.String,
  fingerprint: Schema.String,
  sealedToken: Schema.String,
  state: Schema.Literal("active", "revoked"),
  createdAt: Schema.String,
  rotatedAt: Schema.NullOr(Schema.String),
  revokedAt: Schema.NullOr(Schema.String),
  lastRefusedAt: Schema.NullOr(Schema.String)
})

/**
 * @since 0.1.0
 * @category models
 */
export interface ConnectionRecord extends Schema.Schema.Type<typeof ConnectionRecord> {}

/**
 * @since 0.1.0
 * @category models
 */
export interface Service {
  /** False when an active connection of the same Postmark server is there already; nothing is stored then. */
  readonly insert: (record: ConnectionRecord) => Effect.Effect<boolean, StoreUnavailable>
  readonly get: (id: string) => Effect.Effect<Option.Option<ConnectionRecord>, StoreUnavailable>
  /** By creation, oldest first. */
  readonly list: Effect.Effect<ReadonlyArray<ConnectionRecord>, StoreUnavailable>
  /** Replaces an active connection's token. False when the connection is not there or not active. */
  readonly rotate: (
    id: string,
    token: Pick<ConnectionRecord, "sealedToken" | "fingerprint" | "serverName" | "rotatedAt">
  ) => Effect.Effect<boolean, StoreUnavailable>
  /** Ends an active connection and forgets its token. False when the connection is not there or not active. */
  readonly revoke: (id: string, revokedAt: string) => Effect.Effect<boolean, StoreUnavailable>
  /** Notes that a webhook of this connection was refused. */
  readonly setLastRefusedAt: (id: string, time: string) => Effect.Effect<void, StoreUnavailable>
}

/**
 * @since 0.1.0
 * @category tags
 */
export class ConnectionStore extends Context.Tag("@effect-postmark/core/ConnectionStore")<ConnectionStore, Service>() {}

/**
 * Connections in memory.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerMemory: Layer.Layer<ConnectionStore> = Layer.effect(
  ConnectionStore,
  Effect.map(Ref.make<ReadonlyMap<string, ConnectionRecord>>(new Map()), (records) => {
    const change = (id: string, change: (record: ConnectionRecord) => ConnectionRecord, onlyActive: boolean) =>
      Ref.modify(records, (all) => {
        const record = all.get(id)
        if (record === undefined || (onlyActive && record.state !== "active")) return [false, all]
        return [true, new Map(all).set(id, change(record))]
      })
    return {
      insert: (record) =>
        Ref.modify(records, (all) => {
          for (const other of all.values()) {
            const isRival = record.state === "active" && other.state === "active" && other.serverId === record.serverId
            if (isRival || other.id === record.id) return [false, all]
          }
          return [true, new Map(all).set(record.id, record)]
        }),
      get: (id) => Effect.map(Ref.get(records), (all) => Option.fromNullable(all.get(id))),
      list: Effect.map(Ref.get(records), (all) => Array.from(all.values())),
      rotate: (id, token) => change(id, (record) => ({ ...record, ...token }), true),
      revoke: (id, revokedAt) =>
        change(id, (record) => ({ ...record, state: "revoked", sealedToken: "", revokedAt }), true),
      setLastRefusedAt: (id, lastRefusedAt) =>
        Effect.asVoid(change(id, (record) => ({ ...record, lastRefusedAt }), false))
    }
  })
)
