/** Removes old events, in steps. */
import type { PruneOptions } from "@effect-postmark/core/EventLog"
import type * as SqlClient from "@effect/sql/SqlClient"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type * as StoreRunner from "../StoreRunner.ts"
import * as EventPeriods from "./eventPeriods.ts"
import { Integer } from "./integer.ts"

export const make = (sql: SqlClient.SqlClient, run: StoreRunner.StoreRunner) => {
  const skipLocked = sql.onDialectOrElse({ pg: () => sql`FOR UPDATE SKIP LOCKED`, orElse: () => sql.literal("") })
  // Where the next step goes on: events that must stay are then looked at once in a sweep, not in each step.
  let reached = start

  const step = ({ before, limit }: PruneOptions) =>
    Effect.gen(function*() {
      const candidates = yield* sql`SELECT sequence, received_at AS "receivedAt" FROM postmark_events
        WHERE received_at < ${isoOf(before)} AND (received_at, sequence) > (${reached.receivedAt}, ${reached.sequence})
        ORDER BY received_at, sequence LIMIT ${limit} ${skipLocked}`.pipe(Effect.flatMap(decodeCandidates))
      const last = candidates.at(-1)
      if (last === undefined) return { removed: 0, last }
      const chosen = sql.in("e.sequence", candidates.map(({ sequence }) => sequence))
      // The rows first: a replay at the same moment either finds them gone, or makes them pending before the next statement.
      yield* sql`DELETE FROM postmark_relay_deliveries WHERE state IN ('delivered', 'dead') AND (target_id, sequence) IN (
          SELECT t.id, e.sequence FROM postmark_events e
          JOIN postmark_relay_targets t ON t.connection_id = e.connection_id AND t.trigger_id = e.trigger_id
          WHERE ${chosen}
        )`
      const removed = yield* sql`DELETE FROM postmark_events AS e WHERE ${chosen} AND NOT EXISTS (
          SELECT 1 FROM postmark_relay_targets t
          JOIN postmark_relay_deliveries d ON d.target_id = t.id AND d.sequence = e.sequence
          WHERE t.connection_id = e.connection_id AND t.trigger_id = e.trigger_id
        ) RETURNING sequence`.pipe(Effect.flatMap(decodeSequences))
      if (removed.length > 0) {
        const highest = Math.max(...removed.map(({ sequence }) => sequence))
        yield* sql`INSERT INTO postmark_pruned ${sql.insert({ log: "events", sequence: highest })}
          ON CONFLICT (log) DO UPDATE SET sequence = excluded.sequence
          WHERE excluded.sequence > postmark_pruned.sequence`
        yield* EventPeriods.prune(sql, isoOf(before))
      }
      return { removed: removed.length, last }
    }).pipe(Effect.withTracerEnabled(false))

  const events = (options: PruneOptions) =>
    Effect.gen(function*() {
      while (options.limit > 0) {
        const { last, removed } = yield* run.transaction("prune", step(options))
        reached = last ?? start
        if (removed > 0 || last === undefined) return removed
      }
      return 0
    })

  const bodies = ({ before, limit }: PruneOptions) =>
    limit < 1 ? Effect.succeed(0) : run(
      "pruneBodies",
      Effect.map(
        sql`UPDATE postmark_events SET raw = 'null' WHERE sequence IN (
          SELECT sequence FROM postmark_events WHERE received_at < ${isoOf(before)} AND raw <> 'null'
          ORDER BY received_at LIMIT ${limit} ${skipLocked}
        ) RETURNING 1`,
        (rows) => rows.length
      )
    )

  const quarantine = ({ before, limit }: PruneOptions) =>
    limit < 1 ? Effect.succeed(0) : run(
      "pruneQuarantine",
      Effect.map(
        sql`DELETE FROM postmark_quarantine WHERE position IN (
          SELECT position FROM postmark_quarantine WHERE received_at < ${isoOf(before)}
          ORDER BY position LIMIT ${limit} ${skipLocked}
        ) RETURNING 1`,
        (rows) => rows.length
      )
    )

  return { events, bodies, quarantine }
}

/** Numbers of pruned events are known too. */
export const latest = (sql: SqlClient.SqlClient) =>
  sql`SELECT coalesce(max(sequence), 0) AS latest FROM (
    SELECT max(sequence) AS sequence FROM postmark_events
    UNION ALL SELECT sequence FROM postmark_pruned WHERE log = 'events'
  ) AS known`

const start = { receivedAt: "", sequence: 0 }

const isoOf = (millis: number): string => new Date(millis).toISOString()

const decodeCandidates = Schema.decodeUnknown(
  Schema.Array(Schema.Struct({ sequence: Integer, receivedAt: Schema.String }))
)
const decodeSequences = Schema.decodeUnknown(Schema.Array(Schema.Struct({ sequence: Integer })))
