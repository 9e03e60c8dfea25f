import * as IdempotencyStore from "@effect-postmark/http-server/IdempotencyStore"
import * as SqlIdempotencyStore from "@effect-postmark/http-server/SqlIdempotencyStore"
import * as IdempotencyStoreSuite from "@effect-postmark/http-server/testing/IdempotencyStoreSuite"
import * as PostgresStorage from "@effect-postmark/storage-sql/PostgresStorage"
import * as SqliteStorage from "@effect-postmark/storage-sql/SqliteStorage"
import { describe, it, layer } from "@effect/vitest"
import { Context, Effect, Layer, Redacted } from "effect"
import { databaseOn, server } from "./support/database.ts"

const onSqlite = (filename: string) => Layer.provide(SqlIdempotencyStore.layer, SqliteStorage.layerClient({ filename }))

const alone = { "in memory": IdempotencyStore.layerMemory, "on SQLite": onSqlite(":memory:") }

for (const [where, store] of Object.entries(alone)) {
  describe(`IdempotencyStore ${where}`, () => {
    for (const [name, program] of Object.entries(IdempotencyStoreSuite.suite)) {
      it.effect(name, () => Effect.provide(program, store))
    }
  })
}

class Postgres extends Context.Tag("test/Postgres")<Postgres, string>() {}

layer(Layer.scoped(Postgres, server), { timeout: "60 seconds" })("IdempotencyStore on PostgreSQL", (it) => {
  for (const [name, program] of Object.entries(IdempotencyStoreSuite.suite)) {
    it.scoped(name, () =>
      Effect.gen(function*() {
        const { url } = yield* databaseOn(yield* Postgres)
        // Built in the test's scope, so that its connections end before the database is dropped.
        const client = PostgresStorage.layerClient({ url: Redacted.make(url) })
        const context = yield* Layer.build(Layer.provide(SqlIdempotencyStore.layer, client))
        yield* Effect.provide(program, context)
      }))
  }
})
