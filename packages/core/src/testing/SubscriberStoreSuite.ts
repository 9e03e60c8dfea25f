/**
 * Tests of a subscriber store: programs that die when the store violates the port.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import { ConnectionId } from "../Ids.ts"
import type { StoreUnavailable } from "../StoreUnavailable.ts"
import { type Row, type RowState, type Settlement, SubscriberStore } from "../SubscriberStore.ts"
import { oddTexts, same } from "./PortSuite.ts"

/**
 * Programs by what they show. Each needs an empty store.
 *
 * @since 0.1.0
 * @category suites
 */
export const suite: Readonly<Record<string, Effect.Effect<void, StoreUnavailable, SubscriberStore>>> = {
  "gives the lease of a subscription to one owner, who renews it": Effect.gen(function*() {
    yield* same("taken", yield* hold("a"), { owner: "a", beat: 1 })
    yield* same("not for another", yield* hold("b"), { owner: "a", beat: 1 })
    yield* same("renewed", yield* hold("a"), { owner: "a", beat: 2 })
    const store = yield* SubscriberStore
    const other = yield* store.hold({ subscriber: "s", trigger: "t2", owner: "b", expired: null })
    yield* same("of another trigger", other, { owner: "b", beat: 1 })
    const third = yield* store.hold({ subscriber: "s2", trigger: "t", owner: "c", expired: null })
    yield* same("of another subscriber", third, { owner: "c", beat: 1 })
  }),
  "takes over the expired lease only while it is unchanged": Effect.gen(function*() {
    const expired = yield* hold("a")
    yield* hold("a")
    yield* same("renewed meanwhile", yield* hold("b", expired), { owner: "a", beat: 2 })
    yield* same("unchanged", yield* hold("b", { owner: "a", beat: 2 }), { owner: "b", beat: 3 })
    yield* same("lost", yield* hold("a"), { owner: "b", beat: 3 })
    yield* same("too late", yield* hold("c", { owner: "a", beat: 2 }), { owner: "b", beat: 3 })
  }),
  "gives a lease of many that want it to one": Effect.gen(function*() {
    const expired = yield* hold("gone")
    const leases = yield* Effect.forEach(
      Array.from({ length: 20 }, (_, at) => `${at}`),
      (owner) => Effect.map(hold(owner, expired), (lease) => lease.owner === owner),
      { concurrency: "unbounded" }
    )
    yield* same("winners", leases.filter((isOwn) => isOwn).length, 1)
  }),
  "releases a lease of its owner alone": Effect.gen(function*() {
    const store = yield* SubscriberStore
    yield* hold("a")
    yield* store.release({ ...subscription, owner: "b" })
    yield* same("not by another", (yield* hold("b")).owner, "a")
    yield* store.release({ ...subscription, owner: "a" })
    yield* same("free", yield* hold("b"), { owner: "b", beat: 1 })
    yield* store.release({ ...subscription, owner: "a" })
    yield* same("not any more", (yield* hold("a")).owner, "b")
  }),
  "writes nothing without the lease": Effect.gen(function*() {
    const store = yield* SubscriberStore
    yield* same("no lease", yield* settle([pending(1)]), null)
    yield* hold("b")
    yield* same("another's", yield* settle([pending(1)]), null)
    yield* same("rows", yield* rowsOf(), [])
    yield* store.release({ ...subscription, owner: "b" })
    yield* hold("me")
    yield* same("own", yield* settle([pending(1)]), [])
    yield* same("rows", yield* rowsOf(), [[1, "pending"]])
  }),
  "keeps what a row says": Effect.gen(function*() {
    const store = yield* SubscriberStore
    yield* hold("me")
    const row = {
      ...pending(7),
      key: null,
      dueAt: 1_790_000_000_001,
      failure: "TimeoutException",
      firstTriedAt: 1_790_000_000_000,
      lastTriedAt: 1_790_000_000_001
    }
    yield* settle([row])
    const [found] = yield* store.due({ ...subscription, now: Number.MAX_SAFE_INTEGER, limit: 9 })
    yield* same("pending", found, { ...row, ...subscription })
    const dead = { ...row, state: "dead" as const, attempts: 10, settledAt: 1_790_000_000_002 }
    yield* settle([dead])
    const listed = yield* store.list({ ...subscription, after: 0, limit: 9, states: ["dead"] })
    yield* same("dead", listed, [{ ...dead, ...subscription }])
    yield* same("due", yield* store.nextDue(subscription), null)
    yield* settle([{ state: "done", sequence: 7, key: null }])
    yield* same("done", yield* rowsOf(), [])
  }),
  "answers rows that are due by time, then by sequence, and the first time": Effect.gen(function*() {
    const store = yield* SubscriberStore
    yield* hold("me")
    yield* same("none", yield* store.nextDue(subscription), null)
    yield* settle([pending(1, { dueAt: 30 }), pending(2, { dueAt: 10 }), pending(3, { dueAt: 20 })])
    yield* settle([pending(4, { dueAt: 10 })])
    yield* same("first", yield* store.nextDue(subscription), 10)
    const due = (now: number, limit: number) =>
      Effect.map(store.due({ ...subscription, now, limit }), (rows) => rows.map(({ sequence }) => sequence))
    yield* same("at 9", yield* due(9, 9), [])
    yield* same("at 20", yield* due(20, 9), [2, 4, 3])
    yield* same("limited", yield* due(99, 2), [2, 4])
    yield* same("no limit left", yield* due(99, 0), [])
    yield* same("of another", yield* store.nextDue({ subscriber: "s", trigger: "t2" }), null)
  }),
  "has one pending row of a key, the earliest, and the others wait": Effect.gen(function*() {
    yield* hold("me")
    yield* same("open", yield* settle([keyed(2, "k"), keyed(3, "k"), keyed(4, "j")]), ["j", "k"])
    yield* settle([keyed(5, "k")])
    yield* same("rows", yield* rowsOf(), [[2, "pending"], [3, "waiting"], [4, "pending"], [5, "waiting"]])
    yield* same("again", yield* settle([keyed(2, "k", { attempts: 2, dueAt: 99 })]), ["k"])
    yield* same("it stays the first", yield* rowsOf(), [
      [2, "pending"],
      [3, "waiting"],
      [4, "pending"],
      [5, "waiting"]
    ])
    yield* same("done", yield* settle([{ state: "done", sequence: 2, key: "k" }]), ["k"])
    yield* same("the next", yield* rowsOf(), [[3, "pending"], [4, "pending"], [5, "waiting"]])
    yield* same("dead", yield* settle([dead(3, "k")]), ["k"])
    yield* same("the last", yield* rowsOf(), [[3, "dead"], [4, "pending"], [5, "pending"]])
    yield* same("no more", yield* settle([{ state: "done", sequence: 5, key: "k" }]), [])
  }),
  "knows which events have rows and which keys have open ones": Effect.gen(function*() {
    const store = yield* SubscriberStore
    yield* hold("me")
    yield* settle([keyed(1, "a"), dead(2, "b"), pending(3), keyed(4, "a")])
    const standing = yield* store.standing({ ...subscription, sequences: [1, 2, 3, 4, 5], keys: ["a", "b", "c", "a"] })
    yield* same("events", sorted(standing.sequences), [1, 2, 3, 4])
    yield* same("keys", standing.keys, ["a"])
    const none = yield* store.standing({ subscriber: "s", trigger: "t2", sequences: [1], keys: ["a"] })
    yield* same("of another", none, { sequences: [], keys: [] })
    const nothing = yield* store.standing({ ...subscription, sequences: [], keys: [] })
    yield* same("of nothing", nothing, { sequences: [], keys: [] })
  }),
  "lists, counts, replays and discards dead rows by selection": Effect.gen(function*() {
    const store = yield* SubscriberStore
    yield* hold("me")
    yield* settle([1, 2, 3, 4, 5, 6].map((sequence) => dead(sequence, null)))
    yield* settle([pending(7)])
    const listed = (selection: object) =>
      Effect.map(
        store.list({ ...subscription, after: 0, limit: 9, states: ["dead"], ...selection }),
        (rows) => rows.map(({ sequence }) => sequence)
      )
    yield* same("all", yield* listed({}), [1, 2, 3, 4, 5, 6])
    yield* same("a page", yield* listed({ after: 2, limit: 3 }), [3, 4, 5])
    yield* same("some", yield* listed({ sequences: [5, 2, 7, 9] }), [2, 5])
    yield* same("none", yield* listed({ sequences: [] }), [])
    yield* same("by time", yield* listed({ from: receivedAt(2), to: receivedAt(4) }), [2, 3])
    yield* same("a connection", yield* listed({ connections: ["con_1"] }), [1, 3, 5])
    yield* same("no connection", yield* listed({ connections: [] }), [])
    yield* same("states", yield* listed({ states: ["pending", "waiting"] }), [7])
    yield* same("counts", yield* store.counts, [{ ...subscription, open: 1, dead: 6 }])
    const replayed = yield* store.replay({ ...subscription, after: 1, limit: 2 })
    yield* same("replayed", replayed, [2, 3])
    yield* same(
      "open ones are not",
      yield* store.replay({ ...subscription, after: 0, limit: 9, sequences: [2, 7] }),
      []
    )
    const discarded = yield* store.discard({ ...subscription, after: 0, limit: 9, sequences: [1, 2, 6, 7] })
    yield* same("discarded", discarded, [1, 6])
    yield* same("rows", yield* rowsOf(), [[2, "pending"], [3, "pending"], [4, "dead"], [5, "dead"], [7, "pending"]])
    const [first] = yield* store.due({ ...subscription, now: 0, limit: 1 })
    yield* same("begins anew", [first?.attempts, first?.dueAt, first?.settledAt], [0, 0, null])
    yield* same("counts", yield* store.counts, [{ ...subscription, open: 3, dead: 2 }])
  }),
  "replays rows of one key one after another": Effect.gen(function*() {
    const store = yield* SubscriberStore
    yield* hold("me")
    yield* settle([dead(1, "k"), dead(2, "k"), dead(3, "j")])
    yield* settle([keyed(4, "j")])
    yield* store.replay({ ...subscription, after: 0, limit: 9 })
    yield* same("rows", yield* rowsOf(), [[1, "pending"], [2, "waiting"], [3, "waiting"], [4, "pending"]])
    yield* settle([{ state: "done", sequence: 1, key: "k" }, { state: "done", sequence: 4, key: "j" }])
    yield* same("the next", yield* rowsOf(), [[2, "pending"], [3, "pending"]])
  }),
  "leaves no key without a pending row when outcomes and replays cross": Effect.gen(function*() {
    const store = yield* SubscriberStore
    yield* hold("me")
    const numbers = Array.from({ length: 30 }, (_, at) => at + 1)
    yield* settle(numbers.map((at) => dead(at, "k")))
    yield* settle([keyed(31, "k")])
    yield* Effect.forEach(
      numbers,
      (sequence) =>
        sequence % 3 === 0
          ? Effect.asVoid(settle([{ state: "done", sequence: 31, key: "k" }]))
          : Effect.asVoid(store.replay({ ...subscription, after: 0, limit: 9, sequences: [sequence] })),
      { concurrency: 8, discard: true }
    )
    const states = (yield* rowsOf()).map(([, state]) => state)
    yield* same("pending", states.filter((state) => state === "pending").length, 1)
    yield* same("waiting", states.filter((state) => state === "waiting").length, 19)
  }),
  "prunes dead rows that are old enough, a few at a time": Effect.gen(function*() {
    const store = yield* SubscriberStore
    yield* hold("me")
    yield* settle([1, 2, 3, 4].map((at) => ({ ...dead(at, null), settledAt: at * 10 })))
    yield* settle([pending(5)])
    yield* same("a few", yield* store.prune({ before: 40, limit: 2 }), 2)
    yield* same("the rest", yield* store.prune({ before: 40, limit: 9 }), 1)
    yield* same("no more", yield* store.prune({ before: 40, limit: 9 }), 0)
    yield* same("rows", yield* rowsOf(), [[4, "dead"], [5, "pending"]])
  }),
  "keeps odd names apart": Effect.gen(function*() {
    const store = yield* SubscriberStore
    // Names of subscribers and keys are short in practice: a database's index has a limit.
    const names = oddTexts.filter(({ length }) => length < 1_000)
    for (const name of names) {
      yield* store.hold({ subscriber: name, trigger: name, owner: "me", expired: null })
      yield* store.settle({ subscriber: name, trigger: name, owner: "me", settlements: [keyed(1, name)] })
    }
    for (const name of names) {
      const rows = yield* store.list({ subscriber: name, trigger: name, after: 0, limit: 9, states: ["pending"] })
      yield* same("rows", rows.map(({ key, subscriber, trigger }) => [key, subscriber, trigger]), [[name, name, name]])
    }
    yield* same("counts", (yield* store.counts).length, names.length)
  })
}

const subscription = { subscriber: "s", trigger: "t" }

const hold = (owner: string, expired: { readonly owner: string; readonly beat: number } | null = null) =>
  Effect.flatMap(SubscriberStore, (store) => store.hold({ ...subscription, owner, expired }))

const settle = (settlements: ReadonlyArray<Settlement>) =>
  Effect.flatMap(SubscriberStore, (store) =>
    Effect.map(
      store.settle({ ...subscription, owner: "me", settlements }),
      (keys) => keys === null ? null : keys.toSorted()
    ))

const rowsOf = () =>
  Effect.flatMap(SubscriberStore, (store) =>
    Effect.map(
      store.list({ ...subscription, after: 0, limit: 1_000, states: ["pending", "waiting", "dead"] }),
      (rows): ReadonlyArray<readonly [number, RowState]> => rows.map(({ sequence, state }) => [sequence, state])
    ))

const receivedAt = (sequence: number) => `2026-01-0${sequence % 10}T00:00:00.000Z`

const pending = (sequence: number, changes: Partial<Row> = {}) => ({
  sequence,
  connectionId: ConnectionId.make(sequence % 2 === 1 ? "con_1" : "con_2"),
  key: null,
  receivedAt: receivedAt(sequence),
  attempts: 1,
  dueAt: 0,
  failure: "Error",
  firstTriedAt: 1,
  lastTriedAt: 2,
  settledAt: null,
  ...changes,
  state: "pending" as const
})

const keyed = (sequence: number, key: string, changes: Partial<Row> = {}) => pending(sequence, { ...changes, key })

const dead = (sequence: number, key: string | null) => ({
  ...pending(sequence, { key, settledAt: 3 }),
  state: "dead" as const
})

const sorted = (numbers: ReadonlyArray<number>) => numbers.toSorted((a, b) => a - b)
