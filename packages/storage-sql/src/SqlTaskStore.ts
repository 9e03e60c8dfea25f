/**
 * The records of tasks in a SQL database.
 *
 * @since 0.1.0
 */
import { kept, type Service, TaskRecord, TaskStore } from "@effect-postmark/core/TaskStore"
import * as SqlClient from "@effect/sql/SqlClient"
import * as Arr from "effect/Array"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as StoreRunner from "./StoreRunner.ts"

/**
 * A store of tasks on the tables that a storage layer such as `SqliteStorage` migrated.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make: Effect.Effect<Service, never, SqlClient.SqlClient> = Effect.map(SqlClient.SqlClient, (sql) => {
  const run = StoreRunner.make(sql, "task")
  const columns = sql.literal(
    `id, kind, connection_id AS "connectionId", started_at AS "startedAt", finished_at AS "finishedAt", report, failure`
  )
  return {
    save: ({ connectionId, failure, finishedAt, id, kind, report, startedAt }) =>
      run.transaction(
        "save",
        Effect.gen(function*() {
          const place = connectionId ?? none
          yield* sql`INSERT INTO postmark_tasks ${
            sql.insert({
              id,
              kind,
              connection_id: place,
              started_at: startedAt,
              finished_at: finishedAt,
              report,
              failure
            })
          } ON CONFLICT (id) DO UPDATE SET finished_at = excluded.finished_at, report = excluded.report,
            failure = excluded.failure`
          yield* sql`DELETE FROM postmark_tasks WHERE kind = ${kind} AND connection_id = ${place} AND position <= (
            SELECT position FROM postmark_tasks WHERE kind = ${kind} AND connection_id = ${place}
            ORDER BY position DESC LIMIT 1 OFFSET ${kept}
          )`
        })
      ),
    get: (id) =>
      run(
        "get",
        Effect.map(
          Effect.flatMap(sql`SELECT ${columns} FROM postmark_tasks WHERE id = ${id}`, (rows) => decodeRecords(rows)),
          Arr.head
        )
      ),
    list: ({ connectionId, kind, limit }) =>
      limit < 1 ? Effect.succeed([]) : run(
        "list",
        Effect.flatMap(
          sql`SELECT ${columns} FROM postmark_tasks WHERE kind = ${kind} AND connection_id = ${connectionId ?? none}
            ORDER BY position DESC LIMIT ${limit}`,
          (rows) => decodeRecords(rows)
        )
      )
  }
})

/**
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<TaskStore, never, SqlClient.SqlClient> = Layer.effect(TaskStore, make)

/** Compared like any connection, unlike null. */
const none = ""

const decodeRecords = Schema.decodeUnknown(
  Schema.Array(
    Schema.Struct({
      ...TaskRecord.fields,
      connectionId: Schema.transform(Schema.String, Schema.NullOr(Schema.String), {
        strict: true,
        decode: (id) => id === none ? null : id,
        encode: (id) => id ?? none
      }).pipe(Schema.compose(TaskRecord.fields.connectionId))
    })
  )
)
