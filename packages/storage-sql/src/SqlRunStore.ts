/**
 * Bulk runs in a SQL database. On PostgreSQL any number of processes share the chunks of a run.
 *
 * @since 0.1.0
 */
import type { RunOutcome, RunOutcomeState } from "@effect-postmark/core/BulkRun"
import { finalOutcomes, RunStore, type Service } from "@effect-postmark/core/RunStore"
import * as SqlClient from "@effect/sql/SqlClient"
import type { Statement } from "@effect/sql/Statement"
import * as Arr from "effect/Array"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as RunRemoval from "./internal/runRemoval.ts"
import {
  decodeChunkNumbers,
  decodeChunks,
  decodeCounts,
  decodeDue,
  decodeOutcomeChunks,
  decodeRuns
} from "./internal/runRows.ts"
import * as RunSettling from "./internal/runSettling.ts"
import * as StoreRunner from "./StoreRunner.ts"

/**
 * Runs on the tables that a storage layer such as `SqliteStorage` migrated.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make: Effect.Effect<Service, never, SqlClient.SqlClient> = Effect.map(SqlClient.SqlClient, (sql) => {
  const run = StoreRunner.make(sql, "run")
  const columns = sql.literal(
    `r.id, r.connection_id AS "connectionId", r.name, r.idempotency_key AS "key", r.kind, r.state,
      r.pause_reason AS "pauseReason", r.pause_detail AS "pauseDetail", r.correlation, r.call_name AS "callName",
      r.index_name AS "indexName", r.resend_unknown_after_ms AS "resendUnknownAfterMs", r.messages,
      r.created_at AS "createdAt", r.started_at AS "startedAt", r.finished_at AS "finishedAt"`
  )
  const chunkColumns = sql.literal(
    `c.chunk AS "index", c.first_index AS "firstIndex", c.size, c.attempts AS "attempt", c.sent_since AS "sentSince",
      c.unknown_since AS "unknownSince", c.searches, c.resent, b.items, b.outcomes`
  )
  const skipLocked = sql.onDialectOrElse({
    pg: () => sql`FOR UPDATE OF c SKIP LOCKED`,
    orElse: () => sql.literal("")
  })

  const changed = (operation: string, statement: Statement<object>) =>
    run(operation, Effect.map(statement, (rows) => rows.length > 0))

  const one = (operation: string, where: Statement<object>) =>
    run(
      operation,
      Effect.map(Effect.flatMap(sql`SELECT ${columns} FROM postmark_runs r WHERE ${where}`, decodeRuns), Arr.head)
    )

  /** What every change of a run's chunks waits for: two processes must not both find room, or both find the last chunk. */
  const lockRun = (id: string) => RunSettling.lockRun(sql, id)

  const content = (runId: string, chunk: number) =>
    sql`SELECT ${chunkColumns} FROM postmark_run_chunks c
      JOIN postmark_run_contents b ON b.run_id = c.run_id AND b.chunk = c.chunk
      WHERE c.run_id = ${runId} AND c.chunk = ${chunk}`.pipe(
      Effect.flatMap(decodeChunks),
      Effect.map(Arr.head),
      Effect.withTracerEnabled(false)
    )

  return {
    insert: (added, { lease, leaseUntil }) =>
      changed(
        "insert",
        sql`INSERT INTO postmark_runs ${
          sql.insert({
            id: added.id,
            connection_id: added.connectionId,
            name: added.name,
            idempotency_key: added.key,
            kind: added.kind,
            state: added.state,
            pause_reason: added.pauseReason,
            pause_detail: added.pauseDetail,
            correlation: added.correlation,
            call_name: added.callName,
            index_name: added.indexName,
            resend_unknown_after_ms: added.resendUnknownAfterMs,
            messages: added.messages,
            created_at: added.createdAt,
            started_at: added.startedAt,
            finished_at: added.finishedAt,
            lease,
            lease_until: leaseUntil,
            due_at: 0,
            failures: 0
          })
        } ON CONFLICT DO NOTHING RETURNING id`
      ),
    get: (id) => one("get", sql`r.id = ${id}`),
    findByKey: (connectionId, key) =>
      one("findByKey", sql`r.connection_id = ${connectionId} AND r.idempotency_key = ${key}`),
    list: ({ before, connectionId, limit }) =>
      limit < 1 ? Effect.succeed([]) : run(
        "list",
        Effect.flatMap(
          sql`SELECT ${columns} FROM postmark_runs r WHERE ${
            sql.and([
              ...(connectionId === undefined ? [] : [sql`r.connection_id = ${connectionId}`]),
              ...(before === undefined
                ? []
                : [sql`r.position < (SELECT p.position FROM postmark_runs p WHERE p.id = ${before})`])
            ])
          } ORDER BY r.position DESC LIMIT ${limit}`,
          (rows) => decodeRuns(rows)
        )
      ),
    append: ({ lease, leaseUntil, runId }, chunk) =>
      run.transaction(
        "append",
        Effect.gen(function*() {
          const own = yield* sql`UPDATE postmark_runs
            SET messages = messages + ${chunk.size}, lease_until = ${leaseUntil}
            WHERE id = ${runId} AND state = 'loading' AND lease = ${lease} RETURNING id`
          if (own.length === 0) return false
          yield* sql`INSERT INTO postmark_run_chunks ${
            sql.insert({
              run_id: runId,
              chunk: chunk.index,
              first_index: chunk.firstIndex,
              size: chunk.size,
              state: chunk.outcomes.length === chunk.size ? "done" : "pending",
              due_at: 0,
              lease: null,
              attempts: 0,
              sent_since: null,
              unknown_since: null,
              searches: 0,
              resent: 0,
              settled_at: null,
              ...RunSettling.countsOf(chunk.outcomes)
            })
          }`
          yield* sql`INSERT INTO postmark_run_contents ${
            sql.insert({
              run_id: runId,
              chunk: chunk.index,
              items: chunk.items,
              outcomes: RunSettling.outcomesText(chunk.outcomes)
            })
          }`.pipe(Effect.withTracerEnabled(false))
          return true
        })
      ),
    keepLoading: ({ lease, leaseUntil, runId }) =>
      changed(
        "keepLoading",
        sql`UPDATE postmark_runs SET lease_until = ${leaseUntil}
          WHERE id = ${runId} AND state = 'loading' AND lease = ${lease} RETURNING id`
      ),
    loaded: ({ at, lease, runId }) =>
      run.transaction(
        "loaded",
        Effect.gen(function*() {
          const begun = yield* sql`UPDATE postmark_runs SET state = 'running', started_at = ${at}, lease = NULL
            WHERE id = ${runId} AND state = 'loading' AND lease = ${lease} RETURNING id`
          if (begun.length > 0) yield* RunSettling.finish(sql, runId, at)
          return begun.length > 0
        })
      ),
    discard: (options) => run.transaction("discard", RunRemoval.discard(sql, options)),
    pause: (id, { detail, reason }) =>
      changed(
        "pause",
        sql`UPDATE postmark_runs SET state = 'paused', pause_reason = ${reason}, pause_detail = ${detail}
          WHERE id = ${id} AND state = 'running' RETURNING id`
      ),
    resume: (id) =>
      changed(
        "resume",
        sql`UPDATE postmark_runs SET state = 'running', pause_reason = NULL, pause_detail = NULL, due_at = 0, failures = 0
          WHERE id = ${id} AND state = 'paused' RETURNING id`
      ),
    cancel: (id, at) =>
      run.transaction(
        "cancel",
        Effect.gen(function*() {
          const cancelled = yield* sql`UPDATE postmark_runs
            SET state = 'cancelled', pause_reason = NULL, pause_detail = NULL
            WHERE id = ${id} AND state IN ('loading', 'running', 'paused') RETURNING id`
          if (cancelled.length === 0) return false
          yield* sql`UPDATE postmark_run_contents SET items = '' WHERE run_id = ${id} AND chunk IN (
            SELECT chunk FROM postmark_run_chunks WHERE run_id = ${id} AND state = 'pending')`
          yield* sql`UPDATE postmark_run_chunks SET state = 'cancelled', settled_at = ${at}
            WHERE run_id = ${id} AND state = 'pending'`
          yield* RunSettling.finish(sql, id, at)
          return true
        })
      ),
    due: run(
      "due",
      sql`SELECT ${columns}, r.failures,
          CASE WHEN r.state = 'running' AND EXISTS (
            SELECT 1 FROM postmark_run_chunks c WHERE c.run_id = r.id AND c.state = 'pending'
          ) THEN r.due_at END AS "sendAt",
          (SELECT min(c.due_at) FROM postmark_run_chunks c
            WHERE c.run_id = r.id AND c.state IN ('sending', 'checking')) AS "checkAt"
        FROM postmark_runs r WHERE r.finished_at IS NULL AND r.state <> 'loading' ORDER BY r.position`.pipe(
        Effect.flatMap(decodeDue),
        Effect.map((rows) =>
          rows.map(({ checkAt, failures, sendAt, ...found }) => ({ run: found, failures, sendAt, checkAt }))
        )
      )
    ),
    claimSend: ({ concurrency, lease, leaseUntil, now, runId }) =>
      run.transaction(
        "claimSend",
        Effect.gen(function*() {
          const locked = yield* lockRun(runId)
          if (Option.isNone(locked) || locked.value.state !== "running" || locked.value.dueAt > now) {
            return Option.none()
          }
          const claimed = yield* sql`UPDATE postmark_run_chunks
            SET state = 'sending', attempts = attempts + 1, sent_since = coalesce(sent_since, ${now}), lease = ${lease},
              due_at = ${leaseUntil}
            WHERE run_id = ${runId} AND chunk = (
              SELECT min(p.chunk) FROM postmark_run_chunks p WHERE p.run_id = ${runId} AND p.state = 'pending'
            ) AND (
              SELECT count(*) FROM postmark_run_chunks s
              WHERE s.run_id = ${runId} AND s.state = 'sending' AND s.due_at > ${now}
            ) < ${concurrency} RETURNING chunk`.pipe(Effect.flatMap(decodeChunkNumbers))
          const [first] = claimed
          return first === undefined ? Option.none() : yield* content(runId, first.chunk)
        })
      ),
    claimCheck: ({ lease, leaseUntil, now, runId }) =>
      run.transaction(
        "claimCheck",
        Effect.gen(function*() {
          const picked = yield* sql`SELECT c.chunk FROM postmark_run_chunks c
            WHERE c.run_id = ${runId} AND c.state IN ('sending', 'checking') AND c.due_at <= ${now}
            ORDER BY c.due_at, c.chunk LIMIT 1 ${skipLocked}`.pipe(Effect.flatMap(decodeChunkNumbers))
          const [first] = picked
          if (first === undefined) return Option.none()
          yield* sql`UPDATE postmark_run_chunks
            SET searches = CASE state WHEN 'sending' THEN 0 ELSE searches END,
              unknown_since = coalesce(unknown_since, ${now}), state = 'checking', lease = ${lease}, due_at = ${leaseUntil}
            WHERE run_id = ${runId} AND chunk = ${first.chunk}`
          return yield* content(runId, first.chunk)
        })
      ),
    renew: ({ chunk, lease, leaseUntil, runId }) =>
      changed(
        "renew",
        sql`UPDATE postmark_run_chunks SET due_at = ${leaseUntil}
          WHERE run_id = ${runId} AND chunk = ${chunk} AND lease = ${lease} RETURNING chunk`
      ),
    beginResend: ({ chunk, lease, leaseUntil, runId }) =>
      changed(
        "beginResend",
        sql`UPDATE postmark_run_chunks
          SET state = 'sending', attempts = attempts + 1, resent = 1, due_at = ${leaseUntil}
          WHERE run_id = ${runId} AND chunk = ${chunk} AND lease = ${lease} AND state = 'checking' RETURNING chunk`
      ),
    settle: (settlement) => run.transaction("settle", RunSettling.settle(sql, settlement)),
    counts: (id, since) =>
      run(
        "counts",
        sql`SELECT
            coalesce((SELECT r.messages FROM postmark_runs r WHERE r.id = ${id}), 0) AS messages,
            coalesce(sum(accepted), 0) AS accepted, coalesce(sum(rejected), 0) AS rejected,
            coalesce(sum(CASE state WHEN 'done' THEN size - accepted - rejected END), 0) AS unknown,
            coalesce(sum(CASE state WHEN 'cancelled' THEN size - accepted - rejected END), 0) AS "notSent",
            coalesce(sum(CASE WHEN state IN ('sending', 'checking') THEN size - accepted - rejected END), 0) AS "inDoubt",
            coalesce(sum(CASE WHEN state = 'done' AND settled_at >= ${since} THEN size END), 0) AS "settledSince"
          FROM postmark_run_chunks WHERE run_id = ${id}`.pipe(
          Effect.flatMap(decodeCounts),
          Effect.map(([counts]) => counts)
        )
      ),
    outcomes: ({ after, limit, runId, states }) =>
      states?.length === 0 ? Effect.succeed([]) : Effect.gen(function*() {
        const found: Array<RunOutcome> = []
        let from = after
        while (found.length < limit) {
          const chunks = yield* run(
            "outcomes",
            sql`SELECT c.state, c.first_index AS "firstIndex", c.size, b.outcomes FROM postmark_run_chunks c
              JOIN postmark_run_contents b ON b.run_id = c.run_id AND b.chunk = c.chunk
              WHERE c.run_id = ${runId} AND c.first_index + c.size - 1 > ${from} AND ${
              sql.or((states ?? allStates).map((state) => sql.literal(chunksWith[state])))
            } ORDER BY c.chunk LIMIT ${chunksAtOnce}`.pipe(Effect.flatMap(decodeOutcomeChunks))
          )
          for (const chunk of chunks) {
            found.push(
              ...finalOutcomes(chunk).filter(({ index, state }) =>
                index > after && (states === undefined || states.includes(state))
              )
            )
            from = chunk.firstIndex + chunk.size - 1
          }
          if (chunks.length < chunksAtOnce) break
        }
        return found.slice(0, Math.max(limit, 0))
      }),
    prune: (options) => run.transaction("prune", RunRemoval.prune(sql, options))
  }
})

/**
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<RunStore, never, SqlClient.SqlClient> = Layer.effect(RunStore, make)

/** A chunk has 500 outcomes. */
const chunksAtOnce = 8

const allStates: ReadonlyArray<RunOutcomeState> = ["accepted", "rejected", "unknown", "notSent"]

const chunksWith: { readonly [state in RunOutcomeState]: string } = {
  accepted: "c.accepted > 0",
  rejected: "c.rejected > 0",
  unknown: "(c.state = 'done' AND c.accepted + c.rejected < c.size)",
  notSent: "c.state = 'cancelled'"
}
