/** A PostgreSQL database of its own for a test, dropped with the scope. */
import * as PostgresServer from "@effect-postmark/storage-sql/testing/PostgresServer"
import { Effect, Redacted } from "effect"
import { inject } from "vitest"

export const database = Effect.acquireRelease(
  Effect.promise(() => PostgresServer.createDatabase(inject("postgresUrl"))),
  ({ drop }) => Effect.promise(drop)
).pipe(Effect.map(({ url }) => ({ url: Redacted.make(url) })))
