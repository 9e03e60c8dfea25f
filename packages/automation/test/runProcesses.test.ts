import * as PostgresServer from "@effect-postmark/storage-sql/testing/PostgresServer"
import { FileSystem } from "@effect/platform"
import { NodeFileSystem } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { inject } from "vitest"
import { killRun, problems } from "./runKills.ts"

const sqliteFile = FileSystem.FileSystem.pipe(
  Effect.flatMap((files) => files.makeTempDirectoryScoped()),
  Effect.map((directory) => `${directory}/runs.db`),
  Effect.provide(NodeFileSystem.layer),
  Effect.orDie
)

const postgresDatabase = Effect.map(
  Effect.acquireRelease(
    Effect.promise(() => PostgresServer.createDatabase(inject("postgresUrl"))),
    ({ drop }) => Effect.promise(drop)
  ),
  ({ url }) => url
)

const cases = {
  SQLite: { place: sqliteFile, workers: 1 },
  PostgreSQL: { place: postgresDatabase, workers: 2 }
}

describe("a bulk run whose processes are killed", () => {
  for (const [name, { place, workers }] of Object.entries(cases)) {
    it.scopedLive(`on ${name} accounts for every message, and sends none twice`, () =>
      Effect.gen(function*() {
        const messages = 2_000
        const report = yield* killRun({
          place: yield* place,
          seed: 20261125,
          messages,
          chunkSize: 50,
          latencyMs: 300,
          kills: 2,
          workers
        })
        assert.deepStrictEqual(problems(report, messages).slice(0, 10), [])
        assert.isAtLeast(report.kills, 1)
        const accepted = report.outcomes.filter(({ state }) => state === "accepted").length
        assert.isAbove(accepted, messages / 2)
      }), 240_000)
  }
})
