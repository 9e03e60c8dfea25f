import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { type Fault, faults, simulate } from "./simulation/world.ts"

/** `SIMULATION_SEED=42 vitest run test/simulation.test.ts` replays one seed. */
const given = process.env["SIMULATION_SEED"]
const seeds = given === undefined
  ? Array.from({ length: Number(process.env["SIMULATION_SEEDS"] ?? 1_000) }, (_, index) => index + 1)
  : [Number(given)]

describe("the receiver, the log and the relay", () => {
  it.live(
    `lose and repeat nothing that they promise, whatever fails, in ${seeds.length} simulated worlds`,
    () =>
      Effect.gen(function*() {
        const struck = new Map<Fault, number>()
        const failures: Array<string> = []
        let events = 0
        for (const seed of seeds) {
          const world = yield* Effect.promise(() => simulate(seed))
          events += world.events
          for (const [fault, count] of world.struck) struck.set(fault, (struck.get(fault) ?? 0) + count)
          failures.push(...world.problems.map((problem) => `seed ${seed}: ${problem}`))
        }
        console.log(`${seeds.length} worlds, ${events} events`, Object.fromEntries(struck))
        assert.deepStrictEqual(failures, [])
        // A simulation in which nothing fails shows nothing.
        if (given === undefined) { for (const fault of faults) assert.isAtLeast(struck.get(fault) ?? 0, 10, fault) }
      }),
    600_000
  )
})
