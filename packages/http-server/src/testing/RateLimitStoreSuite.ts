/**
 * Tests of a rate limit store: programs that die when the store violates the port.
 *
 * @since 0.1.0
 */
import type { StoreUnavailable } from "@effect-postmark/core/StoreUnavailable"
import { oddTexts, same } from "@effect-postmark/core/testing/PortSuite"
import * as Effect from "effect/Effect"
import { RateLimitStore } from "../RateLimitStore.ts"

/**
 * Programs by what they show. Each needs an empty store.
 *
 * @since 0.1.0
 * @category suites
 */
export const suite: Readonly<Record<string, Effect.Effect<void, StoreUnavailable, RateLimitStore>>> = {
  "takes what is there, and then as much as comes back": Effect.gen(function*() {
    const store = yield* RateLimitStore
    const take = (now: number) => store.take({ name: "key_1", now: start + now, cost: 100, capacity: 300 })
    yield* same("first", yield* take(0), { isTaken: true, fullAt: start + 100 })
    yield* same("second", yield* take(0), { isTaken: true, fullAt: start + 200 })
    yield* same("third", yield* take(0), { isTaken: true, fullAt: start + 300 })
    yield* same("empty", yield* take(0), { isTaken: false, fullAt: start + 300 })
    yield* same("a little early", yield* take(99), { isTaken: false, fullAt: start + 300 })
    yield* same("one came back", yield* take(100), { isTaken: true, fullAt: start + 400 })
    yield* same("empty again", yield* take(100), { isTaken: false, fullAt: start + 400 })
    yield* same("full, and no more than full", yield* take(5_000), { isTaken: true, fullAt: start + 5_100 })
  }),
  "counts each name apart": Effect.gen(function*() {
    const store = yield* RateLimitStore
    for (const name of oddTexts) {
      const take = store.take({ name, now: start, cost: 10, capacity: 10 })
      yield* same("first", (yield* take).isTaken, true)
      yield* same("second", (yield* take).isTaken, false)
    }
  }),
  "takes no more than there is from many at once": Effect.gen(function*() {
    const store = yield* RateLimitStore
    const take = store.take({ name: "key_1", now: start, cost: 10, capacity: 70 })
    const all = yield* Effect.replicateEffect(take, 30, { concurrency: "unbounded" })
    yield* same("taken", all.filter(({ isTaken }) => isTaken).length, 7)
  }),
  "takes on when the limit changes": Effect.gen(function*() {
    const store = yield* RateLimitStore
    const take = (cost: number, now: number) => store.take({ name: "key_1", now: start + now, cost, capacity: 600 })
    yield* same("six in a window", (yield* take(100, 0)).isTaken, true)
    yield* same("one in a window", (yield* take(600, 0)).isTaken, false)
    yield* same("a hundred in a window", (yield* take(6, 0)).isTaken, true)
    yield* same("one, after a window", (yield* take(600, 600)).isTaken, true)
  }),
  "takes when the clock of a process is behind": Effect.gen(function*() {
    const store = yield* RateLimitStore
    const take = (now: number) => store.take({ name: "key_1", now: start + now, cost: 100, capacity: 300 })
    yield* take(200)
    yield* same("behind", yield* take(0), { isTaken: false, fullAt: start + 300 })
    yield* same("caught up", yield* take(100), { isTaken: true, fullAt: start + 400 })
  })
}

/** Microseconds of 2026. */
const start = 1_767_225_600_000_000
