/** A SQLite file, or a PostgreSQL database, that ends with the scope. */
import { FileSystem } from "@effect/platform"
import { NodeFileSystem } from "@effect/platform-node"
import { Effect } from "effect"
import { randomUUID } from "node:crypto"
import * as Pg from "pg"
import { inject } from "vitest"

export const sqliteFile = FileSystem.FileSystem.pipe(
  Effect.flatMap((files) => files.makeTempDirectoryScoped()),
  Effect.map((directory) => `${directory}/test.db`),
  Effect.provide(NodeFileSystem.layer),
  Effect.orDie
)

const administer = (statement: string) =>
  Effect.promise(async () => {
    const client = new Pg.Client({ connectionString: inject("postgresUrl") })
    await client.connect()
    await client.query(statement).finally(() => client.end())
  })

export const postgresDatabase = Effect.gen(function*() {
  const name = `automation_${randomUUID().replaceAll("-", "")}`
  yield* Effect.acquireRelease(
    administer(`CREATE DATABASE ${name} TEMPLATE template0 ENCODING 'UTF8'`),
    () => administer(`DROP DATABASE ${name} WITH (FORCE)`)
  )
  const url = new URL(inject("postgresUrl"))
  url.pathname = `/${name}`
  return url.href
})
