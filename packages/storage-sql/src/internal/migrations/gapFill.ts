/**
 * Backfilled events, the keys by which events are found, and the state of sweeps. The keys of events that are stored
 * already are read from their typed events. An event whose time is not RFC 3339, or whose JSON has an escaped U+0000,
 * keeps no key.
 */
import * as SqlClient from "@effect/sql/SqlClient"
import * as Effect from "effect/Effect"
import { statements } from "./statements.ts"

const schema = statements(
  `ALTER TABLE postmark_events ADD COLUMN source TEXT NOT NULL DEFAULT 'live'`,
  `ALTER TABLE postmark_events ADD COLUMN message_id TEXT`,
  `ALTER TABLE postmark_events ADD COLUMN recipient TEXT`,
  `ALTER TABLE postmark_events ADD COLUMN natural_key TEXT`,
  `ALTER TABLE postmark_events ADD COLUMN occurred_at {integer}`,
  `ALTER TABLE postmark_events ADD COLUMN possibly_duplicate {integer} NOT NULL DEFAULT 0`,
  `CREATE TABLE postmark_sweeps (
    connection_id TEXT NOT NULL PRIMARY KEY,
    lease TEXT,
    lease_until {integer} NOT NULL,
    swept_at {integer}
  ) {strict}`,
  `CREATE TABLE postmark_sweep_marks (
    connection_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    through {integer} NOT NULL,
    PRIMARY KEY (connection_id, kind)
  ) {strict}`
)

const indexes = statements(
  `CREATE INDEX postmark_events_message ON postmark_events (connection_id, message_id)`,
  `CREATE INDEX postmark_events_recipient ON postmark_events (connection_id, recipient)`,
  `CREATE UNIQUE INDEX postmark_events_backfill ON postmark_events (natural_key, connection_id, occurred_at)
    WHERE source = 'backfill'`
)

const keys = Effect.flatMap(SqlClient.SqlClient, (sql) =>
  sql.onDialectOrElse({
    pg: () => fill("(event::json ->> '", "')", postgresTime),
    orElse: () => fill("json_extract(event, '$.", "')", sqliteTime)
  }))

export const gapFill = Effect.zipRight(Effect.zipRight(schema, keys), indexes)

/** One statement for each trigger, in the dialect's way of reading a field. */
const fill = (before: string, after: string, time: (text: string) => string) => {
  // A CASE is evaluated in its order, and the parts of a WHERE in any.
  const field = (name: string) => `(CASE WHEN ${readable} THEN ${before}${name}${after} END)`
  const short = (text: string) => `CASE WHEN length(${text}) BETWEEN 1 AND 400 THEN ${text} END`
  const natural = (trigger: string, key: string, at: string, where = "") =>
    `UPDATE postmark_events SET natural_key = ${key}, occurred_at = ${at}
      WHERE ${readable} AND trigger_id = '${trigger}' AND ${at} IS NOT NULL AND length(${key}) <= 400 ${where}`
  const about = (kind: string) => `'${kind} ' || message_id || ' ' || recipient`
  return statements(
    `UPDATE postmark_events SET message_id = ${short(field("messageId"))},
      recipient = ${short(`lower(${field("recipient")})`)} WHERE ${readable}`,
    natural("postmark/email-delivered", about("Delivery"), time(field("deliveredAt"))),
    natural("postmark/email-bounced", `'Bounce ' || ${field("bounceId")}`, "0"),
    natural("postmark/spam-complaint", `'SpamComplaint ' || ${field("bounceId")}`, "0"),
    natural(
      "postmark/email-opened",
      about("Open"),
      time(field("openedAt")),
      `AND coalesce(CAST(${field("firstOpen")} AS TEXT), '') NOT IN ('0', 'false')`
    ),
    natural(
      "postmark/link-clicked",
      `${about("Click")} || ' ' || ${field("originalLink")}`,
      time(field("clickedAt"))
    ),
    natural(
      "postmark/subscription-changed",
      `'SubscriptionChange ' || coalesce(${field("messageStream")}, '-') || ' ' || recipient || ' ' ||
        CASE WHEN CAST(${field("suppressSending")} AS TEXT) IN ('1', 'true') THEN 'true' ELSE 'false' END`,
      time(field("changedAt"))
    )
  )
}

/** The events of Postmark's triggers are JSON that we wrote. */
const readable = `status = 'decoded' AND event LIKE '{%' AND event NOT LIKE '%\\u0000%'
  AND trigger_id LIKE 'postmark/%' AND trigger_id <> 'postmark/inbound-received'`

const sqliteTime = (text: string) => `CAST(round((julianday(${text}) - 2440587.5) * 86400000) AS INTEGER)`

/** Milliseconds of a time whose parts are within their ranges; a cast of any other text would fail. */
const postgresTime = (text: string) =>
  `CASE WHEN ${text} ~ '^\\d{4}-(0[1-9]|1[0-2])-(0[1-9]|1\\d|2[0-8])T([01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d(\\.\\d+)?(Z|[+-]([01]\\d):[0-5]\\d)$'
    OR ${text} ~ '^\\d{4}-(0[13578]|1[02])-(29|30|31)T([01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d(\\.\\d+)?(Z|[+-]([01]\\d):[0-5]\\d)$'
    OR ${text} ~ '^\\d{4}-(0[469]|11)-(29|30)T([01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d(\\.\\d+)?(Z|[+-]([01]\\d):[0-5]\\d)$'
    THEN floor(extract(epoch FROM CAST(${text} AS timestamptz)) * 1000)::bigint END`
