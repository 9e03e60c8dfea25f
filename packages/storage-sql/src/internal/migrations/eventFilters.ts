/**
 * Filters of the log. Each index ends in the sequence number, so that a page is read in its order from where it begins. An
 * index on times would not be in that order; the first and the last event of each ten minutes are kept in its place.
 * The tags of events that are stored already are read from their typed events.
 */
import * as SqlClient from "@effect/sql/SqlClient"
import * as Effect from "effect/Effect"
import { statements } from "./statements.ts"

const schema = statements(
  `ALTER TABLE postmark_events ADD COLUMN tag TEXT`,
  `CREATE TABLE postmark_events_periods (
    period TEXT NOT NULL PRIMARY KEY,
    first_sequence {integer} NOT NULL,
    last_sequence {integer} NOT NULL
  ) {strict}`
)

const fill = (tag: string) =>
  statements(
    `UPDATE postmark_events SET tag = CASE WHEN ${readable} THEN
      CASE WHEN length(${tag}) BETWEEN 1 AND 400 THEN ${tag} END END WHERE ${readable}`,
    `INSERT INTO postmark_events_periods (period, first_sequence, last_sequence)
      SELECT substr(received_at, 1, 15), min(sequence), max(sequence) FROM postmark_events
      GROUP BY substr(received_at, 1, 15)`
  )

/** The events of Postmark's triggers are JSON that we wrote. PostgreSQL cannot read U+0000 and half a surrogate pair. */
const readable = `status = 'decoded' AND event LIKE '{%' AND event NOT LIKE '%\\u0000%' ESCAPE '!'
  AND event NOT LIKE '%\\ud%' ESCAPE '!' AND trigger_id LIKE 'postmark/%'`

const tags = Effect.flatMap(SqlClient.SqlClient, (sql) =>
  sql.onDialectOrElse({
    pg: () => fill("(event::json ->> 'tag')"),
    orElse: () => fill("json_extract(event, '$.tag')")
  }))

const indexes = statements(
  `DROP INDEX postmark_events_message`,
  `DROP INDEX postmark_events_recipient`,
  `CREATE INDEX postmark_events_by_message ON postmark_events (message_id, sequence)`,
  `CREATE INDEX postmark_events_by_recipient ON postmark_events (recipient, sequence)`,
  // The trigger is in the index, so that a tag's rare events are found without reading its others.
  `CREATE INDEX postmark_events_by_tag ON postmark_events (tag, sequence, trigger_id) WHERE tag IS NOT NULL`,
  `CREATE INDEX postmark_events_connection_tag ON postmark_events (connection_id, tag, sequence, trigger_id)
    WHERE tag IS NOT NULL`,
  // Nearly all events are decoded.
  `CREATE INDEX postmark_events_status ON postmark_events (status, sequence) WHERE status <> 'decoded'`,
  `CREATE INDEX postmark_events_connection_status ON postmark_events (connection_id, status, sequence)
    WHERE status <> 'decoded'`
)

export const eventFilters = Effect.zipRight(Effect.zipRight(schema, tags), indexes)
