import type { StoreUnavailable } from "@effect-postmark/core/StoreUnavailable"
import * as AuditLog from "@effect-postmark/http-server/AuditLog"
import * as RateLimitStore from "@effect-postmark/http-server/RateLimitStore"
import * as SqlAuditLog from "@effect-postmark/http-server/SqlAuditLog"
import * as SqlRateLimitStore from "@effect-postmark/http-server/SqlRateLimitStore"
import * as AuditLogSuite from "@effect-postmark/http-server/testing/AuditLogSuite"
import * as RateLimitStoreSuite from "@effect-postmark/http-server/testing/RateLimitStoreSuite"
import * as PostgresStorage from "@effect-postmark/storage-sql/PostgresStorage"
import * as SqliteStorage from "@effect-postmark/storage-sql/SqliteStorage"
import { describe, it, layer } from "@effect/vitest"
import { Context, Effect, Layer, Redacted } from "effect"
import { databaseOn, server } from "./support/database.ts"

const sql = Layer.merge(SqlAuditLog.layer, SqlRateLimitStore.layer)
const suites: Readonly<
  Record<string, Effect.Effect<void, StoreUnavailable, AuditLog.AuditLog | RateLimitStore.RateLimitStore>>
> = { ...AuditLogSuite.suite, ...RateLimitStoreSuite.suite }

const alone = {
  "in memory": Layer.merge(AuditLog.layerMemory, RateLimitStore.layerMemory),
  "on SQLite": Layer.provide(sql, SqliteStorage.layerClient({ filename: ":memory:" }))
}

for (const [where, stores] of Object.entries(alone)) {
  describe(`AuditLog and RateLimitStore ${where}`, () => {
    for (const [name, program] of Object.entries(suites)) {
      it.effect(name, () => Effect.provide(program, stores))
    }
  })
}

class Postgres extends Context.Tag("test/Postgres")<Postgres, string>() {}

layer(Layer.scoped(Postgres, server), { timeout: "60 seconds" })("AuditLog and RateLimitStore on PostgreSQL", (it) => {
  for (const [name, program] of Object.entries(suites)) {
    it.scoped(name, () =>
      Effect.gen(function*() {
        const { url } = yield* databaseOn(yield* Postgres)
        // Built in the test's scope, so that its connections end before the database is dropped.
        const client = PostgresStorage.layerClient({ url: Redacted.make(url) })
        yield* Effect.provide(program, yield* Layer.build(Layer.provide(sql, client)))
      }))
  }
})
