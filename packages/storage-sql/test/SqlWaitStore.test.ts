import { Ids, WaitStore } from "@effect-postmark/core"
import { PostgresStorage } from "@effect-postmark/storage-sql"
import * as SqlClient from "@effect/sql/SqlClient"
import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, Fiber, Layer } from "effect"
import { appendLock } from "../src/internal/appendLock.ts"
import { database } from "./postgres/database.ts"

describe("a wait on PostgreSQL", () => {
  it.scopedLive(
    "sees the event of a transaction that began before it and commits after it",
    () =>
      Effect.gen(function*() {
        const { url } = yield* database
        const storage = yield* Layer.build(PostgresStorage.layer({ url }))
        const sql = Context.get(yield* Layer.build(PostgresStorage.layerClient({ url })), SqlClient.SqlClient)
        const registering = Context.get(storage, WaitStore.WaitStore).register({
          id: "a",
          connectionId: Ids.ConnectionId.make("con_1"),
          messageId: "m1",
          recipient: null,
          kind: "outcome",
          deadline: 9_000_000_000_000,
          waker: null
        })
        const fiber = yield* sql.withTransaction(Effect.gen(function*() {
          yield* sql`SELECT pg_advisory_xact_lock(${appendLock})`
          yield* sql`INSERT INTO postmark_events
          (connection_id, identity, received_at, trigger_id, status, event, raw, message_id)
          VALUES ('con_1', 'i', 'now', 'postmark/email-delivered', 'decoded', '{"messageId":"m1"}', '{}', 'm1')`
          const fiber = yield* Effect.forkDaemon(registering)
          // Long enough for a wait that does not stand back.
          yield* Effect.sleep("500 millis")
          return fiber
        }))
        assert.strictEqual((yield* Fiber.join(fiber)).state, "ended")
      }),
    30_000
  )
})
