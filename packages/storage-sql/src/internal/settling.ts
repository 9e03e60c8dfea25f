/** Writes what became of claimed rows: attempts, rows, and whether their targets fail. One transaction for all. */
import type { Settlement } from "@effect-postmark/core/DeliveryStore"
import type * as SqlClient from "@effect/sql/SqlClient"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { Integer } from "./integer.ts"

export const write = (sql: SqlClient.SqlClient, settlements: ReadonlyArray<Settlement>) =>
  Effect.gen(function*() {
    const tried = settlements.flatMap(({ attempt, sequence, targetId }) =>
      attempt === null ? [] : [{ ...attempt, sequence, targetId }]
    )
    if (tried.length > 0) {
      yield* sql`INSERT INTO postmark_relay_attempts ${
        sql.insert(tried.map((one) => ({
          target_id: one.targetId,
          sequence: one.sequence,
          attempt: one.attempt,
          at: one.at,
          duration_ms: one.durationMs,
          status: one.status,
          failure: one.failure,
          response: one.response
        })))
      }`
    }
    yield* sql`UPDATE postmark_relay_deliveries AS d
      SET state = v.state, attempts = d.attempts + v.tried, due_at = coalesce(v.due_at, d.due_at),
        settled_at = v.settled_at, lease = NULL
      FROM ${values(sql, settlements)}
      WHERE d.target_id = v.target_id AND d.sequence = v.sequence AND d.lease = v.lease`
    const failing: Array<{ readonly targetId: string; readonly failingSince: number }> = []
    // In the order of their ids: two processes that settle for the same targets must not wait for each other.
    for (const targetId of [...new Set(tried.map((one) => one.targetId))].sort()) {
      const own = tried.filter((one) => one.targetId === targetId)
      if (own.some(({ failure }) => failure === null)) {
        yield* sql`UPDATE postmark_relay_targets SET failing_since = NULL
          WHERE id = ${targetId} AND failing_since IS NOT NULL`
      } else {
        const at = Math.min(...settlements.filter((one) => one.targetId === targetId).map((one) => one.at))
        const rows = yield* sql`UPDATE postmark_relay_targets SET failing_since = coalesce(failing_since, ${at})
          WHERE id = ${targetId} RETURNING failing_since AS "failingSince"`.pipe(Effect.flatMap(decodeFailing))
        failing.push(...rows.map(({ failingSince }) => ({ targetId, failingSince })))
      }
    }
    return failing
  })

/** One parameter for all rows: a statement with hundreds of them is slow to parse, and PostgreSQL would guess their types. */
const values = (sql: SqlClient.SqlClient, settlements: ReadonlyArray<Settlement>) => {
  const json = JSON.stringify(settlements.map(({ at, attempt, lease, next, sequence, targetId }) => ({
    target_id: targetId,
    sequence,
    lease,
    state: next.state,
    tried: attempt === null ? 0 : 1,
    due_at: next.state === "pending" ? next.dueAt : null,
    settled_at: next.state === "pending" ? null : at
  })))
  return sql.onDialectOrElse({
    pg: () =>
      sql`json_to_recordset(${json}::json) AS v(target_id text, sequence bigint, lease text, state text, tried bigint,
        due_at bigint, settled_at bigint)`,
    orElse: () =>
      sql`(SELECT json_extract(value, '$.target_id') AS target_id, json_extract(value, '$.sequence') AS sequence,
        json_extract(value, '$.lease') AS lease, json_extract(value, '$.state') AS state,
        json_extract(value, '$.tried') AS tried, json_extract(value, '$.due_at') AS due_at,
        json_extract(value, '$.settled_at') AS settled_at FROM json_each(${json})) AS v`
  })
}

const decodeFailing = Schema.decodeUnknown(Schema.Array(Schema.Struct({ failingSince: Integer })))
