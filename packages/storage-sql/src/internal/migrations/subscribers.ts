/** What subscribers inside a program have not managed yet, and which process works for each of them. */
import { statements } from "./statements.ts"

export const subscribers = statements(
  `CREATE TABLE postmark_subscriber_leases (
    subscriber TEXT NOT NULL,
    trigger_id TEXT NOT NULL,
    owner TEXT NOT NULL,
    beat {integer} NOT NULL,
    PRIMARY KEY (subscriber, trigger_id)
  ) {strict}`,
  `CREATE TABLE postmark_subscriber_rows (
    subscriber TEXT NOT NULL,
    trigger_id TEXT NOT NULL,
    sequence {integer} NOT NULL,
    connection_id TEXT NOT NULL,
    event_key TEXT,
    received_at TEXT NOT NULL,
    state TEXT NOT NULL,
    attempts {integer} NOT NULL,
    due_at {integer} NOT NULL,
    failure TEXT,
    first_tried_at {integer},
    last_tried_at {integer},
    settled_at {integer},
    PRIMARY KEY (subscriber, trigger_id, sequence)
  ) {strict}`,
  `CREATE INDEX postmark_subscriber_rows_due ON postmark_subscriber_rows (subscriber, trigger_id, due_at, sequence)
    WHERE state = 'pending'`,
  `CREATE INDEX postmark_subscriber_rows_key
    ON postmark_subscriber_rows (subscriber, trigger_id, event_key, state, sequence)`,
  `CREATE INDEX postmark_subscriber_rows_state ON postmark_subscriber_rows (subscriber, trigger_id, state, sequence)`,
  `CREATE INDEX postmark_subscriber_rows_settled ON postmark_subscriber_rows (settled_at)
    WHERE settled_at IS NOT NULL`
)
