/**
 * Tests of a cursor store: programs that die when the store violates the port.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import { CursorStore } from "../CursorStore.ts"
import type { StoreUnavailable } from "../StoreUnavailable.ts"
import { oddTexts, same } from "./PortSuite.ts"

/**
 * Programs by what they show. Each needs an empty store.
 *
 * @since 0.1.0
 * @category suites
 */
export const suite: Readonly<Record<string, Effect.Effect<void, StoreUnavailable, CursorStore>>> = {
  "is 0 for a new subscriber": Effect.gen(function*() {
    const store = yield* CursorStore
    yield* same("the cursor", yield* store.get("a"), 0)
  }),
  "moves forward only, each subscriber by itself": Effect.gen(function*() {
    const store = yield* CursorStore
    yield* store.advance("a", 5)
    yield* store.advance("a", 3)
    yield* same("after a lower number", yield* store.get("a"), 5)
    yield* store.advance("a", 5)
    yield* store.advance("b", 1)
    yield* store.advance("a", 6)
    yield* same("a", yield* store.get("a"), 6)
    yield* same("b", yield* store.get("b"), 1)
    yield* same("another case", yield* store.get("A"), 0)
  }),
  "ends at the highest of many at once": Effect.gen(function*() {
    const store = yield* CursorStore
    const numbers = Array.from({ length: 50 }, (_, index) => (index * 37) % 50 + 1)
    yield* Effect.forEach(numbers, (number) => store.advance("a", number), { concurrency: "unbounded", discard: true })
    yield* same("the cursor", yield* store.get("a"), 50)
  }),
  "keeps large numbers and odd names": Effect.gen(function*() {
    const store = yield* CursorStore
    for (const [index, name] of oddTexts.entries()) yield* store.advance(name, Number.MAX_SAFE_INTEGER - index)
    for (const [index, name] of oddTexts.entries()) {
      yield* same("the cursor", yield* store.get(name), Number.MAX_SAFE_INTEGER - index)
    }
  })
}
