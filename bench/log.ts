/**
 * The event log on SQLite: the time of a page through each filter, in both orders, from its beginning and deep inside. The
 * time of a page must not grow with the log. `npm run bench:log -- 20000 100000 1000000` sets the sizes of the log. Events
 * are inserted in bulk, with the statements of a migration's kind: the rate of appends is in `bench:outbox`.
 */
import { EventLog } from "@effect-postmark/core"
import { SqlEventLog, SqliteStorage } from "@effect-postmark/storage-sql"
import * as SqlClient from "@effect/sql/SqlClient"
import { Context, Effect, Layer } from "effect"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

const sizes = process.argv.slice(2).map(Number)
const steps = sizes.length === 0 ? [20_000, 100_000] : sizes.toSorted((a, b) => a - b)
const rounds = 15
const start = Date.UTC(2026, 0, 1)

/** One event every three seconds, of 20 connections, 5 tags and 4 recipients in 10; a bounce in 20, a rare one in 1,000. */
const fill = (sql: SqlClient.SqlClient, from: number, to: number) =>
  Effect.gen(function*() {
    yield* sql`INSERT INTO postmark_events (connection_id, identity, received_at, record_type, trigger_id, status, event, raw,
        source, message_id, recipient, tag, possibly_duplicate)
      WITH RECURSIVE numbers(n) AS (SELECT CAST(${from} AS INTEGER) UNION ALL SELECT n + 1 FROM numbers WHERE n + 1 < ${to})
      SELECT 'con_' || (n % 20), 'id ' || n,
        strftime('%Y-%m-%dT%H:%M:%S.000Z', CAST(${start / 1_000} AS INTEGER) + n * 3, 'unixepoch'), 'Delivery',
        CASE WHEN n % 1000 = 7 THEN 'postmark/spam-complaint' WHEN n % 20 = 3 THEN 'postmark/email-bounced'
          ELSE 'postmark/email-delivered' END,
        CASE WHEN n % 5000 = 11 THEN 'unknown' ELSE 'decoded' END,
        '{"messageId":"m' || (n / 2) || '"}', '{"RecordType":"Delivery","Details":"' || hex(zeroblob(250)) || '"}',
        'live', 'm' || (n / 2), 'reader' || (n % 5000) || '@example.com',
        CASE WHEN n % 10000 = 13 THEN 'rare' WHEN n % 10 < 5 THEN 'tag ' || (n % 5) END, 0 FROM numbers`
    yield* sql`INSERT INTO postmark_events_periods (period, first_sequence, last_sequence)
      SELECT substr(received_at, 1, 15), min(sequence), max(sequence) FROM postmark_events
      WHERE sequence > ${from} GROUP BY substr(received_at, 1, 15)
      ON CONFLICT (period) DO UPDATE SET last_sequence = excluded.last_sequence`
  }).pipe(sql.withTransaction)

const filters = (size: number): Readonly<Record<string, EventLog.Filter>> => {
  const middle = start + (size / 2) * 3_000
  return {
    "no filter": {},
    "a connection": { connections: ["con_3"] },
    "ten connections": { connections: Array.from({ length: 10 }, (_, at) => `con_${at}`) },
    "a common trigger": { trigger: "postmark/email-delivered" },
    "a rare trigger": { trigger: "postmark/spam-complaint" },
    "two triggers": { trigger: ["postmark/spam-complaint", "postmark/email-bounced"] },
    "three connections, two triggers": {
      connections: ["con_3", "con_7", "con_8"],
      trigger: ["postmark/spam-complaint", "postmark/email-bounced"]
    },
    "a recipient": { recipient: "Reader77@example.com" },
    "a message": { messageId: `m${Math.floor(size / 4)}` },
    "a common tag": { tag: "tag 1" },
    "a rare tag": { tag: "rare" },
    "a tag of a connection without it": { tag: "tag 1", connections: ["con_7"] },
    "a common tag, a trigger without it": { tag: "tag 1", trigger: "postmark/spam-complaint" },
    "status unknown": { status: "unknown" },
    "status unknown of a connection": { status: "unknown", connections: ["con_11"] },
    "an hour": { receivedFrom: middle, receivedTo: middle + 3_600_000 },
    "the second half": { receivedFrom: middle },
    "the first half of a connection": { receivedTo: middle, connections: ["con_3"] },
    "an hour of a tag": { receivedFrom: middle, receivedTo: middle + 3_600_000, tag: "tag 1" },
    "a time before the log": { receivedTo: start - 1 },
    "a recipient, a tag, half of the time": { recipient: "reader1@example.com", tag: "tag 1", receivedFrom: middle }
  }
}

const median = (values: ReadonlyArray<number>): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0

const time = (log: EventLog.Service, options: EventLog.ReadOptions) =>
  Effect.gen(function*() {
    const times: Array<number> = []
    let found = 0
    // The first one warms up.
    for (let round = 0; round <= rounds; round++) {
      const begin = performance.now()
      found = (yield* log.read(options)).length
      if (round > 0) times.push(performance.now() - begin)
    }
    return { millis: median(times), found }
  })

const directory = mkdtempSync(join(tmpdir(), "effect-postmark-bench-"))

const program = Effect.gen(function*() {
  const context = yield* Layer.build(
    Layer.provideMerge(SqlEventLog.layer, SqliteStorage.layerClient({ filename: join(directory, "events.db") }))
  )
  const log = Context.get(context, EventLog.EventLog)
  const sql = Context.get(context, SqlClient.SqlClient)
  let size = 0
  for (const next of steps) {
    const begin = performance.now()
    for (; size < next; size = Math.min(size + 50_000, next)) {
      yield* fill(sql, size, Math.min(size + 50_000, next))
    }
    console.log(`\n${size} events, filled in ${((performance.now() - begin) / 1_000).toFixed(1)} s`)
    console.log(`| ${"pages of 100, in ms".padEnd(37)} | oldest | deep | newest | deep | events |`)
    console.log("| - | -: | -: | -: | -: | -: |")
    const middle = size >> 1
    for (const [name, filter] of Object.entries(filters(size))) {
      const first = yield* time(log, { after: 0, limit: 100, ...filter })
      const cells = [
        first,
        yield* time(log, { after: middle, limit: 100, ...filter }),
        yield* time(log, { after: 0, limit: 100, order: "newest", ...filter }),
        yield* time(log, { after: 0, before: middle, limit: 100, order: "newest", ...filter })
      ].map(({ millis }) => millis.toFixed(2))
      console.log(`| ${name.padEnd(37)} | ${cells.join(" | ")} | ${first.found} |`)
    }
  }
}).pipe(Effect.scoped)

await Effect.runPromise(program)
rmSync(directory, { recursive: true })
