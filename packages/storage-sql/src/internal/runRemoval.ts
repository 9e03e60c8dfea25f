/** Removes runs: what broke off while it was loading, and what has been over for long. */
import type * as SqlClient from "@effect/sql/SqlClient"
import * as Arr from "effect/Array"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { Integer } from "./integer.ts"

export const discard = (
  sql: SqlClient.SqlClient,
  { lease, now, runId }: { readonly runId: string; readonly lease: string | null; readonly now: number }
) =>
  Effect.gen(function*() {
    const removed = yield* sql`DELETE FROM postmark_runs WHERE id = ${runId} AND state = 'loading'
      AND (lease = ${lease ?? ""} OR lease_until < ${now}) RETURNING id`
    if (removed.length === 0) return false
    yield* sql`DELETE FROM postmark_run_contents WHERE run_id = ${runId}`
    yield* sql`DELETE FROM postmark_run_chunks WHERE run_id = ${runId}`
    return true
  })

export const prune = (
  sql: SqlClient.SqlClient,
  { before, limit }: { readonly before: number; readonly limit: number }
) => {
  const old = sql`(finished_at < ${before} OR (state = 'loading' AND lease_until < ${before}))`
  return Effect.gen(function*() {
    const chunks = yield* sql`SELECT c.run_id AS "runId", c.chunk FROM postmark_run_chunks c
      WHERE c.run_id IN (SELECT id FROM postmark_runs WHERE ${old}) ORDER BY c.run_id, c.chunk LIMIT ${limit}`.pipe(
      Effect.flatMap(decodeChunks)
    )
    for (const [runId, rows] of Object.entries(Arr.groupBy(chunks, ({ runId }) => runId))) {
      const numbers = sql.in("chunk", rows.map(({ chunk }) => chunk))
      yield* sql`DELETE FROM postmark_run_contents WHERE run_id = ${runId} AND ${numbers}`
      yield* sql`DELETE FROM postmark_run_chunks WHERE run_id = ${runId} AND ${numbers}`
    }
    if (chunks.length >= limit) return chunks.length
    const runs = yield* sql`DELETE FROM postmark_runs WHERE id IN (
      SELECT id FROM postmark_runs WHERE ${old} AND NOT EXISTS (
        SELECT 1 FROM postmark_run_chunks c WHERE c.run_id = postmark_runs.id
      ) LIMIT ${limit - chunks.length}
    ) RETURNING id`
    return chunks.length + runs.length
  })
}

const decodeChunks = Schema.decodeUnknown(Schema.Array(Schema.Struct({ runId: Schema.String, chunk: Integer })))
