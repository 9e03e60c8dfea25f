/** Durable waits, and what an event is about, by which a wait finds the events that came before it. */
import * as SqlClient from "@effect/sql/SqlClient"
import * as Effect from "effect/Effect"
import { statements } from "./statements.ts"

/** Events that were stored before the columns were there. */
const fill = Effect.flatMap(SqlClient.SqlClient, (sql) => {
  const of = sql.onDialectOrElse({
    pg: () => (name: string) => `substr(replace(event, '\\u0000', '')::json ->> '${name}', 1, 255)`,
    orElse: () => (name: string) => `substr(json_extract(event, '$.${name}'), 1, 255)`
  })
  return sql.unsafe(`UPDATE postmark_events SET message_id = ${of("messageId")}, recipient = ${of("recipient")}
    WHERE event IS NOT NULL AND status = 'decoded'`)
})

export const waits = Effect.zipRight(
  Effect.zipRight(
    statements(
      `ALTER TABLE postmark_events ADD COLUMN message_id TEXT`,
      `ALTER TABLE postmark_events ADD COLUMN recipient TEXT`
    ),
    fill
  ),
  statements(
    `CREATE INDEX postmark_events_message ON postmark_events (connection_id, message_id, sequence)
      WHERE message_id IS NOT NULL`,
    `CREATE TABLE postmark_waits (
      position {key},
      id TEXT NOT NULL UNIQUE,
      connection_id TEXT NOT NULL,
      message_id TEXT NOT NULL,
      recipient TEXT,
      kind TEXT NOT NULL,
      deadline {integer} NOT NULL,
      workflow TEXT,
      token TEXT,
      state TEXT NOT NULL,
      due_at {integer} NOT NULL,
      pokes {integer} NOT NULL,
      ended_at {integer},
      sequence {integer},
      trigger_id TEXT,
      received_at TEXT,
      event TEXT
    ) {strict}`,
    `CREATE INDEX postmark_waits_message ON postmark_waits (message_id) WHERE state = 'waiting'`,
    `CREATE INDEX postmark_waits_deadline ON postmark_waits (due_at) WHERE state = 'waiting'`,
    `CREATE INDEX postmark_waits_wake ON postmark_waits (due_at) WHERE state = 'ended' AND workflow IS NOT NULL`,
    `CREATE INDEX postmark_waits_ended ON postmark_waits (ended_at) WHERE ended_at IS NOT NULL`
  )
)
