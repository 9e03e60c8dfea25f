/**
 * API keys in the database of `@effect-postmark/storage-sql`.
 *
 * @since 0.1.0
 */
import * as StoreRunner from "@effect-postmark/storage-sql/StoreRunner"
import * as SqlClient from "@effect/sql/SqlClient"
import * as Arr from "effect/Array"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import { ApiKeyRecord, ApiKeyStore, type Service } from "./ApiKeyStore.ts"

/**
 * An API key store on a database that `SqliteStorage` or `PostgresStorage` opened: its table is one that they make.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make: Effect.Effect<Service, never, SqlClient.SqlClient> = Effect.map(SqlClient.SqlClient, (sql) => {
  const run = StoreRunner.make(sql, "API key")
  const columns = sql.literal(
    `id, name, hash, connections, scopes, rate_limit AS "rateLimit", created_at AS "createdAt",
      expires_at AS "expiresAt", last_used_at AS "lastUsedAt", revoked_at AS "revokedAt"`
  )
  return {
    insert: (record) =>
      run(
        "insert",
        Effect.flatMap(encodeRow(record), (row) =>
          Effect.map(
            sql`INSERT INTO postmark_api_keys ${
              sql.insert({
                id: row.id,
                name: row.name,
                hash: row.hash,
                connections: row.connections,
                scopes: row.scopes,
                rate_limit: row.rateLimit,
                created_at: row.createdAt,
                expires_at: row.expiresAt,
                last_used_at: row.lastUsedAt,
                revoked_at: row.revokedAt
              })
            } ON CONFLICT (id) DO NOTHING RETURNING id`,
            (rows) => rows.length > 0
          ))
      ),
    get: (id) =>
      run(
        "get",
        sql`SELECT ${columns} FROM postmark_api_keys WHERE id = ${id}`.pipe(
          Effect.flatMap(decodeRows),
          Effect.map(Arr.head)
        )
      ),
    list: run(
      "list",
      Effect.flatMap(sql`SELECT ${columns} FROM postmark_api_keys ORDER BY position`, (rows) => decodeRows(rows))
    ),
    revoke: (id, revokedAt) =>
      run(
        "revoke",
        Effect.map(
          sql`UPDATE postmark_api_keys SET revoked_at = ${revokedAt}
            WHERE id = ${id} AND revoked_at IS NULL RETURNING id`,
          (rows) => rows.length > 0
        )
      ),
    used: (id, at) =>
      run(
        "used",
        Effect.asVoid(
          sql`UPDATE postmark_api_keys SET last_used_at = ${at}
            WHERE id = ${id} AND (last_used_at IS NULL OR last_used_at < ${at})`
        )
      )
  }
})

/**
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<ApiKeyStore, never, SqlClient.SqlClient> = Layer.effect(ApiKeyStore, make)

const Row = Schema.Struct({
  ...ApiKeyRecord.fields,
  connections: Schema.NullOr(Schema.parseJson(Schema.Array(Schema.String))),
  scopes: Schema.parseJson(ApiKeyRecord.fields.scopes),
  // A driver can answer a 64-bit column as digits.
  rateLimit: Schema.NullOr(Schema.Union(Schema.Int, Schema.compose(Schema.NumberFromString, Schema.Int)))
})
const encodeRow = Schema.encode(Row)
const decodeRows = Schema.decodeUnknown(Schema.Array(Row))
