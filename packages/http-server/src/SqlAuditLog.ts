/**
 * The audit log in the database of `@effect-postmark/storage-sql`.
 *
 * @since 0.1.0
 */
import * as StoreRunner from "@effect-postmark/storage-sql/StoreRunner"
import * as SqlClient from "@effect/sql/SqlClient"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import { AuditEntry, AuditLog, type Service } from "./AuditLog.ts"

/**
 * An audit log on a database that `SqliteStorage` or `PostgresStorage` opened: its table is one that they make.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make: Effect.Effect<Service, never, SqlClient.SqlClient> = Effect.map(SqlClient.SqlClient, (sql) => {
  const run = StoreRunner.make(sql, "audit")
  const columns = sql.literal(
    `position, id, begun_at AS "begunAt", ended_at AS "endedAt", actor, key_id AS "keyId", operation,
      connection_id AS "connectionId", target_id AS "targetId", request_id AS "requestId", status, outcome`
  )
  const rowOf = (entry: AuditEntry) => ({
    id: entry.id,
    begun_at: entry.begunAt,
    ended_at: entry.endedAt,
    actor: entry.actor,
    key_id: entry.keyId,
    operation: entry.operation,
    connection_id: entry.connectionId,
    target_id: entry.targetId,
    request_id: entry.requestId,
    status: entry.status,
    outcome: entry.outcome
  })
  return {
    write: ({ begun, ended }) =>
      run.transaction(
        "write",
        Effect.gen(function*() {
          if (begun.length > 0) yield* sql`INSERT INTO postmark_audit ${sql.insert(begun.map(rowOf))}`
          yield* Effect.forEach(
            ended,
            ({ connectionId, endedAt, id, outcome, status, targetId }) =>
              sql`UPDATE postmark_audit SET ended_at = ${endedAt}, status = ${status}, outcome = ${outcome},
                connection_id = coalesce(${connectionId}, connection_id), target_id = coalesce(${targetId}, target_id)
                WHERE id = ${id}`,
            { discard: true }
          )
        })
      ),
    list: ({ before, connections, from, keyId, limit, to, withConnection }) =>
      connections?.length === 0 ? Effect.succeed([]) : run(
        "list",
        Effect.map(
          Effect.flatMap(
            sql`SELECT ${columns} FROM postmark_audit WHERE ${
              sql.and([
                sql`position < ${before ?? Number.MAX_SAFE_INTEGER}`,
                ...(connections === undefined ? [] : [sql.in("connection_id", connections)]),
                ...(withConnection === true ? [sql`connection_id IS NOT NULL`] : []),
                ...(keyId === undefined ? [] : [sql`key_id = ${keyId}`]),
                ...(from === undefined ? [] : [sql`begun_at >= ${from}`]),
                ...(to === undefined ? [] : [sql`begun_at < ${to}`])
              ])
            } ORDER BY position DESC LIMIT ${limit}`,
            decodeRows
          ),
          (rows) => rows.map(({ position, ...entry }) => ({ position, entry }))
        )
      ),
    prune: ({ before, limit }) =>
      run(
        "prune",
        Effect.map(
          sql`DELETE FROM postmark_audit WHERE position IN (
              SELECT position FROM postmark_audit WHERE begun_at < ${new Date(before).toISOString()}
              ORDER BY begun_at LIMIT ${limit}
            ) RETURNING position`,
          (rows) => rows.length
        )
      )
  }
})

/**
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<AuditLog, never, SqlClient.SqlClient> = Layer.effect(AuditLog, make)

// A driver can answer a 64-bit column as digits.
const Integer = Schema.Union(Schema.Int, Schema.compose(Schema.NumberFromString, Schema.Int))
const decodeRows = Schema.decodeUnknown(
  Schema.Array(Schema.Struct({ ...AuditEntry.fields, position: Integer, status: Schema.NullOr(Integer) }))
)
