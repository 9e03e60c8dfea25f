import * as EventLog from "@effect-postmark/core/EventLog"
import * as Ids from "@effect-postmark/core/Ids"
import { PostgresStorage, SqliteStorage, StorageMetrics, type StorageUnusable } from "@effect-postmark/storage-sql"
import * as SqlClient from "@effect/sql/SqlClient"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Metric, type Redacted, TestClock } from "effect"
import { newEvent } from "./kit.ts"
import { database } from "./postgres/database.ts"

const storages: Readonly<
  Record<string, Layer.Layer<SqliteStorage.Stores | SqlClient.SqlClient, StorageUnusable.StorageUnusable>>
> = {
  SQLite: Layer.provideMerge(SqliteStorage.layerStores, SqliteStorage.layerClient({ filename: ":memory:" })),
  PostgreSQL: Layer.unwrapScoped(
    Effect.map(
      database,
      ({ url }: { readonly url: Redacted.Redacted }) =>
        Layer.provideMerge(PostgresStorage.layerStores({ url }), PostgresStorage.layerClient({ url }))
    )
  )
}

const valueOf = (metric: Metric.Metric.Gauge<number>) => Effect.map(Metric.value(metric), ({ value }) => value)

for (const [storage, layer] of Object.entries(storages)) {
  describe(`the gauges on ${storage}`, () => {
    it.effect("have the depth and age of the outbox, the open runs and the size", () =>
      Effect.gen(function*() {
        yield* TestClock.setTime(100_000)
        const sample = yield* StorageMetrics.make
        const sql = yield* SqlClient.SqlClient
        yield* sample
        assert.strictEqual(yield* valueOf(StorageMetrics.up), 1)
        assert.deepStrictEqual(
          [yield* valueOf(StorageMetrics.outboxPending), yield* valueOf(StorageMetrics.outboxAge)],
          [0, 0]
        )
        assert.isAbove(yield* valueOf(StorageMetrics.databaseBytes), 10_000)

        const target = (id: string, state: string) =>
          sql`INSERT INTO postmark_relay_targets ${
            sql.insert({
              id,
              connection_id: Ids.ConnectionId.make("con_1"),
              trigger_id: "postmark/email-delivered",
              url: `https://${id}.example.com/`,
              created_at: "2026-01-01T00:00:00.000Z",
              state,
              current_secret: "sealed"
            })
          }`
        const delivery = (target_id: string, sequence: number, state: string, due_at: number) =>
          sql`INSERT INTO postmark_relay_deliveries ${
            sql.insert({ target_id, sequence, state, attempts: 0, due_at, received_at: "2026-01-01T00:00:00.000Z" })
          }`
        yield* target("a", "active")
        yield* target("off", "disabled")
        yield* delivery("a", 1, "pending", 130_000)
        yield* delivery("a", 2, "pending", 70_000)
        yield* delivery("a", 3, "delivered", 10)
        yield* delivery("off", 1, "held", 10)
        yield* sql`INSERT INTO postmark_runs ${
          sql.insert({
            id: "run_1",
            connection_id: "con_1",
            kind: "email",
            state: "running",
            correlation: "c",
            messages: 1,
            created_at: 1,
            lease_until: 0,
            due_at: 0,
            failures: 0
          })
        }`
        yield* sample
        assert.deepStrictEqual(
          [yield* valueOf(StorageMetrics.outboxPending), yield* valueOf(StorageMetrics.outboxAge)],
          [2, 30]
        )
        const running = Metric.tagged(StorageMetrics.openRuns, "state", "running")
        assert.strictEqual(yield* valueOf(running), 1)
        yield* sql`UPDATE postmark_runs SET finished_at = 5, state = 'completed'`
        yield* sample
        assert.strictEqual(yield* valueOf(running), 0)
      }).pipe(Effect.provide(layer)))

    it.effect("say that the store is down when it does not answer", () =>
      Effect.gen(function*() {
        const sample = yield* StorageMetrics.make
        const sql = yield* SqlClient.SqlClient
        yield* sql`ALTER TABLE postmark_runs RENAME TO elsewhere`
        yield* Effect.flip(sample)
        assert.strictEqual(yield* valueOf(StorageMetrics.up), 0)
      }).pipe(Effect.provide(layer)))

    it.effect("measures each call of a store", () =>
      Effect.gen(function*() {
        const log = yield* EventLog.EventLog
        yield* log.append(newEvent("measured"))
        const stores = Metric.unsafeSnapshot()
          .filter(({ metricKey }) => metricKey.name === "postmark_store_duration_seconds")
          .flatMap(({ metricKey }) => metricKey.tags.map(({ value }) => value))
        assert.include(stores, "event")
      }).pipe(Effect.provide(layer)))
  })
}
