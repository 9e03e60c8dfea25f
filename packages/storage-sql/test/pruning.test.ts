import { EventLog } from "@effect-postmark/core"
import { PostgresStorage, SqliteStorage, StorageMove } from "@effect-postmark/storage-sql"
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
