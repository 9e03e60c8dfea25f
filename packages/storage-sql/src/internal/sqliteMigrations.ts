/** The tables on SQLite, by migration. A migration that was released is never changed: add one. */
import * as Migrator from "@effect/sql/Migrator"
import * as SqlClient from "@effect/sql/SqlClient"
import * as Effect from "effect/Effect"

export const table = "effect_postmark_migrations"

const statements = (...texts: ReadonlyArray<string>) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) => Effect.forEach(texts, (text) => sql.unsafe(text), { discard: true }))

// `position` keeps the order of creation: two rows can be created in the same millisecond.
const migrations = {
  "0001_ports": statements(
    `CREATE TABLE postmark_connections (
      position INTEGER PRIMARY KEY AUTOINCREMENT,
      id TEXT NOT NULL UNIQUE,
      name TEXT NOT NULL,
      server_id INTEGER NOT NULL,
      server_name TEXT NOT NULL,
      fingerprint TEXT NOT NULL,
      sealed_token TEXT NOT NULL,
      state TEXT NOT NULL,
      created_at TEXT NOT NULL,
      rotated_at TEXT,
      revoked_at TEXT,
      last_refused_at TEXT
    ) STRICT`,
    `CREATE UNIQUE INDEX postmark_connections_active ON postmark_connections (server_id) WHERE state = 'active'`,
    `CREATE TABLE postmark_api_keys (
      position INTEGER PRIMARY KEY AUTOINCREMENT,
      id TEXT NOT NULL UNIQUE,
      name TEXT NOT NULL,
      hash TEXT NOT NULL,
      connections TEXT,
      created_at TEXT NOT NULL,
      revoked_at TEXT
    ) STRICT`,
    `CREATE TABLE postmark_subscriptions (
      position INTEGER PRIMARY KEY AUTOINCREMENT,
      id TEXT NOT NULL,
      connection_id TEXT NOT NULL,
      trigger_id TEXT NOT NULL,
      created_at TEXT NOT NULL,
      UNIQUE (connection_id, trigger_id)
    ) STRICT`,
    `CREATE TABLE postmark_webhook_secrets (
      connection_id TEXT NOT NULL PRIMARY KEY,
      current_secret TEXT NOT NULL,
      previous_secret TEXT,
      rotated_at TEXT
    ) STRICT`,
    `CREATE TABLE postmark_cursors (
      subscriber TEXT NOT NULL PRIMARY KEY,
      sequence INTEGER NOT NULL
    ) STRICT`,
    `CREATE TABLE postmark_events (
      sequence INTEGER PRIMARY KEY AUTOINCREMENT,
      connection_id TEXT NOT NULL,
      identity TEXT NOT NULL,
      received_at TEXT NOT NULL,
      record_type TEXT,
      trigger_id TEXT,
      status TEXT NOT NULL,
      event TEXT,
      raw TEXT NOT NULL,
      UNIQUE (connection_id, identity)
    ) STRICT`,
    `CREATE INDEX postmark_events_connection ON postmark_events (connection_id, sequence)`,
    `CREATE TABLE postmark_quarantine (
      position INTEGER PRIMARY KEY AUTOINCREMENT,
      connection_id TEXT NOT NULL,
      received_at TEXT NOT NULL,
      reason TEXT NOT NULL,
      body TEXT NOT NULL
    ) STRICT`
  )
}

export const latest = Object.keys(migrations).length

export const run = Migrator.make({})({ loader: Migrator.fromRecord(migrations), table })
