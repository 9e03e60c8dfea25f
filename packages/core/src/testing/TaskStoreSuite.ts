/**
 * Tests of a store of tasks: programs that die when the store violates the port.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { ConnectionId } from "../Ids.ts"
import type { StoreUnavailable } from "../StoreUnavailable.ts"
import { kept, type TaskRecord, TaskStore } from "../TaskStore.ts"
import { oddTexts, same } from "./PortSuite.ts"

/**
 * Programs by what they show. Each needs an empty store.
 *
 * @since 0.1.0
 * @category suites
 */
export const suite: Readonly<Record<string, Effect.Effect<void, StoreUnavailable, TaskStore>>> = {
  "lists what was saved of a kind and a connection, the newest first": Effect.gen(function*() {
    const store = yield* TaskStore
    yield* same("none", yield* store.list({ ...ours, limit: 10 }), [])
    const records = ["z", "a", "m"].map((id) => record(id))
    for (const one of records) yield* store.save(one)
    yield* store.save(record("other", { connectionId: ConnectionId.make("con_2") }))
    yield* store.save(record("pass", { kind: "retention", connectionId: null }))
    yield* same("all", yield* store.list({ ...ours, limit: 10 }), records.toReversed())
    yield* same("one", yield* store.list({ ...ours, limit: 1 }), records.slice(-1))
    yield* same("no limit", yield* store.list({ ...ours, limit: 0 }), [])
    const passes = yield* store.list({ kind: "retention", connectionId: null, limit: 10 })
    yield* same("without a connection", passes.map(({ id }) => id), ["pass"])
    yield* same("get", yield* store.get("a"), Option.some(record("a")))
    yield* same("get nothing", yield* store.get("b"), Option.none())
  }),
  "replaces the record with the same id, in its place": Effect.gen(function*() {
    const store = yield* TaskStore
    yield* store.save(record("a"))
    yield* store.save(record("b"))
    const finished = record("a", { finishedAt: "2026-01-01T00:00:01.000Z", report: `{"scanned":1}`, failure: "X" })
    yield* store.save(finished)
    yield* same("both", yield* store.list({ ...ours, limit: 10 }), [record("b"), finished])
  }),
  "keeps the newest of each kind and connection": Effect.gen(function*() {
    const store = yield* TaskStore
    yield* store.save(record("other", { connectionId: ConnectionId.make("con_2") }))
    for (let at = 0; at <= kept; at++) yield* store.save(record(`${at}`))
    const all = yield* store.list({ ...ours, limit: kept * 2 })
    yield* same("ours", [all.length, all.at(-1)?.id], [kept, "1"])
    yield* same("gone", yield* store.get("0"), Option.none())
    yield* same("the other", Option.isSome(yield* store.get("other")), true)
  }),
  "keeps odd texts": Effect.gen(function*() {
    const store = yield* TaskStore
    for (const text of oddTexts) {
      yield* store.save(record("a", { report: text, failure: text }))
      yield* same("record", yield* store.get("a"), Option.some(record("a", { report: text, failure: text })))
    }
  })
}

const ours = { kind: "gapFill", connectionId: "con_1" } as const

const record = (id: string, fields: Partial<TaskRecord> = {}): TaskRecord => ({
  id,
  kind: "gapFill",
  connectionId: ConnectionId.make("con_1"),
  startedAt: "2026-01-01T00:00:00.000Z",
  finishedAt: null,
  report: null,
  failure: null,
  ...fields
})
