/**
 * The port that stores connections.
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
 * A stored connection, with its token encrypted. Times are RFC 3339 in UTC.
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
  /**
   * Stores a connection. Returns false, and stores nothing, when the same Postmark server already has an active
   * connection.
   */
  readonly insert: (record: ConnectionRecord) => Effect.Effect<boolean, StoreUnavailable>
  readonly get: (id: string) => Effect.Effect<Option.Option<ConnectionRecord>, StoreUnavailable>
  /** Lists all connections by creation, oldest first. */
  readonly list: Effect.Effect<ReadonlyArray<ConnectionRecord>, StoreUnavailable>
  /** Replaces an active connection's token. Returns false when the connection does not exist or is not active. */
  readonly rotate: (
    id: string,
    token: Pick<ConnectionRecord, "sealedToken" | "fingerprint" | "serverName" | "rotatedAt">
  ) => Effect.Effect<boolean, StoreUnavailable>
  /**
   * Stores another encrypted text of the same token if the stored one is still `expected`. Returns false when it is not.
   */
  readonly reseal: (id: string, sealedToken: string, expected: string) => Effect.Effect<boolean, StoreUnavailable>
  /**
   * Revokes an active connection and deletes its token. Returns false when the connection does not exist or is not
   * active.
   */
  readonly revoke: (id: string, revokedAt: string) => Effect.Effect<boolean, StoreUnavailable>
  /** Records that a webhook event of this connection was rejected. */
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
      reseal: (id, sealedToken, expected) =>
        Ref.modify(records, (all) => {
          const record = all.get(id)
          if (record === undefined || record.sealedToken !== expected) return [false, all]
          return [true, new Map(all).set(id, { ...record, sealedToken })]
        }),
      revoke: (id, revokedAt) =>
        change(id, (record) => ({ ...record, state: "revoked", sealedToken: "", revokedAt }), true),
      setLastRefusedAt: (id, lastRefusedAt) =>
        Effect.asVoid(change(id, (record) => ({ ...record, lastRefusedAt }), false))
    }
  })
)
