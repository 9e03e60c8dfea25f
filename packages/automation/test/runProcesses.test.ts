import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { postgresDatabase, sqliteFile } from "./places.ts"
import { killRun, problems } from "./runKills.ts"

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
