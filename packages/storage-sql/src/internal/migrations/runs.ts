/** Bulk runs. Contents are apart from the chunks: keeping a lease must not rewrite up to 50 MB. */
import { statements } from "./statements.ts"

export const runs = statements(
  `CREATE TABLE postmark_runs (
    position {key},
    id TEXT NOT NULL UNIQUE,
    connection_id TEXT NOT NULL,
    name TEXT,
    idempotency_key TEXT,
    kind TEXT NOT NULL,
    state TEXT NOT NULL,
    pause_reason TEXT,
    pause_detail TEXT,
    correlation TEXT NOT NULL,
    call_name TEXT,
    index_name TEXT,
    resend_unknown_after_ms {integer},
    messages {integer} NOT NULL,
    created_at {integer} NOT NULL,
    started_at {integer},
    finished_at {integer},
    lease TEXT,
    lease_until {integer} NOT NULL,
    due_at {integer} NOT NULL,
    failures {integer} NOT NULL,
    UNIQUE (connection_id, idempotency_key)
  ) {strict}`,
  `CREATE INDEX postmark_runs_open ON postmark_runs (position) WHERE finished_at IS NULL`,
  `CREATE INDEX postmark_runs_finished ON postmark_runs (finished_at) WHERE finished_at IS NOT NULL`,
  `CREATE TABLE postmark_run_chunks (
    run_id TEXT NOT NULL,
    chunk {integer} NOT NULL,
    first_index {integer} NOT NULL,
    size {integer} NOT NULL,
    state TEXT NOT NULL,
    due_at {integer} NOT NULL,
    lease TEXT,
    attempts {integer} NOT NULL,
    sent_since {integer},
    unknown_since {integer},
    searches {integer} NOT NULL,
    resent {integer} NOT NULL,
    settled_at {integer},
    accepted {integer} NOT NULL,
    rejected {integer} NOT NULL,
    PRIMARY KEY (run_id, chunk)
  ) {strict}`,
  `CREATE INDEX postmark_run_chunks_pending ON postmark_run_chunks (run_id, chunk) WHERE state = 'pending'`,
  `CREATE INDEX postmark_run_chunks_doubt ON postmark_run_chunks (run_id, due_at) WHERE state IN ('sending', 'checking')`,
  `CREATE TABLE postmark_run_contents (
    run_id TEXT NOT NULL,
    chunk {integer} NOT NULL,
    items TEXT NOT NULL,
    outcomes TEXT NOT NULL,
    PRIMARY KEY (run_id, chunk)
  ) {strict}`
)
