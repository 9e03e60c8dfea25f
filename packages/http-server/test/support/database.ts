/** PostgreSQL for a test: a server, and databases of their own on it, dropped with the scope. */
import * as PostgresServer from "@effect-postmark/storage-sql/testing/PostgresServer"
import { Effect } from "effect"

/** The server that the environment names, or one that is started; its url. */
export const server = Effect.gen(function*() {
  const given = process.env["EFFECT_POSTMARK_TEST_DATABASE_URL"] ?? ""
  if (given !== "") return given
  const { url } = yield* Effect.acquireRelease(
    Effect.promise(() => PostgresServer.start(process.env["PATH"] ?? "")),
    ({ stop }) => Effect.promise(stop)
  )
  return url
})

export const databaseOn = (url: string) =>
  Effect.acquireRelease(
    Effect.promise(() => PostgresServer.createDatabase(url)),
    ({ drop }) => Effect.promise(drop)
  )

export const database = Effect.flatMap(server, databaseOn)
