import { EventLog } from "@effect-postmark/core"
import { PostgresStorage, SqlEventLog, SqliteStorage, StorageMove } from "@effect-postmark/storage-sql"
import * as SqlClient from "@effect/sql/SqlClient"
import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, Layer } from "effect"
import { identities, newEvent, tempFile } from "./kit.ts"
import { database } from "./postgres/database.ts"

const logOf = <E, R>(layer: Layer.Layer<EventLog.EventLog | R, E>) =>
  Effect.map(Layer.build(layer), Context.get(EventLog.EventLog))

const before = Date.UTC(2027, 0, 1)

const young = (identity: string) => ({ ...newEvent(identity), receivedAt: "2028-01-01T00:00:00.000Z" })

describe("pruning", () => {
  it.scopedLive(
    "by several processes at once removes each event once, while others are appended",
    () =>
      Effect.gen(function*() {
        const { url } = yield* database
        const [first, second] = [
          yield* logOf(PostgresStorage.layer({ url })),
          yield* logOf(PostgresStorage.layer({ url }))
        ]
        yield* Effect.forEach(Array.from({ length: 1_000 }, (_, at) => newEvent(`${at}`)), first.append, {
          concurrency: 256,
          discard: true
        })
        const prune = (log: EventLog.Service) =>
          Effect.iterate({ sum: 0, last: 1 }, {
            while: ({ last }) => last > 0,
            body: ({ sum }) => Effect.map(log.prune({ before, limit: 50 }), (last) => ({ sum: sum + last, last }))
          })
        const append = Effect.forEach(Array.from({ length: 100 }, (_, at) => young(`young ${at}`)), second.append, {
          concurrency: 10
        })
        const [one, other, appended] = yield* Effect.all([prune(first), prune(second), append], {
          concurrency: "unbounded"
        })
        assert.strictEqual(one.sum + other.sum, 1_000)
        assert.isTrue(appended.every((isNew) => isNew))
        const left = yield* Effect.provideService(identities, EventLog.EventLog, first)
        assert.deepStrictEqual(left.filter((identity) => !identity.startsWith("young")), [])
        assert.strictEqual(left.length, 100)
      }),
    60_000
  )

  it.scopedLive("forgets the periods of events that are gone, and finds the others by their times", () =>
    Effect.gen(function*() {
      const context = yield* Layer.build(
        Layer.provideMerge(SqlEventLog.layer, SqliteStorage.layerClient({ filename: ":memory:" }))
      )
      const log = Context.get(context, EventLog.EventLog)
      const sql = Context.get(context, SqlClient.SqlClient)
      for (let at = 0; at < 5; at++) {
        yield* log.append({ ...newEvent(`${at}`), receivedAt: `2026-01-01T00:${at}0:00.000Z` })
      }
      yield* log.append(young("young"))
      assert.strictEqual(yield* log.prune({ before: Date.UTC(2026, 0, 1, 0, 30), limit: 10 }), 3)
      assert.deepStrictEqual(yield* sql`SELECT period FROM postmark_events_periods ORDER BY period`, [
        { period: "2026-01-01T00:3" },
        { period: "2026-01-01T00:4" },
        { period: "2028-01-01T00:0" }
      ])
      const found = yield* log.read({ after: 0, limit: 10, receivedFrom: 0, receivedTo: Date.UTC(2027, 0, 1) })
      assert.deepStrictEqual(found.map(({ identity }) => identity), ["3", "4"])
    }))

  it.scopedLive("is remembered by a database to which the file is moved", () =>
    Effect.gen(function*() {
      const filename = yield* tempFile
      const { url } = yield* database
      const latest = yield* Effect.gen(function*() {
        const log = yield* EventLog.EventLog
        for (const identity of ["a", "b", "c"]) yield* log.append(newEvent(identity))
        assert.strictEqual(yield* log.prune({ before, limit: 10 }), 3)
        return yield* log.latest
      }).pipe(Effect.provide(SqliteStorage.layer({ filename })))
      yield* Effect.gen(function*() {
        const clientOf = <E, R>(layer: Layer.Layer<SqlClient.SqlClient | R, E>) =>
          Effect.map(Layer.build(layer), Context.get(SqlClient.SqlClient))
        const from = yield* clientOf(SqliteStorage.layerClient({ filename }))
        yield* StorageMove.move(from, yield* clientOf(PostgresStorage.layerClient({ url })))
      }).pipe(Effect.scoped)
      const log = yield* logOf(PostgresStorage.layer({ url }))
      assert.strictEqual(yield* log.latest, latest)
      yield* log.append(newEvent("a"))
      const [event] = yield* log.read({ after: latest, limit: 10 })
      assert.strictEqual(event?.identity, "a")
    }), 60_000)
})
