/** A SQLite file, or a PostgreSQL database, that ends with the scope. */
import * as PostgresServer from "@effect-postmark/storage-sql/testing/PostgresServer"
import { FileSystem } from "@effect/platform"
import { NodeFileSystem } from "@effect/platform-node"
import { Effect } from "effect"
import { inject } from "vitest"

export const sqliteFile = FileSystem.FileSystem.pipe(
  Effect.flatMap((files) => files.makeTempDirectoryScoped()),
  Effect.map((directory) => `${directory}/test.db`),
  Effect.provide(NodeFileSystem.layer),
  Effect.orDie
)

/** Its address. */
export const postgresDatabase = Effect.map(
  Effect.acquireRelease(
    Effect.promise(() => PostgresServer.createDatabase(inject("postgresUrl"))),
    ({ drop }) => Effect.promise(drop)
  ),
  ({ url }) => url
)
