/** One suite, three ways: the double answers the same in process, through fetch and over a socket. */
import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { runCase } from "./case.ts"
import { cases } from "./cases.ts"
import { table } from "./table.ts"
import { makeWorld, transcript, transportHeaders, ways } from "./wire.ts"

for (const way of ways) {
  describe(way.name, () => {
    for (const item of cases) {
      it.scoped(item.name, () => Effect.flatMap(makeWorld(way, item.options ?? {}), (world) => runCase(item, world)))
    }
  })
}

it("calls every endpoint of the double's table", () => {
  expect(table.length).toBeGreaterThan(80)
  expect([...new Set(cases.flatMap(({ endpoints }) => endpoints))].sort()).toEqual([...table].sort())
})

describe("the same calls twice, and in every way", () => {
  for (const item of cases) {
    it.effect(`give the same bytes: ${item.name}`, () =>
      Effect.gen(function*() {
        const run = (way: typeof ways[number]) =>
          Effect.scoped(Effect.gen(function*() {
            const world = yield* makeWorld(way, item.options ?? {})
            yield* runCase(item, world)
            return world.exchanges
          }))
        const texts: Array<string> = []
        for (const way of ways) {
          const [first, second] = [yield* run(way), yield* run(way)]
          expect(transcript(second, ["date"]), way.name).toBe(transcript(first, ["date"]))
          texts.push(transcript(first, transportHeaders))
          // In the process there is no transport, so nothing is left out.
          if (way.name !== "over a socket") expect(transcript(first)).toBe(transcript(first, transportHeaders))
        }
        expect(texts[1]).toBe(texts[0])
        expect(texts[2]).toBe(texts[0])
        expect(texts[0]?.length).toBeGreaterThan(500)
      }))
  }
})
