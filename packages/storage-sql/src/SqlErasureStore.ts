/**
 * The records of erasures in a SQL database.
 *
 * @since 0.1.0
 */
import { ErasureRecord, ErasureStore, type Service } from "@effect-postmark/core/ErasureStore"
import * as SqlClient from "@effect/sql/SqlClient"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as StoreRunner from "./StoreRunner.ts"

/**
 * A store of erasures on the tables that a storage layer such as `SqliteStorage` migrated.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make: Effect.Effect<Service, never, SqlClient.SqlClient> = Effect.map(SqlClient.SqlClient, (sql) => {
  const run = StoreRunner.make(sql, "erasure")
  return {
    save: ({ changed, connectionId, finishedAt, id, startedAt }) =>
      run(
        "save",
        Effect.asVoid(sql`INSERT INTO postmark_erasures ${
          sql.insert({
            id,
            connection_id: connectionId,
            started_at: startedAt,
            finished_at: finishedAt,
            changed: JSON.stringify(changed)
          })
        } ON CONFLICT (id) DO UPDATE SET connection_id = excluded.connection_id, started_at = excluded.started_at,
          finished_at = excluded.finished_at, changed = excluded.changed`)
      ),
    list: (limit) =>
      limit < 1 ? Effect.succeed([]) : run(
        "list",
        Effect.flatMap(
          sql`SELECT id, connection_id AS "connectionId", started_at AS "startedAt", finished_at AS "finishedAt", changed
            FROM postmark_erasures ORDER BY position DESC LIMIT ${limit}`,
          (rows) => decodeRecords(rows)
        )
      )
  }
})

/**
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<ErasureStore, never, SqlClient.SqlClient> = Layer.effect(ErasureStore, make)

const decodeRecords = Schema.decodeUnknown(
  Schema.Array(
    Schema.Struct({ ...ErasureRecord.fields, changed: Schema.parseJson(ErasureRecord.fields.changed) })
  )
)
