import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { database } from "./support/database.ts"
import { harness } from "./support/killHarness.ts"

/** `npm run kill:server` kills more often, and prints its seed; `KILL_SEED` repeats a schedule. */
const kills = 25
const seed = process.env["KILL_SEED"] ?? String(Date.now())

const stores = {
  SQLite: Effect.succeed(undefined),
  PostgreSQL: Effect.map(database, ({ url }) => url)
}

describe(`SIGKILL under load, seed ${seed}`, () => {
  for (const [name, place] of Object.entries(stores)) {
    it.scopedLive(`loses nothing on ${name}, and relays every event, in ${kills} kills`, () =>
      Effect.gen(function*() {
        const counts = yield* harness({ kills, seed, databaseUrl: yield* place, report: () => {} })
        assert.deepInclude(counts, {
          lost: 0,
          storedTwice: 0,
          deliveries: counts.stored * 2,
          notRelayed: 0,
          badSignatures: 0
        })
        // Otherwise nothing was tried.
        assert.isAtLeast(counts.acknowledged, kills)
      }), 600_000)
  }
})
