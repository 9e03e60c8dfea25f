/** `npm run kill:server -- [kills] [seed] [sqlite|postgres]`: the kill harness, with its counts printed. */
import { Effect } from "effect"
import { database } from "./database.ts"
import { harness } from "./killHarness.ts"

const [kills = "200", seed = String(Date.now()), store = "sqlite"] = process.argv.slice(2)

const program = Effect.gen(function*() {
  const databaseUrl = store === "postgres" ? (yield* database).url : undefined
  console.log(`seed ${seed}, ${kills} kills, ${store}`)
  const counts = yield* harness({ kills: Number(kills), seed, databaseUrl, report: (line) => console.log(line) })
  console.log(JSON.stringify(counts))
  const { badSignatures, deliveries, lost, notRelayed, stored, storedTwice } = counts
  return lost + storedTwice + notRelayed + badSignatures === 0 && deliveries === stored * 2
})

process.exitCode = await Effect.runPromise(Effect.scoped(program)) ? 0 : 1
