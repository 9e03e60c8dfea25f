/**
 * For the HTTP server's stores, which are in that package: scopes, expiry, last use and rate limits of API keys, and the
 * audit log. A key from before scopes keeps all that it could do.
 */
import * as SqlClient from "@effect/sql/SqlClient"
import * as Effect from "effect/Effect"
import { statements } from "./statements.ts"

const schema = statements(
  `ALTER TABLE postmark_api_keys ADD COLUMN scopes TEXT NOT NULL DEFAULT '["send","read","manage"]'`,
  `ALTER TABLE postmark_api_keys ADD COLUMN expires_at TEXT`,
  `ALTER TABLE postmark_api_keys ADD COLUMN last_used_at TEXT`,
  `ALTER TABLE postmark_api_keys ADD COLUMN rate_limit {integer}`,
  `CREATE TABLE postmark_rate_limits (
    name TEXT NOT NULL PRIMARY KEY,
    full_at {integer} NOT NULL
  ) {strict}`,
  `CREATE TABLE postmark_audit (
    position {key},
    id TEXT NOT NULL UNIQUE,
    begun_at TEXT NOT NULL,
    ended_at TEXT,
    actor TEXT NOT NULL,
    key_id TEXT,
    operation TEXT NOT NULL,
    connection_id TEXT,
    target_id TEXT,
    request_id TEXT,
    status {integer},
    outcome TEXT NOT NULL
  ) {strict}`,
  `CREATE INDEX postmark_audit_connection ON postmark_audit (connection_id, position)`,
  `CREATE INDEX postmark_audit_key ON postmark_audit (key_id, position)`,
  `CREATE INDEX postmark_audit_begun ON postmark_audit (begun_at)`
)

/** What is left of a rate limit need not survive a crash, and a commit then waits for no disk. */
const unlogged = Effect.flatMap(SqlClient.SqlClient, (sql) =>
  sql.onDialectOrElse({
    pg: () => statements("ALTER TABLE postmark_rate_limits SET UNLOGGED"),
    orElse: () => Effect.void
  }))

export const accessControl = Effect.zipRight(schema, unlogged)
