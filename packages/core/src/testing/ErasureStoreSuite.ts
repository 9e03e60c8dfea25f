/**
 * Tests of a store of erasures: programs that die when the store violates the port.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import { type ErasureRecord, ErasureStore } from "../ErasureStore.ts"
import { ConnectionId } from "../Ids.ts"
import type { StoreUnavailable } from "../StoreUnavailable.ts"
import { oddTexts, same } from "./PortSuite.ts"

/**
 * Programs by what they show. Each needs an empty store.
 *
 * @since 0.1.0
 * @category suites
 */
export const suite: Readonly<Record<string, Effect.Effect<void, StoreUnavailable, ErasureStore>>> = {
  "lists what was saved, the newest first": Effect.gen(function*() {
    const store = yield* ErasureStore
    yield* same("none", yield* store.list(10), [])
    const records = ["z", "a", "m"].map((id) => record(id))
    for (const one of records) yield* store.save(one)
    yield* same("all", yield* store.list(10), records.toReversed())
    yield* same("one", yield* store.list(1), records.slice(-1))
    yield* same("no limit", yield* store.list(0), [])
  }),
  "replaces the record with the same id, in its place": Effect.gen(function*() {
    const store = yield* ErasureStore
    yield* store.save(record("a"))
    yield* store.save(record("b", { connectionId: null }))
    const finished = record("a", {
      finishedAt: "2026-01-01T00:00:01.000Z",
      changed: { events: 2 ** 40, quarantine: 0 }
    })
    yield* store.save(finished)
    yield* same("both", yield* store.list(10), [record("b", { connectionId: null }), finished])
  }),
  "keeps odd names of kinds": Effect.gen(function*() {
    const store = yield* ErasureStore
    const changed = Object.fromEntries(oddTexts.map((text, at) => [`${at}${text.slice(0, 100)}`, at]))
    yield* store.save(record("a", { changed }))
    yield* same("kinds", yield* store.list(1), [record("a", { changed })])
  })
}

const record = (id: string, fields: Partial<ErasureRecord> = {}): ErasureRecord => ({
  id,
  connectionId: ConnectionId.make("con_1"),
  startedAt: "2026-01-01T00:00:00.000Z",
  finishedAt: null,
  changed: {},
  ...fields
})
