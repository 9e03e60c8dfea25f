/**
 * Tests of a sweep store: programs that die when the store violates the port.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import type { StoreUnavailable } from "../StoreUnavailable.ts"
import { never, SweepStore } from "../SweepStore.ts"
import { same } from "./PortSuite.ts"

/**
 * Programs by what they show. Each needs an empty store.
 *
 * @since 0.1.0
 * @category suites
 */
export const suite: Readonly<Record<string, Effect.Effect<void, StoreUnavailable, SweepStore>>> = {
  "has no marks for a connection that was never swept": Effect.gen(function*() {
    const store = yield* SweepStore
    yield* same("the state", yield* store.get("con_1"), never)
  }),
  "gives a connection to one lease at a time": Effect.gen(function*() {
    const store = yield* SweepStore
    const claim = (lease: string, now: number, connectionId = "con_1") =>
      store.claim({ connectionId, lease, now, leaseUntil: now + 100 })
    yield* same("the first", yield* claim("a", 1_000), true)
    yield* same("another", yield* claim("b", 1_050), false)
    yield* same("another connection", yield* claim("b", 1_050, "con_2"), true)
    yield* same("the same again", yield* claim("a", 1_050), true)
    yield* same("another, before the new end", yield* claim("b", 1_149), false)
    yield* same("another, at the end", yield* claim("b", 1_150), true)
    yield* same("the first, too late", yield* claim("a", 1_151), false)
    yield* same("the end", (yield* store.get("con_1")).leaseUntil, 1_250)
    yield* store.release({ connectionId: "con_1", lease: "a", sweptAt: 5 })
    yield* same("not released by another", yield* claim("c", 1_200), false)
    yield* store.release({ connectionId: "con_1", lease: "b", sweptAt: null })
    yield* same("released", yield* store.get("con_1"), never)
    yield* same("claimed after the release", yield* claim("c", 1_200), true)
  }),
  "gives a connection to one of many at once": Effect.gen(function*() {
    const store = yield* SweepStore
    const leases = Array.from({ length: 30 }, (_, index) => `lease-${index}`)
    const claimed = yield* Effect.forEach(
      leases,
      (lease) => store.claim({ connectionId: "con_1", lease, now: 1_000, leaseUntil: 2_000 }),
      { concurrency: "unbounded" }
    )
    yield* same("claimed", claimed.filter((one) => one).length, 1)
  }),
  "moves marks forward only, each kind by itself, under the lease": Effect.gen(function*() {
    const store = yield* SweepStore
    const advance = (kind: "bounces" | "opens", through: number, lease = "a") =>
      store.advance({ connectionId: "con_1", lease, kind, through })
    yield* same("without a lease", yield* advance("bounces", 5), false)
    yield* store.claim({ connectionId: "con_1", lease: "a", now: 0, leaseUntil: 100 })
    yield* same("with it", yield* advance("bounces", 1_700_000_000_000), true)
    yield* same("a lower mark", yield* advance("bounces", 3), true)
    yield* same("another kind", yield* advance("opens", 0), true)
    yield* same("another lease", yield* advance("opens", 9, "b"), false)
    yield* same("the marks", (yield* store.get("con_1")).marks, { bounces: 1_700_000_000_000, opens: 0 })
    yield* same("of another connection", yield* store.get("con_2"), never)
  }),
  "keeps when the last complete sweep began": Effect.gen(function*() {
    const store = yield* SweepStore
    for (const sweptAt of [1_000, null, 2_000, null]) {
      yield* store.claim({ connectionId: "con_1", lease: "a", now: 0, leaseUntil: 100 })
      yield* store.release({ connectionId: "con_1", lease: "a", sweptAt })
    }
    yield* same("the last", (yield* store.get("con_1")).sweptAt, 2_000)
  })
}
