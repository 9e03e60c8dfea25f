/**
 * What a store of bulk runs must do: programs that die when it does not.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { type Run, type RunOutcome } from "../BulkRun.ts"
import { ConnectionId } from "../Ids.ts"
import { type Next, RunStore } from "../RunStore.ts"
import type { StoreUnavailable } from "../StoreUnavailable.ts"
import { oddTexts, same } from "./PortSuite.ts"

/**
 * Programs by what they show. Each needs an empty store.
 *
 * @since 0.1.0
 * @category suites
 */
export const suite: Readonly<Record<string, Effect.Effect<void, StoreUnavailable, RunStore>>> = {
  "keeps runs, one for a connection and a key": Effect.gen(function*() {
    const store = yield* RunStore
    const a = run("a", { key: "k", name: oddTexts.join("\n"), resendUnknownAfterMs: 5 })
    const noKey = run("c", { callName: null, indexName: null, kind: "template" })
    yield* same("insert", yield* store.insert(a, loader), true)
    yield* same("the same key", yield* store.insert(run("b", { key: "k" }), loader), false)
    yield* same("the same id", yield* store.insert(run("a"), loader), false)
    yield* same("no key", yield* store.insert(noKey, loader), true)
    yield* same("no key again", yield* store.insert(run("d"), loader), true)
    yield* same("another connection", yield* store.insert(run("e", { key: "k", connectionId: con2 }), loader), true)
    yield* same("get", yield* store.get("a"), Option.some(a))
    yield* same("get nothing", yield* store.get("b"), Option.none())
    yield* same("by key", Option.map(yield* store.findByKey("con_1", "k"), ({ id }) => id), Option.some("a"))
    yield* same("by another key", yield* store.findByKey("con_1", "x"), Option.none())
    const ids = (runs: ReadonlyArray<Run>) => runs.map(({ id }) => id)
    yield* same("list", ids(yield* store.list({ limit: 10 })), ["e", "d", "c", "a"])
    yield* same("a page", ids(yield* store.list({ limit: 2, before: "e" })), ["d", "c"])
    yield* same("of a connection", ids(yield* store.list({ limit: 10, connectionId: "con_1" })), ["d", "c", "a"])
    yield* same("nothing", yield* store.list({ limit: 0 }), [])
    yield* same("after an unknown run", yield* store.list({ limit: 2, before: "x" }), [])
  }),
  "takes chunks only from the loader that has the lease": Effect.gen(function*() {
    const store = yield* RunStore
    yield* store.insert(run("a"), loader)
    yield* same("ours", yield* store.append({ ...own, leaseUntil: 200 }, chunk(0)), true)
    yield* same("another's", yield* store.append({ ...own, lease: "x" }, chunk(1)), false)
    yield* same("loading", Option.getOrThrow(yield* store.get("a")).messages, 2)
    yield* same("nothing to send yet", yield* store.due, [])
    yield* same("kept", yield* store.keepLoading({ ...own, leaseUntil: 300 }), true)
    yield* same("not another's", yield* store.keepLoading({ ...own, lease: "x" }), false)
    yield* same("too early", yield* store.discard({ runId: "a", lease: null, now: 300 }), false)
    yield* same("not another's to begin", yield* store.loaded({ runId: "a", lease: "x", at: 5 }), false)
    yield* same("begins", yield* store.loaded({ runId: "a", lease: "L", at: 5 }), true)
    yield* same("begins once", yield* store.loaded({ runId: "a", lease: "L", at: 6 }), false)
    yield* same("no chunk after that", yield* store.append(own, chunk(1)), false)
    yield* same("not discarded", yield* store.discard({ runId: "a", lease: "L", now: 1_000 }), false)
    const { messages, startedAt, state } = Option.getOrThrow(yield* store.get("a"))
    yield* same("running", [messages, startedAt, state], [2, 5, "running"])
  }),
  "discards what broke off while it was loading": Effect.gen(function*() {
    const store = yield* RunStore
    yield* store.insert(run("a", { key: "k" }), loader)
    yield* store.append(own, chunk(0))
    yield* same("by its lease", yield* store.discard({ runId: "a", lease: "L", now: 0 }), true)
    yield* same("the key is free", yield* store.insert(run("b", { key: "k" }), loader), true)
    yield* same("after the lease", yield* store.discard({ runId: "b", lease: null, now: 101 }), true)
    yield* same("gone", yield* store.list({ limit: 9 }), [])
    yield* same("its loader learns of it", yield* store.append({ ...own, runId: "b" }, chunk(0)), false)
  }),
  "completes a run that has nothing to send": Effect.gen(function*() {
    const store = yield* RunStore
    yield* store.insert(run("a"), loader)
    yield* store.append(own, { ...chunk(0), items: "\n", outcomes: [0, 1].map(rejected) })
    yield* store.loaded({ runId: "a", lease: "L", at: 5 })
    const { finishedAt, state } = Option.getOrThrow(yield* store.get("a"))
    yield* same("over", [state, finishedAt], ["completed", 5])
    yield* same("counts", yield* store.counts("a", 0), { ...zero, messages: 2, rejected: 2 })
  }),
  "claims chunks in order, as many at once as it may": Effect.gen(function*() {
    const store = yield* RunStore
    yield* load(3)
    const first = Option.getOrThrow(yield* claim(10, "s1"))
    yield* same("the first", [first.index, first.firstIndex, first.attempt, first.sentSince], [0, 0, 1, 10])
    yield* same("its lines", first.items, chunk(0).items)
    yield* same("no second one", yield* claim(11, "s2"), Option.none())
    const second = Option.getOrThrow(yield* claim(11, "s2", 2))
    yield* same("the next", second.index, 1)
    yield* same("in flight", (yield* store.counts("a", 0)).inDoubt, 4)
    const [due] = yield* store.due
    yield* same("due", [due?.sendAt, due?.checkAt, due?.failures], [0, 60, 0])
  }),
  "settles an answer once, and finishes with the last chunk": Effect.gen(function*() {
    const store = yield* RunStore
    yield* load(2)
    yield* claim(10, "s1")
    yield* same("another attempt's", yield* settle(0, 2, [0, 1].map(accepted)), false)
    yield* same("settled", yield* settle(0, 1, [accepted(0), rejected(1)], { state: "done" }, 20), true)
    yield* same("settled before", yield* settle(0, 1, []), false)
    yield* same("nothing to renew", yield* store.renew({ ...sender("s1"), chunk: 0 }), false)
    yield* claim(21, "s2")
    const unknown = (index: number): RunOutcome => ({ index, state: "unknown" })
    yield* settle(1, 1, [unknown(2), accepted(3)], { state: "done" }, 30)
    const { finishedAt, state } = Option.getOrThrow(yield* store.get("a"))
    yield* same("over", [state, finishedAt], ["completed", 30])
    yield* same("counts", yield* store.counts("a", 25), {
      ...zero,
      messages: 4,
      accepted: 2,
      rejected: 1,
      unknown: 1,
      settledSince: 2
    })
    const all = { runId: "a", after: -1, limit: 100 }
    const outcomes = [accepted(0), rejected(1), unknown(2), accepted(3)]
    yield* same("outcomes", yield* store.outcomes(all), outcomes)
    yield* same("a page", yield* store.outcomes({ ...all, after: 0, limit: 2 }), outcomes.slice(1, 3))
    yield* same("accepted ones", yield* store.outcomes({ ...all, states: ["accepted"] }), [accepted(0), accepted(3)])
    yield* same("the rest", yield* store.outcomes({ ...all, states: ["unknown", "rejected"] }), outcomes.slice(1, 3))
    yield* same("none of no state", yield* store.outcomes({ ...all, states: [] }), [])
    yield* same("nothing is due", yield* store.due, [])
  }),
  "gives a chunk back with what it knows, and waits": Effect.gen(function*() {
    const store = yield* RunStore
    yield* load(1)
    yield* claim(10, "s1")
    yield* settle(0, 1, [accepted(0)], { state: "pending", dueAt: 500 })
    const [due] = yield* store.due
    yield* same("due", [due?.sendAt, due?.checkAt, due?.failures], [500, null, 1])
    yield* same("too early", yield* claim(499, "s2"), Option.none())
    const again = Option.getOrThrow(yield* claim(500, "s2"))
    yield* same("again", [again.attempt, again.sentSince, again.outcomes], [2, 10, [accepted(0)]])
    yield* same("lines", again.items, chunk(0).items)
    yield* settle(0, 2, [accepted(0), accepted(1)])
    yield* same("over", Option.getOrThrow(yield* store.get("a")).state, "completed")
  }),
  "takes a chunk over when its lease ends, and a late answer still counts": Effect.gen(function*() {
    const store = yield* RunStore
    yield* load(1)
    yield* claim(10, "s1")
    yield* same("not yet", yield* check(59, "c1"), Option.none())
    yield* same("renewed", yield* store.renew({ ...sender("s1"), leaseUntil: 90, chunk: 0 }), true)
    yield* same("still not", yield* check(89, "c1"), Option.none())
    yield* same("never claimed to be sent again", yield* claim(95, "s2"), Option.none())
    const taken = Option.getOrThrow(yield* check(95, "c1"))
    yield* same("taken over", [taken.attempt, taken.sentSince, taken.unknownSince, taken.searches], [1, 10, 95, 0])
    yield* same("lost", yield* store.renew({ ...sender("s1"), chunk: 0 }), false)
    yield* same("claimed once", yield* check(96, "c2"), Option.none())
    yield* same("the answer", yield* settle(0, 1, [0, 1].map(accepted)), true)
    yield* same("then no search", yield* settle(0, 1, [], { state: "done" }, 99, "c1"), false)
    yield* same("over", Option.getOrThrow(yield* store.get("a")).state, "completed")
  }),
  "looks a chunk up under a lease, and can send it once more": Effect.gen(function*() {
    const store = yield* RunStore
    yield* load(1)
    yield* claim(10, "s1")
    const checking: Next = { state: "checking", dueAt: 100, searches: 0, unknownSince: 20, resent: false }
    yield* settle(0, 1, [accepted(0), { index: 1, state: "unknown" }], checking)
    const final = store.outcomes({ runId: "a", after: -1, limit: 9 })
    yield* same("what is open is no outcome", yield* final, [accepted(0)])
    yield* same("not yet", yield* check(99, "c1"), Option.none())
    const taken = Option.getOrThrow(yield* check(100, "c1"))
    yield* same("taken", [taken.unknownSince, taken.searches, taken.resent], [20, 0, false])
    yield* same("not another's", yield* store.beginResend({ ...sender("x"), chunk: 0 }), false)
    yield* settle(0, 1, taken.outcomes, { ...checking, dueAt: 150, searches: 1 }, 110, "c1")
    yield* same("searched", Option.getOrThrow(yield* check(150, "c2")).searches, 1)
    yield* same("sent again", yield* store.beginResend({ ...sender("c2"), chunk: 0 }), true)
    yield* same("the first answer is too late", yield* settle(0, 1, [0, 1].map(accepted)), false)
    const over = Option.getOrThrow(yield* check(200, "c3"))
    yield* same("taken over", [over.attempt, over.resent, over.unknownSince, over.searches], [2, true, 20, 0])
    yield* settle(0, 2, [accepted(0), { index: 1, state: "unknown", possiblyDuplicate: true }], undefined, 210, "c3")
    yield* same("final", (yield* final).length, 2)
  }),
  "pauses, resumes and cancels": Effect.gen(function*() {
    const store = yield* RunStore
    yield* load(3)
    yield* same("resume what runs", yield* store.resume("a"), false)
    yield* claim(10, "s1")
    const why = { reason: "account", detail: "no credits" } as const
    yield* same("pause", yield* store.pause("a", why), true)
    yield* same("pause again", yield* store.pause("a", { reason: "manual", detail: null }), false)
    const paused = Option.getOrThrow(yield* store.get("a"))
    yield* same("reason", [paused.state, paused.pauseReason, paused.pauseDetail], ["paused", "account", "no credits"])
    yield* same("claims nothing", yield* claim(11, "s2", 9), Option.none())
    yield* settle(0, 1, [accepted(0)], { state: "pending", dueAt: 10_000 })
    yield* same("resume", yield* store.resume("a"), true)
    yield* same("at once", Option.map(yield* claim(12, "s2"), ({ index }) => index), Option.some(0))
    yield* same("cancel", yield* store.cancel("a", 13), true)
    yield* same("cancel again", yield* store.cancel("a", 14), false)
    yield* same("resume what is cancelled", yield* store.resume("a"), false)
    yield* same("not over", Option.getOrThrow(yield* store.get("a")).finishedAt, null)
    yield* settle(0, 2, [accepted(0)], { state: "pending", dueAt: 20 }, 15)
    const cancelled = Option.getOrThrow(yield* store.get("a"))
    yield* same("over", [cancelled.state, cancelled.finishedAt], ["cancelled", 15])
    yield* same("counts", yield* store.counts("a", 0), { ...zero, messages: 6, accepted: 1, notSent: 5 })
    const outcomes = yield* store.outcomes({ runId: "a", after: -1, limit: 9 })
    yield* same("outcomes", outcomes.map(({ state }) => state), ["accepted", ...Array(5).fill("notSent")])
    yield* same("unsent", (yield* store.outcomes({ runId: "a", after: 2, limit: 9, states: ["notSent"] })).length, 3)
  }),
  "prunes in steps what has been over for long": Effect.gen(function*() {
    const store = yield* RunStore
    yield* load(3)
    yield* store.cancel("a", 50)
    yield* load(1, "b")
    yield* store.insert(run("c"), loader)
    yield* store.append({ ...own, runId: "c" }, chunk(0))
    yield* same("nothing that old", yield* store.prune({ before: 50, limit: 10 }), 0)
    yield* same("a step", yield* store.prune({ before: 51, limit: 2 }), 2)
    yield* same("the run is there until its chunks are gone", Option.isSome(yield* store.get("a")), true)
    yield* same("the rest", yield* store.prune({ before: 51, limit: 10 }), 2)
    yield* same("gone", yield* store.get("a"), Option.none())
    yield* same("and what stopped loading", yield* store.prune({ before: 101, limit: 10 }), 2)
    yield* same("left", (yield* store.list({ limit: 9 })).map(({ id }) => id), ["b"])
  }),
  "keeps odd lines and details": Effect.gen(function*() {
    const store = yield* RunStore
    yield* store.insert(run("a"), loader)
    const items = oddTexts.map((text) => JSON.stringify({ TextBody: text })).join("\n")
    yield* store.append(own, { index: 0, firstIndex: 0, size: oddTexts.length, items, outcomes: [] })
    yield* store.loaded({ runId: "a", lease: "L", at: 5 })
    yield* same("lines", Option.map(yield* claim(10, "s1"), (claimed) => claimed.items), Option.some(items))
    const outcomes = oddTexts.map((detail, index): RunOutcome => ({ ...rejected(index), detail }))
    yield* settle(0, 1, outcomes)
    yield* same("details", yield* store.outcomes({ runId: "a", after: -1, limit: 99 }), outcomes)
  })
}

const con1 = ConnectionId.make("con_1")
const con2 = ConnectionId.make("con_2")
const loader = { lease: "L", leaseUntil: 100 }
const own = { runId: "a", lease: "L", leaseUntil: 100 }
const zero = { messages: 0, accepted: 0, rejected: 0, unknown: 0, notSent: 0, inDoubt: 0, settledSince: 0 }

const run = (id: string, fields: Partial<Run> = {}): Run => ({
  id,
  connectionId: con1,
  name: null,
  key: null,
  kind: "email",
  state: "loading",
  pauseReason: null,
  pauseDetail: null,
  correlation: "c0ffee",
  callName: "ep_call",
  indexName: "ep_index",
  resendUnknownAfterMs: null,
  messages: 0,
  createdAt: 1,
  startedAt: null,
  finishedAt: null,
  ...fields
})

/** Two messages. */
const chunk = (index: number) => ({
  index,
  firstIndex: 2 * index,
  size: 2,
  items: `{"To":"${2 * index}"}\n{"To":"${2 * index + 1}"}`,
  outcomes: []
})

const accepted = (index: number): RunOutcome => ({ index, state: "accepted", messageId: `m${index}`, source: "answer" })
const rejected = (index: number): RunOutcome => ({ index, state: "rejected", code: 406, detail: "inactive" })

const load = (chunks: number, runId = "a") =>
  Effect.gen(function*() {
    const store = yield* RunStore
    yield* store.insert(run(runId), loader)
    for (let index = 0; index < chunks; index++) yield* store.append({ ...own, runId }, chunk(index))
    yield* store.loaded({ runId, lease: "L", at: 5 })
  })

/** Claims for 50 milliseconds. */
const sender = (lease: string) => ({ runId: "a", lease, leaseUntil: 200 })

const claim = (now: number, lease: string, concurrency = 1) =>
  Effect.flatMap(RunStore, (store) => store.claimSend({ runId: "a", now, lease, leaseUntil: now + 50, concurrency }))

const check = (now: number, lease: string) =>
  Effect.flatMap(RunStore, (store) => store.claimCheck({ runId: "a", now, lease, leaseUntil: now + 50 }))

const settle = (
  index: number,
  attempt: number,
  outcomes: ReadonlyArray<RunOutcome>,
  next: Next = { state: "done" },
  at = 20,
  lease: string | null = null
) =>
  Effect.flatMap(
    RunStore,
    (store) => store.settle({ runId: "a", chunk: index, attempt, lease, at, outcomes, next })
  )
