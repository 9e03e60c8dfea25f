/**
 * Connections in a SQL database.
 *
 * @since 0.1.0
 */
import { ConnectionRecord, ConnectionStore, type Service } from "@effect-postmark/core/ConnectionStore"
import * as SqlClient from "@effect/sql/SqlClient"
import * as Arr from "effect/Array"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import { Integer } from "./internal/integer.ts"
import * as StoreRunner from "./StoreRunner.ts"

/**
 * A connection store on the tables that a storage layer such as `SqliteStorage` migrated.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make: Effect.Effect<Service, never, SqlClient.SqlClient> = Effect.map(SqlClient.SqlClient, (sql) => {
  const run = StoreRunner.make(sql, "connection")
  const columns = sql.literal(
    `id, name, server_id AS "serverId", server_name AS "serverName", fingerprint, sealed_token AS "sealedToken", state,
      created_at AS "createdAt", rotated_at AS "rotatedAt", revoked_at AS "revokedAt", last_refused_at AS "lastRefusedAt"`
  )
  return {
    // One active connection per server is a unique index, so that two inserts at once cannot both succeed.
    insert: (record) =>
      run(
        "insert",
        Effect.map(
          sql`INSERT INTO postmark_connections ${
            sql.insert({
              id: record.id,
              name: record.name,
              server_id: record.serverId,
              server_name: record.serverName,
              fingerprint: record.fingerprint,
              sealed_token: record.sealedToken,
              state: record.state,
              created_at: record.createdAt,
              rotated_at: record.rotatedAt,
              revoked_at: record.revokedAt,
              last_refused_at: record.lastRefusedAt
            })
          } ON CONFLICT DO NOTHING RETURNING id`,
          (rows) => rows.length > 0
        )
      ),
    get: (id) =>
      run(
        "get",
        sql`SELECT ${columns} FROM postmark_connections WHERE id = ${id}`.pipe(
          Effect.flatMap(decodeRows),
          Effect.map(Arr.head)
        )
      ),
    list: run(
      "list",
      Effect.flatMap(sql`SELECT ${columns} FROM postmark_connections ORDER BY position`, (rows) => decodeRows(rows))
    ),
    rotate: (id, token) =>
      run(
        "rotate",
        Effect.map(
          sql`UPDATE postmark_connections SET sealed_token = ${token.sealedToken}, fingerprint = ${token.fingerprint},
            server_name = ${token.serverName}, rotated_at = ${token.rotatedAt}
            WHERE id = ${id} AND state = 'active' RETURNING id`,
          (rows) => rows.length > 0
        )
      ),
    reseal: (id, sealedToken, expected) =>
      run(
        "reseal",
        Effect.map(
          sql`UPDATE postmark_connections SET sealed_token = ${sealedToken}
            WHERE id = ${id} AND sealed_token = ${expected} RETURNING id`,
          (rows) => rows.length > 0
        )
      ),
    revoke: (id, revokedAt) =>
      run(
        "revoke",
        Effect.map(
          sql`UPDATE postmark_connections SET state = 'revoked', sealed_token = '', revoked_at = ${revokedAt}
            WHERE id = ${id} AND state = 'active' RETURNING id`,
          (rows) => rows.length > 0
        )
      ),
    setLastRefusedAt: (id, time) =>
      run(
        "setLastRefusedAt",
        Effect.asVoid(sql`UPDATE postmark_connections SET last_refused_at = ${time} WHERE id = ${id}`)
      )
  }
})

/**
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<ConnectionStore, never, SqlClient.SqlClient> = Layer.effect(ConnectionStore, make)

const decodeRows = Schema.decodeUnknown(
  Schema.Array(Schema.Struct({ ...ConnectionRecord.fields, serverId: Integer }))
)
