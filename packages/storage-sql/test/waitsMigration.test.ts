import * as SqlClient from "@effect/sql/SqlClient"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema, type Scope } from "effect"
import { ports } from "../src/internal/migrations/ports.ts"
import { waits } from "../src/internal/migrations/waits.ts"
import * as PostgresDatabase from "../src/internal/postgresDatabase.ts"
import * as SqliteFile from "../src/internal/sqliteFile.ts"
import { database } from "./postgres/database.ts"

const clients: Readonly<Record<string, Effect.Effect<SqlClient.SqlClient, never, Scope.Scope>>> = {
  SQLite: Effect.orDie(SqliteFile.openEmpty(":memory:", "1 second")),
  PostgreSQL: Effect.flatMap(database, ({ url }) =>
    Effect.orDie(
      PostgresDatabase.connect({ url, maxConnections: 2, connectTimeout: "5 seconds", statementTimeout: "5 seconds" })
    ))
}

const decode = Schema.decodeUnknownSync(
  Schema.Array(Schema.Struct({
    identity: Schema.String,
    message_id: Schema.NullOr(Schema.String),
    recipient: Schema.NullOr(Schema.String)
  }))
)

describe("the migration for waits", () => {
  for (const [name, client] of Object.entries(clients)) {
    it.scoped(`fills in what stored events are about on ${name}`, () =>
      Effect.gen(function*() {
        const sql = yield* client
        yield* Effect.provideService(ports, SqlClient.SqlClient, sql)
        const event = (identity: string, status: string, event: string | null) => ({
          connection_id: "con_1",
          identity,
          received_at: "2026-01-01T00:00:00.000Z",
          status,
          event,
          raw: "{}"
        })
        yield* sql`INSERT INTO postmark_events ${
          sql.insert([
            event("a", "decoded", JSON.stringify({ messageId: "m1", recipient: "ann@example.com" })),
            event("b", "decoded", JSON.stringify({ from: { email: "bob\u0000@example.com" } })),
            event("c", "partial", null),
            event("d", "decoded", JSON.stringify({ messageId: "m\u0000", recipient: "x".repeat(10_000) }))
          ])
        }`
        yield* Effect.provideService(waits, SqlClient.SqlClient, sql)
        const [a, b, c, d] = decode(
          yield* sql`SELECT identity, message_id, recipient FROM postmark_events ORDER BY sequence`
        )
        assert.deepStrictEqual(a, { identity: "a", message_id: "m1", recipient: "ann@example.com" })
        assert.deepStrictEqual(b, { identity: "b", message_id: null, recipient: null })
        assert.deepStrictEqual(c, { identity: "c", message_id: null, recipient: null })
        assert.strictEqual(d?.recipient?.length, 255)
      }))
  }
})
