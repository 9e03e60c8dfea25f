/** The outbox of relayed events. */
import { statements } from "./statements.ts"

export const relay = statements(
  `CREATE TABLE postmark_relay_targets (
    position {key},
    id TEXT NOT NULL UNIQUE,
    connection_id TEXT NOT NULL,
    trigger_id TEXT NOT NULL,
    url TEXT NOT NULL,
    created_at TEXT NOT NULL,
    state TEXT NOT NULL,
    disabled_reason TEXT,
    disabled_at TEXT,
    failing_since {integer},
    current_secret TEXT NOT NULL,
    previous_secret TEXT,
    UNIQUE (connection_id, trigger_id, url)
  ) {strict}`,
  `CREATE TABLE postmark_relay_deliveries (
    target_id TEXT NOT NULL,
    sequence {integer} NOT NULL,
    state TEXT NOT NULL,
    attempts {integer} NOT NULL,
    due_at {integer} NOT NULL,
    received_at TEXT NOT NULL,
    settled_at {integer},
    lease TEXT,
    PRIMARY KEY (target_id, sequence)
  ) {strict}`,
  `CREATE INDEX postmark_relay_deliveries_due ON postmark_relay_deliveries (target_id, due_at, sequence)
    WHERE state = 'pending'`,
  `CREATE INDEX postmark_relay_deliveries_state ON postmark_relay_deliveries (target_id, state, sequence)`,
  `CREATE INDEX postmark_relay_deliveries_settled ON postmark_relay_deliveries (settled_at)
    WHERE settled_at IS NOT NULL`,
  `CREATE TABLE postmark_relay_attempts (
    position {key},
    target_id TEXT NOT NULL,
    sequence {integer} NOT NULL,
    attempt {integer} NOT NULL,
    at {integer} NOT NULL,
    duration_ms {integer} NOT NULL,
    status {integer},
    failure TEXT,
    response TEXT NOT NULL
  ) {strict}`,
  `CREATE INDEX postmark_relay_attempts_row ON postmark_relay_attempts (target_id, sequence, position)`,
  `CREATE INDEX postmark_relay_attempts_at ON postmark_relay_attempts (at)`
)
