import { EventLog, Ids, WebhookReceiver } from "@effect-postmark/core"
import { PostgresStorage, SqlEventLog, SqliteStorage, type StorageUnusable } from "@effect-postmark/storage-sql"
import * as SqlClient from "@effect/sql/SqlClient"
import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, Layer, Schema, type Scope } from "effect"
import { tempFile } from "./kit.ts"
import { database } from "./postgres/database.ts"

type Client = Layer.Layer<SqlClient.SqlClient, StorageUnusable.StorageUnusable>

const layers: Readonly<Record<string, Effect.Effect<Client, never, Scope.Scope>>> = {
  SQLite: Effect.map(tempFile, (filename) => SqliteStorage.layerClient({ filename })),
  PostgreSQL: Effect.map(database, ({ url }) => PostgresStorage.layerClient({ url }))
}

const messageId = "5b1f0c52-8f0e-4a6c-9f43-2b7a5d3c9e10"

const about = { MessageID: messageId, Recipient: "Ann@Example.com", MessageStream: "outbound", Tag: "Welcome" }

const bodies = [
  { ...about, RecordType: "Delivery", DeliveredAt: "2026-09-30T16:04:10.1234567Z" },
  { ...about, RecordType: "Delivery", DeliveredAt: "2026-09-30T12:04:10-04:00" },
  {
    RecordType: "Bounce",
    ID: 1600123456,
    Type: "HardBounce",
    Email: "Gone@example.com",
    BouncedAt: "2026-09-30T16:05:00Z"
  },
  {
    RecordType: "SpamComplaint",
    ID: 7,
    MessageID: messageId,
    Email: "b@example.com",
    BouncedAt: "2026-09-30T16:05:00Z"
  },
  { ...about, RecordType: "Open", FirstOpen: true, ReceivedAt: "2026-02-28T16:05:00.5Z" },
  { ...about, RecordType: "Open", FirstOpen: false, ReceivedAt: "2026-09-30T16:05:01Z" },
  { ...about, RecordType: "Open", ReceivedAt: "2026-12-31T23:59:59.999Z" },
  {
    ...about,
    RecordType: "Click",
    OriginalLink: "https://shop.example.org/?a='b'",
    ReceivedAt: "2026-09-30T16:05:00.25Z"
  },
  { ...about, RecordType: "SubscriptionChange", SuppressSending: true, ChangedAt: "2026-09-30T16:05:00Z" },
  {
    ...about,
    RecordType: "SubscriptionChange",
    SuppressSending: false,
    ChangedAt: "2026-09-30T16:06:00Z",
    MessageStream: null
  },
  // No keys, or no natural key.
  { ...about, RecordType: "Delivery", DeliveredAt: "soon" },
  { ...about, RecordType: "Delivery", DeliveredAt: "2026-13-45T99:00:00Z" },
  {
    RecordType: "Bounce",
    MessageID: messageId,
    Type: "Blocked",
    Email: "c@example.com",
    BouncedAt: "2026-09-30T16:05:00Z"
  },
  { RecordType: "Future", MessageID: messageId },
  [1, 2]
]

const Rows = Schema.Array(Schema.Struct({
  sequence: Schema.NumberFromString,
  source: Schema.String,
  message_id: Schema.NullOr(Schema.String),
  recipient: Schema.NullOr(Schema.String),
  natural_key: Schema.NullOr(Schema.String),
  occurred_at: Schema.NullOr(Schema.NumberFromString),
  possibly_duplicate: Schema.NumberFromString,
  tag: Schema.NullOr(Schema.String),
  first_sequence: Schema.NumberFromString,
  last_sequence: Schema.NumberFromString
}))

const rows = (sql: SqlClient.SqlClient) =>
  Effect.flatMap(
    sql`SELECT CAST(sequence AS TEXT) AS sequence, source, message_id, recipient, natural_key,
      CAST(occurred_at AS TEXT) AS occurred_at, CAST(possibly_duplicate AS TEXT) AS possibly_duplicate, tag,
      CAST(first_sequence AS TEXT) AS first_sequence, CAST(last_sequence AS TEXT) AS last_sequence
      FROM postmark_events JOIN postmark_events_periods ON period = substr(received_at, 1, 15)
      ORDER BY postmark_events.sequence`,
    Schema.decodeUnknown(Rows)
  )

const undo = [
  "DROP INDEX postmark_events_by_message",
  "DROP INDEX postmark_events_by_recipient",
  "DROP INDEX postmark_events_backfill",
  // What came after it goes first.
  "DROP INDEX postmark_events_by_tag",
  "DROP INDEX postmark_events_connection_tag",
  "DROP INDEX postmark_events_status",
  "DROP INDEX postmark_events_connection_status",
  "ALTER TABLE postmark_events DROP COLUMN tag",
  "DROP TABLE postmark_events_periods",
  "DROP TABLE postmark_waits",
  ...["source", "message_id", "recipient", "natural_key", "occurred_at", "possibly_duplicate"].map((column) =>
    `ALTER TABLE postmark_events DROP COLUMN ${column}`
  ),
  "DROP TABLE postmark_sweeps",
  "DROP TABLE postmark_sweep_marks",
  "DROP TABLE postmark_idempotency",
  ...["scopes", "expires_at", "last_used_at", "rate_limit"].map((column) =>
    `ALTER TABLE postmark_api_keys DROP COLUMN ${column}`
  ),
  "DROP TABLE postmark_rate_limits",
  "DROP TABLE postmark_audit",
  "DROP TABLE postmark_tasks",
  "DELETE FROM effect_postmark_migrations WHERE migration_id >= 7"
]

describe("the migrations for gap-fill and filters", () => {
  for (const [name, layer] of Object.entries(layers)) {
    it.scopedLive(`give stored events the keys that new ones get, on ${name}`, () =>
      Effect.gen(function*() {
        const client = yield* layer
        const before = yield* Effect.scoped(Effect.gen(function*() {
          const context = yield* Layer.build(Layer.provideMerge(SqlEventLog.layer, client))
          const log = Context.get(context, EventLog.EventLog)
          const sql = Context.get(context, SqlClient.SqlClient)
          for (const [index, body] of bodies.entries()) {
            const raw = JSON.stringify(body)
            const reading = WebhookReceiver.read(raw)
            if (reading === undefined) return yield* Effect.die("not JSON")
            yield* log.append({
              ...reading,
              connectionId: Ids.ConnectionId.make("con_1"),
              identity: `${index}`,
              receivedAt: `2026-01-01T00:${10 + index * 3}:00.000Z`,
              raw
            })
          }
          const before = yield* rows(sql)
          for (const statement of undo) yield* sql.unsafe(statement)
          return before
        }))
        assert.strictEqual(before.length, bodies.length)
        assert.strictEqual(before.filter(({ natural_key }) => natural_key !== null).length, 9)
        assert.strictEqual(before.filter(({ tag }) => tag === "Welcome").length, 10)
        const sql = yield* Effect.map(Layer.build(client), Context.get(SqlClient.SqlClient))
        assert.deepStrictEqual(yield* rows(sql), before)
      }))
  }
})
