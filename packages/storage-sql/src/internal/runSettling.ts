/** Writes what became of a chunk of a run, and whether the run is over with it. */
import type { RunOutcome } from "@effect-postmark/core/BulkRun"
import type { Settlement } from "@effect-postmark/core/RunStore"
import type * as SqlClient from "@effect/sql/SqlClient"
import * as Arr from "effect/Array"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { Integer } from "./integer.ts"

export const lockRun = (sql: SqlClient.SqlClient, id: string) => {
  const forUpdate = sql.onDialectOrElse({ pg: () => sql`FOR UPDATE`, orElse: () => sql.literal("") })
  return sql`SELECT state, due_at AS "dueAt" FROM postmark_runs WHERE id = ${id} ${forUpdate}`.pipe(
    Effect.flatMap(decodeLocked),
    Effect.map(Arr.head)
  )
}

/** A run whose last open chunk is settled is over. The caller has locked or changed its row in this transaction. */
export const finish = (sql: SqlClient.SqlClient, id: string, at: number) =>
  sql`UPDATE postmark_runs
    SET state = CASE state WHEN 'cancelled' THEN 'cancelled' ELSE 'completed' END, pause_reason = NULL,
      pause_detail = NULL, finished_at = ${at}
    WHERE id = ${id} AND finished_at IS NULL AND NOT EXISTS (
      SELECT 1 FROM postmark_run_chunks c WHERE c.run_id = ${id} AND c.state = 'pending'
    ) AND NOT EXISTS (
      SELECT 1 FROM postmark_run_chunks c WHERE c.run_id = ${id} AND c.state IN ('sending', 'checking')
    )`

export const settle = (sql: SqlClient.SqlClient, { at, attempt, chunk, lease, next, outcomes, runId }: Settlement) =>
  Effect.gen(function*() {
    const run = yield* lockRun(sql, runId)
    if (Option.isNone(run)) return false
    const state = next.state === "pending" && run.value.state === "cancelled" ? "cancelled" : next.state
    const isOver = state === "done" || state === "cancelled"
    const checking = next.state === "checking" ? next : undefined
    const settled = yield* sql`UPDATE postmark_run_chunks SET ${
      sql.update({
        state,
        lease: null,
        ...countsOf(outcomes),
        ...(isOver ? { settled_at: at } : {}),
        ...(checking === undefined ? {} : {
          due_at: checking.dueAt,
          searches: checking.searches,
          unknown_since: checking.unknownSince,
          resent: checking.resent ? 1 : 0
        })
      })
    } WHERE run_id = ${runId} AND chunk = ${chunk} AND attempts = ${attempt} AND state IN ('sending', 'checking')
      ${lease === null ? sql.literal("") : sql`AND lease = ${lease}`} RETURNING chunk`
    if (settled.length === 0) return false
    yield* sql`UPDATE postmark_run_contents SET ${
      sql.update({ outcomes: outcomesText(outcomes), ...(isOver ? { items: "" } : {}) })
    } WHERE run_id = ${runId} AND chunk = ${chunk}`.pipe(Effect.withTracerEnabled(false))
    if (next.state === "pending") {
      yield* sql`UPDATE postmark_runs SET failures = failures + 1, due_at = ${next.dueAt} WHERE id = ${runId}`
    } else {
      yield* sql`UPDATE postmark_runs SET failures = 0 WHERE id = ${runId} AND failures > 0`
    }
    if (isOver) yield* finish(sql, runId, at)
    return true
  })

export const countsOf = (outcomes: ReadonlyArray<RunOutcome>) => ({
  accepted: outcomes.filter(({ state }) => state === "accepted").length,
  rejected: outcomes.filter(({ state }) => state === "rejected").length
})

export const outcomesText = (outcomes: ReadonlyArray<RunOutcome>): string => JSON.stringify(outcomes)

const decodeLocked = Schema.decodeUnknown(Schema.Array(Schema.Struct({ state: Schema.String, dueAt: Integer })))
