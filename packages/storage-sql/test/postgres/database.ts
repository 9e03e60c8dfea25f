/** A database of its own for a test, dropped with the scope. */
import { Effect, Redacted } from "effect"
import { randomUUID } from "node:crypto"
import * as Pg from "pg"
import { inject } from "vitest"

const administer = async (statement: string): Promise<void> => {
  const client = new Pg.Client({ connectionString: inject("postgresUrl") })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}

export const database = Effect.acquireRelease(
  Effect.promise(async () => {
    const name = `test_${randomUUID().replaceAll("-", "")}`
    await administer(`CREATE DATABASE ${name} TEMPLATE template0 ENCODING 'UTF8'`)
    const url = new URL(inject("postgresUrl"))
    url.pathname = `/${name}`
    return { name, url: Redacted.make(url.href) }
  }),
  ({ name }) => Effect.promise(() => administer(`DROP DATABASE ${name} WITH (FORCE)`))
)
