/** Durable waits for what becomes of a message. */
import { statements } from "./statements.ts"

export const waits = statements(
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
