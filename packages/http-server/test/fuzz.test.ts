import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { fuzz } from "./support/fuzz/fuzz.ts"

// `npm run fuzz:http -- 20000 <seed>` is the long run.
it.scopedLive("answers random requests as documented, never with a 5xx and never late", () =>
  Effect.gen(function*() {
    const { byStatus, failures, operations, succeeded } = yield* fuzz({ requests: 1_000, seed: 20_261_125 })
    assert.deepStrictEqual(failures, [])
    assert.isAbove(succeeded.length, operations / 2)
    for (const status of ["200", "201", "204", "400", "401", "404", "422"]) assert.property(byStatus, status)
  }), 240_000)
