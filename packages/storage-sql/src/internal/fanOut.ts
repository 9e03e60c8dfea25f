/** Writes the outbox rows of new events: part of the transaction that stores the events. */
import type * as SqlClient from "@effect/sql/SqlClient"
import type { SqlError } from "@effect/sql/SqlError"
import * as Effect from "effect/Effect"

/** The sequences are those of one insertion under the log's lock, so no other event is between them. */
export const write = (sql: SqlClient.SqlClient, sequences: ReadonlyArray<number>): Effect.Effect<void, SqlError> =>
  sequences.length === 0
    ? Effect.void
    : Effect.asVoid(sql`INSERT INTO postmark_relay_deliveries
    (target_id, sequence, state, attempts, due_at, received_at)
    SELECT t.id, e.sequence, CASE t.state WHEN 'active' THEN 'pending' ELSE 'held' END, 0, 0, e.received_at
    FROM postmark_events e
    JOIN postmark_relay_targets t ON t.connection_id = e.connection_id AND t.trigger_id = e.trigger_id
    WHERE e.status = 'decoded' AND e.event IS NOT NULL
      AND e.sequence BETWEEN ${Math.min(...sequences)} AND ${Math.max(...sequences)}`)
