/**
 * The outbox beside a bare one in the same SQLite settings: events stored with three rows each, 100 in a transaction, and
 * rows claimed 200 at a time and settled. The bare one keeps no identity, keys, indexes by trigger, leases or attempts.
 */
import { DeliveryStore, EventLog, Ids, type RelayTarget } from "@effect-postmark/core"
import { SqliteStorage } from "@effect-postmark/storage-sql"
import * as SqlClient from "@effect/sql/SqlClient"
import { Context, Effect, Layer } from "effect"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

const events = Number(process.argv[2] ?? 10_000)
const targets = 3
const connectionId = Ids.ConnectionId.make("con_bench")
const directory = mkdtempSync(join(tmpdir(), "outbox-"))
const body = JSON.stringify({
  messageId: "00000000-1111-2222-3333-444444444444",
  recipient: "someone@example.com",
  deliveredAt: "2026-01-01T00:00:00Z",
  details: "x".repeat(480),
  metadata: {}
})

const timed = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.gen(function*() {
    const begun = performance.now()
    yield* effect
    return (performance.now() - begun) / 1_000
  })

const bare = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  yield* sql`CREATE TABLE bare_events (id TEXT PRIMARY KEY, body TEXT NOT NULL)`
  yield* sql`CREATE TABLE bare_rows (event_id TEXT NOT NULL, target INTEGER NOT NULL, due INTEGER NOT NULL,
    PRIMARY KEY (event_id, target))`
  yield* sql`CREATE INDEX bare_due ON bare_rows (due)`
  const store = yield* timed(Effect.gen(function*() {
    for (let at = 0; at < events; at += 100) {
      const ids = Array.from({ length: 100 }, (_, index) => `${at + index}`)
      yield* sql.withTransaction(
        sql`INSERT INTO bare_events ${sql.insert(ids.map((id) => ({ id, body })))}`.pipe(
          Effect.zipRight(
            sql`INSERT INTO bare_rows ${
              sql.insert(
                ids.flatMap((id) => Array.from({ length: targets }, (_, target) => ({ event_id: id, target, due: 0 })))
              )
            }`
          )
        )
      )
    }
  }))
  const work = yield* timed(Effect.gen(function*() {
    while (true) {
      const rows = yield* sql<{ event_id: string; target: number }>`UPDATE bare_rows SET due = 1
        WHERE (event_id, target) IN (SELECT event_id, target FROM bare_rows WHERE due <= 0 ORDER BY due LIMIT 200)
        RETURNING event_id, target`
      if (rows.length === 0) return
      const values = rows.map(({ event_id, target }) => `('${event_id}',${target})`).join(",")
      yield* sql.unsafe(`DELETE FROM bare_rows WHERE (event_id, target) IN (VALUES ${values})`)
    }
  }))
  return { store, work }
})

const ours = Effect.gen(function*() {
  const log = yield* EventLog.EventLog
  const outbox = yield* DeliveryStore.DeliveryStore
  const made = Array.from({ length: targets }, (_, index): RelayTarget.StoredTarget => ({
    id: `t${index}`,
    connectionId,
    trigger: "postmark/email-delivered",
    url: `https://example.com/${index}`,
    createdAt: "2026-01-01T00:00:00.000Z",
    state: "active",
    disabledReason: null,
    disabledAt: null,
    failingSince: null,
    currentSecret: "s",
    previousSecret: null
  }))
  for (const target of made) yield* outbox.insertTarget(target)
  const store = yield* timed(
    Effect.forEach(Array.from({ length: events }, (_, at) => at), (at) =>
      log.append({
        connectionId,
        identity: `${at}`,
        receivedAt: "2026-01-01T00:00:00.000Z",
        recordType: "Delivery",
        trigger: "postmark/email-delivered",
        status: "decoded",
        event: body,
        raw: body
      }), { concurrency: 100, discard: true })
  )
  const work = yield* timed(Effect.gen(function*() {
    for (let round = 0;; round++) {
      const claimed = yield* outbox.claim({
        wanted: made.map(({ id }) => ({ targetId: id, limit: 200 })),
        now: 1,
        leaseUntil: 30_000,
        lease: `${round}`
      })
      if (claimed.length === 0) return
      yield* outbox.settle(claimed.map(({ sequence, targetId }) => ({
        targetId,
        sequence,
        lease: `${round}`,
        at: 1,
        next: { state: "delivered" },
        attempt: { attempt: 1, at: 1, durationMs: 5, status: 204, failure: null, response: "" }
      })))
    }
  }))
  return { store, work }
})

const program = Effect.gen(function*() {
  const clientOf = (name: string) => Layer.build(SqliteStorage.layerClient({ filename: join(directory, name) }))
  const plain = yield* Effect.provide(bare, yield* clientOf("bare.db"))
  const client = yield* clientOf("ours.db")
  const stores = yield* Effect.provide(Layer.build(SqliteStorage.layerStores), client)
  const own = yield* Effect.provide(ours, Context.merge(client, stores))
  const rate = (count: number, seconds: number) => Math.round(count / seconds)
  const line = (what: string, count: number, bareSeconds: number, ownSeconds: number) =>
    console.log(
      `${what}: ${rate(count, ownSeconds)}/s, bare ${rate(count, bareSeconds)}/s: ` +
        `${(bareSeconds / ownSeconds).toFixed(2)} x`
    )
  line("events stored with their rows", events, plain.store, own.store)
  line("rows claimed and settled", events * targets, plain.work, own.work)
}).pipe(Effect.scoped)

try {
  await Effect.runPromise(program)
} finally {
  rmSync(directory, { recursive: true, force: true })
}
