/** Removes the rows of workflows that ended long ago: the engine itself removes none. */
import { MachineId } from "@effect/cluster/MachineId"
import * as Snowflake from "@effect/cluster/Snowflake"
import type * as SqlClient from "@effect/sql/SqlClient"
import type { SqlError } from "@effect/sql/SqlError"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { ParseError } from "effect/ParseResult"
import * as Schema from "effect/Schema"
import { inOwnTransaction, onOwnConnection } from "./ownConnection.ts"

/**
 * Removes executions whose run was answered for good before `before` (milliseconds of the Unix epoch), one at a time, with
 * their activities, deferreds and clocks. Answers how many. An execution that sleeps is answered too, but not for good.
 */
export const prune = (sql: SqlClient.SqlClient, before: number): Effect.Effect<number, SqlError | ParseError> =>
  Effect.gen(function*() {
    // The engine's ids begin with the time.
    const end = String(Snowflake.make({ timestamp: before, machineId: MachineId.make(0), sequence: 0 }))
    let after = "0"
    let removed = 0
    while (true) {
      const runs = yield* onOwnConnection(sql, Effect.flatMap(page(sql, after, end), decodeRuns))
      for (const run of runs) {
        after = run.replyId
        if (Option.isNone(final(run.payload))) continue
        yield* inOwnTransaction(sql, remove(sql, run))
        removed += 1
        yield* Effect.sleep("5 millis")
      }
      if (runs.length < pageSize) return removed
    }
  })

const page = (sql: SqlClient.SqlClient, after: string, end: string) =>
  // SQLite's driver would round the ids to doubles.
  sql`SELECT CAST(r.id AS TEXT) AS "replyId", r.payload, m.shard_id AS "shardId", m.entity_type AS "entityType",
      m.entity_id AS "entityId"
    FROM cluster_replies r JOIN cluster_messages m ON m.id = r.request_id
    WHERE r.id > CAST(${after} AS BIGINT) AND r.id < CAST(${end} AS BIGINT) AND r.kind = 0 AND m.tag = 'run'
      AND m.entity_type LIKE 'Workflow/%' AND m.entity_type <> ${clock}
    ORDER BY r.id LIMIT ${pageSize}`.pipe(Effect.withTracerEnabled(false))

const remove = (sql: SqlClient.SqlClient, { entityId, entityType, shardId }: Run) => {
  const its = sql`shard_id = ${shardId} AND entity_id = ${entityId} AND ${sql.in("entity_type", [entityType, clock])}`
  return Effect.zipRight(
    sql`DELETE FROM cluster_replies WHERE request_id IN (SELECT id FROM cluster_messages WHERE ${its})`,
    sql`DELETE FROM cluster_messages WHERE ${its}`
  )
}

const clock = "Workflow/-/DurableClock"

const pageSize = 100

interface Run extends Schema.Schema.Type<typeof Run> {}
const Run = Schema.Struct({
  replyId: Schema.String,
  payload: Schema.String,
  shardId: Schema.String,
  entityType: Schema.String,
  entityId: Schema.String
})

const decodeRuns = Schema.decodeUnknown(Schema.Array(Run))

/** The answer of a run that ended, well or badly. That of a run that sleeps is `Suspended`. */
const final = Schema.decodeUnknownOption(Schema.parseJson(Schema.Union(
  Schema.Struct({
    _tag: Schema.Literal("Success"),
    value: Schema.Struct({ _tag: Schema.Literal("Complete") })
  }),
  Schema.Struct({ _tag: Schema.Literal("Failure") })
)))
