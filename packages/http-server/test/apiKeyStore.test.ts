import * as ApiKeyStore from "@effect-postmark/http-server/ApiKeyStore"
import * as SqlApiKeyStore from "@effect-postmark/http-server/SqlApiKeyStore"
import * as ApiKeyStoreSuite from "@effect-postmark/http-server/testing/ApiKeyStoreSuite"
import * as PostgresStorage from "@effect-postmark/storage-sql/PostgresStorage"
import * as SqliteStorage from "@effect-postmark/storage-sql/SqliteStorage"
import * as SqlClient from "@effect/sql/SqlClient"
import { assert, describe, it, layer } from "@effect/vitest"
import { Context, Effect, Layer, Option, Redacted } from "effect"
import { databaseOn, server } from "./support/database.ts"
import { temporaryDirectory } from "./support/harness.ts"

const onSqlite = (filename: string) => Layer.provide(SqlApiKeyStore.layer, SqliteStorage.layerClient({ filename }))

const alone = { "in memory": ApiKeyStore.layerMemory, "on SQLite": onSqlite(":memory:") }

for (const [where, store] of Object.entries(alone)) {
  describe(`ApiKeyStore ${where}`, () => {
    for (const [name, program] of Object.entries(ApiKeyStoreSuite.suite)) {
      it.effect(name, () => Effect.provide(program, store))
    }
  })
}

class Postgres extends Context.Tag("test/Postgres")<Postgres, string>() {}

layer(Layer.scoped(Postgres, server), { timeout: "60 seconds" })("ApiKeyStore on PostgreSQL", (it) => {
  for (const [name, program] of Object.entries(ApiKeyStoreSuite.suite)) {
    it.scoped(name, () =>
      Effect.gen(function*() {
        const { url } = yield* databaseOn(yield* Postgres)
        // Built in the test's scope, so that its connections end before the database is dropped.
        const client = PostgresStorage.layerClient({ url: Redacted.make(url) })
        const context = yield* Layer.build(Layer.provide(SqlApiKeyStore.layer, client))
        yield* Effect.provide(program, context)
      }))
  }
})

it.scoped("API keys are there when the file is opened again", () =>
  Effect.gen(function*() {
    const store = onSqlite(`${yield* temporaryDirectory}/keys.db`)
    const key: ApiKeyStore.ApiKeyRecord = {
      id: "key_1",
      name: "key",
      hash: "hash",
      connections: ["con_1"],
      scopes: ["read"],
      rateLimit: 60,
      createdAt: "2026-01-01T00:00:00.000Z",
      expiresAt: "2027-01-01T00:00:00.000Z",
      lastUsedAt: null,
      revokedAt: null
    }
    yield* Effect.provide(Effect.flatMap(ApiKeyStore.ApiKeyStore, (keys) => keys.insert(key)), store)
    const kept = yield* Effect.provide(Effect.flatMap(ApiKeyStore.ApiKeyStore, (keys) => keys.get("key_1")), store)
    assert.deepStrictEqual(kept, Option.some(key))
  }))

it.scoped("a key from before there were scopes has all of them", () =>
  Effect.gen(function*() {
    const context = yield* Layer.build(SqliteStorage.layerClient({ filename: ":memory:" }))
    const sql = Context.get(context, SqlClient.SqlClient)
    const store = yield* Effect.provide(SqlApiKeyStore.make, context)
    yield* sql`INSERT INTO postmark_api_keys (id, name, hash, connections, created_at)
      VALUES ('key_1', 'old', 'hash', '["con_1"]', '2026-01-01T00:00:00.000Z')`
    const stored = Option.getOrThrow(yield* store.get("key_1"))
    assert.deepInclude(stored, { scopes: ["send", "read", "manage"], expiresAt: null, rateLimit: null })
  }))
