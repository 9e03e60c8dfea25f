/** The tables of the first ports. `position` keeps the order of creation: two rows can be created in the same millisecond. */
import { statements } from "./statements.ts"

export const ports = statements(
  `CREATE TABLE postmark_connections (
    position {key},
    id TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    server_id {integer} NOT NULL,
    server_name TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    sealed_token TEXT NOT NULL,
    state TEXT NOT NULL,
    created_at TEXT NOT NULL,
    rotated_at TEXT,
    revoked_at TEXT,
    last_refused_at TEXT
  ) {strict}`,
  `CREATE UNIQUE INDEX postmark_connections_active ON postmark_connections (server_id) WHERE state = 'active'`,
  // For the HTTP server's store of API keys, which is in that package: one database has one list of migrations.
  `CREATE TABLE postmark_api_keys (
    position {key},
    id TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    hash TEXT NOT NULL,
    connections TEXT,
    created_at TEXT NOT NULL,
    revoked_at TEXT
  ) {strict}`,
  `CREATE TABLE postmark_subscriptions (
    position {key},
    id TEXT NOT NULL,
    connection_id TEXT NOT NULL,
    trigger_id TEXT NOT NULL,
    created_at TEXT NOT NULL,
    UNIQUE (connection_id, trigger_id)
  ) {strict}`,
  `CREATE TABLE postmark_webhook_secrets (
    connection_id TEXT NOT NULL PRIMARY KEY,
    current_secret TEXT NOT NULL,
    previous_secret TEXT,
    rotated_at TEXT
  ) {strict}`,
  `CREATE TABLE postmark_cursors (
    subscriber TEXT NOT NULL PRIMARY KEY,
    sequence {integer} NOT NULL
  ) {strict}`,
  `CREATE TABLE postmark_events (
    sequence {key},
    connection_id TEXT NOT NULL,
    identity TEXT NOT NULL,
    received_at TEXT NOT NULL,
    record_type TEXT,
    trigger_id TEXT,
    status TEXT NOT NULL,
    event TEXT,
    raw TEXT NOT NULL,
    UNIQUE (connection_id, identity)
  ) {strict}`,
  `CREATE INDEX postmark_events_connection ON postmark_events (connection_id, sequence)`,
  `CREATE TABLE postmark_quarantine (
    position {key},
    connection_id TEXT NOT NULL,
    received_at TEXT NOT NULL,
    reason TEXT NOT NULL,
    body TEXT NOT NULL
  ) {strict}`
)
