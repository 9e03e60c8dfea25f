import { ConnectionStore, CursorStore, EventLog, Ids, SubscriptionStore } from "@effect-postmark/core"
import { PostgresStorage, SqliteStorage, StorageMove } from "@effect-postmark/storage-sql"
import * as SqlClient from "@effect/sql/SqlClient"
import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, Layer } from "effect"
import { newEvent, tempFile } from "./kit.ts"
import { database } from "./postgres/database.ts"

const connectionId = Ids.ConnectionId.make("con_1")

const fill = (events: number) =>
  Effect.gen(function*() {
    const connections = yield* ConnectionStore.ConnectionStore
    yield* connections.insert({
      id: connectionId,
      name: "O'Brien \u00fc",
      serverId: 2 ** 40,
      serverName: "server",
      fingerprint: "f",
      sealedToken: "sealed",
      state: "active",
      createdAt: "2026-01-01T00:00:00.000Z",
      rotatedAt: null,
      revokedAt: null,
      lastRefusedAt: null
    })
    const subscriptions = yield* SubscriptionStore.SubscriptionStore
    yield* subscriptions.setSecrets({ connectionId, current: "sealed", previous: null, rotatedAt: null }, null)
    const log = yield* EventLog.EventLog
    yield* Effect.forEach(
      Array.from({ length: events }, (_, at) => newEvent(`${at}`, `{"at":${at},"text":"\\u0000 \u{1f4e7}"}`)),
      log.append,
      { concurrency: 256, discard: true }
    )
    yield* log.quarantine({ connectionId, receivedAt: "now", reason: "not JSON", body: "a\u0000b\u0001c" })
    return yield* everything
  })

const everything = Effect.gen(function*() {
  const connections = yield* ConnectionStore.ConnectionStore
  const cursors = yield* CursorStore.CursorStore
  const subscriptions = yield* SubscriptionStore.SubscriptionStore
  const log = yield* EventLog.EventLog
  return {
    connections: yield* connections.list,
    secrets: yield* subscriptions.getSecrets(connectionId),
    cursor: yield* cursors.get("reader"),
    events: yield* log.read({ after: 0, limit: 100_000 }),
    quarantined: yield* log.quarantined
  }
})

const clientOf = <E, R>(layer: Layer.Layer<SqlClient.SqlClient | R, E>) =>
  Effect.map(Layer.build(layer), Context.get(SqlClient.SqlClient))

describe("StorageMove", () => {
  it.scopedLive("moves everything, and the numbers go on where they were", () =>
    Effect.gen(function*() {
      const filename = yield* tempFile
      const { url } = yield* database
      const before = yield* Effect.provide(fill(2_500), SqliteStorage.layer({ filename }))
      const moved = yield* Effect.gen(function*() {
        const from = yield* clientOf(SqliteStorage.layerClient({ filename }))
        const to = yield* clientOf(PostgresStorage.layerClient({ url }))
        return yield* StorageMove.move(from, to)
      }).pipe(Effect.scoped)
      assert.deepInclude(moved, { table: "postmark_events", rows: 2_500 })
      assert.deepInclude(moved, { table: "postmark_connections", rows: 1 })
      yield* Effect.gen(function*() {
        assert.deepStrictEqual(yield* everything, before)
        const log = yield* EventLog.EventLog
        assert.isFalse(yield* log.append(newEvent("0")))
        assert.isTrue(yield* log.append(newEvent("new")))
        assert.isAbove(yield* log.latest, before.events.at(-1)?.sequence ?? 0)
      }).pipe(Effect.provide(PostgresStorage.layer({ url })))
    }))

  it.scopedLive("refuses a database that is not empty, and changes nothing", () =>
    Effect.gen(function*() {
      const filename = yield* tempFile
      const { url } = yield* database
      yield* Effect.provide(fill(3), SqliteStorage.layer({ filename }))
      yield* Effect.provide(
        Effect.flatMap(EventLog.EventLog, (log) => log.append(newEvent("here already"))),
        PostgresStorage.layer({ url })
      )
      const error = yield* Effect.gen(function*() {
        const from = yield* clientOf(SqliteStorage.layerClient({ filename }))
        const to = yield* clientOf(PostgresStorage.layerClient({ url }))
        return yield* Effect.flip(StorageMove.move(from, to))
      }).pipe(Effect.scoped)
      assert.strictEqual(
        error.message,
        "the PostgreSQL table postmark_events has rows already: move to an empty database"
      )
      yield* Effect.gen(function*() {
        const { connections, events } = yield* everything
        assert.deepStrictEqual([connections.length, events.length], [0, 1])
      }).pipe(Effect.provide(PostgresStorage.layer({ url })))
    }))
})
