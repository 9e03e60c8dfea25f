/**
 * What an outbox must do: programs that die when it does not.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { type Claimed, DeliveryStore, type Selection, type Settlement } from "../DeliveryStore.ts"
import { EventLog, type NewEvent } from "../EventLog.ts"
import { ConnectionId } from "../Ids.ts"
import type { StoredTarget } from "../RelayTarget.ts"
import type { StoreUnavailable } from "../StoreUnavailable.ts"
import { oddTexts, same } from "./PortSuite.ts"

/**
 * Programs by what they show. Each needs an empty outbox and the log whose events it gets.
 *
 * @since 0.1.0
 * @category suites
 */
export const suite: Readonly<Record<string, Effect.Effect<void, StoreUnavailable, DeliveryStore | EventLog>>> = {
  "keeps targets, one for a connection, a trigger and a URL": Effect.gen(function*() {
    const store = yield* DeliveryStore
    const [a, b, other] = [target("a"), target("b", { url: "https://b.example/" }), target("c", { connectionId: con2 })]
    yield* same("insert", yield* store.insertTarget(a), true)
    yield* same("another URL", yield* store.insertTarget(b), true)
    yield* same("another connection", yield* store.insertTarget(other), true)
    yield* same("another trigger", yield* store.insertTarget(target("d", { trigger: "t2" })), true)
    yield* same("the same URL", yield* store.insertTarget(target("e")), false)
    yield* same("the same id", yield* store.insertTarget({ ...b, url: "https://x.example/" }), false)
    yield* same("get", yield* store.getTarget("b"), Option.some(b))
    yield* same("get nothing", yield* store.getTarget("e"), Option.none())
    yield* same("list", yield* store.listTargets("con_1"), [a, b, target("d", { trigger: "t2" })])
    yield* same("a taken URL", yield* store.setUrl("b", a.url), false)
    yield* same("its own URL", yield* store.setUrl("b", b.url), true)
    yield* same("a new URL", yield* store.setUrl("b", "https://new.example/"), true)
    yield* same("of no target", yield* store.setUrl("e", "https://new.example/"), false)
    yield* same("changed", yield* store.getTarget("b"), Option.some({ ...b, url: "https://new.example/" }))
    yield* same("remove", yield* store.removeTarget("b"), true)
    yield* same("remove again", yield* store.removeTarget("b"), false)
    yield* same("gone", yield* store.getTarget("b"), Option.none())
  }),
  "replaces secrets only where they are the expected ones": Effect.gen(function*() {
    const store = yield* DeliveryStore
    yield* store.insertTarget(target("a", { currentSecret: "1" }))
    yield* same("others", yield* store.setSecrets("a", { current: "2", previous: "1" }, "x"), false)
    yield* same("the first", yield* store.setSecrets("a", { current: "2", previous: "1" }, "1"), true)
    yield* same("too late", yield* store.setSecrets("a", { current: "3", previous: "1" }, "1"), false)
    const stored = Option.getOrThrow(yield* store.getTarget("a"))
    yield* same("secrets", [stored.currentSecret, stored.previousSecret], ["2", "1"])
  }),
  "replaces encrypted texts only where both are the expected ones": Effect.gen(function*() {
    const store = yield* DeliveryStore
    const stored = { current: "b", previous: "a" }
    yield* store.insertTarget(target("a", { currentSecret: "b", previousSecret: "a" }))
    yield* same("of no target", yield* store.resealSecrets("x", stored, stored), false)
    yield* same("another current", yield* store.resealSecrets("a", stored, { ...stored, current: "x" }), false)
    yield* same("another previous", yield* store.resealSecrets("a", stored, { ...stored, previous: null }), false)
    yield* same("both", yield* store.resealSecrets("a", { current: "B", previous: "A" }, stored), true)
    yield* store.setSecrets("a", { current: "B", previous: null }, "B")
    const one = { current: "B", previous: null }
    yield* same("one", yield* store.resealSecrets("a", { current: "C", previous: null }, one), true)
    const { currentSecret, previousSecret } = Option.getOrThrow(yield* store.getTarget("a"))
    yield* same("secrets", [currentSecret, previousSecret], ["C", null])
  }),
  "keeps an event that has to be delivered when old events are pruned": Effect.gen(function*() {
    const store = yield* DeliveryStore
    const log = yield* EventLog
    yield* fill(3)
    yield* store.insertTarget(target("off", { connectionId: con2 }))
    yield* store.disable("off", { reason: "manual", at: "2026-01-01T00:00:00.000Z" })
    yield* log.append(event("held", { connectionId: con2 }))
    yield* log.append(event("nobody's", { trigger: "t9" }))
    const [delivered, dead] = yield* claim("l1", 1_000, 2)
    if (delivered === undefined || dead === undefined) return yield* Effect.dieMessage("nothing was claimed")
    yield* store.settle([
      settled(delivered, "l1", { next: { state: "delivered" } }),
      settled(dead, "l1", { next: { state: "dead" }, failure: "timeout" })
    ])
    const before = yield* log.read({ after: 0, limit: 10 })
    const old = { before: Date.UTC(2027, 0, 1), limit: 1 }
    let pruned = 0
    for (let count = 1; count > 0; pruned += count) count = yield* log.prune(old)
    yield* same("the settled ones and the one without a row", pruned, 3)
    yield* same("what waits is kept", yield* log.read({ after: 0, limit: 10 }), before.slice(2, 4))
    yield* same("rows without an event are gone", yield* rowsOf("a"), [[before[2]?.sequence, "pending"]])
    yield* same("replayed", yield* store.replay({ ...all("a"), states: ["dead"] }), [])
    const [claimed] = yield* claim("l2", 40_000, 9)
    if (claimed === undefined) return yield* Effect.dieMessage("the kept event was not claimed")
    yield* store.settle([settled(claimed, "l2", { next: { state: "delivered" } })])
    yield* same("after its delivery", yield* log.prune(old), 1)
    yield* same("the held one", (yield* log.read({ after: 0, limit: 10 })).map(({ identity }) => identity), ["held"])
  }),
  "sends what an event says when it is claimed": Effect.gen(function*() {
    const log = yield* EventLog
    yield* fill(1)
    yield* log.rewrite({ after: 0, limit: 10, rewrite: (text) => text.replaceAll("1", "2") })
    yield* same("the event", (yield* claim("l1", 1_000, 1)).map((one) => one.event), [`{"messageId":"2"}`])
    yield* log.pruneBodies({ before: Date.UTC(2027, 0, 1), limit: 10 })
    yield* same("without its body", (yield* claim("l2", 40_000, 1)).map((one) => one.event), [`{"messageId":"2"}`])
  }),
  "rewrites the answers of attempts, and prunes attempts and rows apart": Effect.gen(function*() {
    const store = yield* DeliveryStore
    yield* fill(3)
    const claimed = yield* claim("l1", 1_000, 3)
    yield* store.settle(claimed.map((one) => {
      const settlement = settled(one, "l1", { next: { state: "delivered" } })
      return { ...settlement, attempt: settlement.attempt && { ...settlement.attempt, response: `a ${one.sequence}` } }
    }))
    const rewrite = (text: string) => text.replace("a", "x")
    const other = yield* store.rewriteAttempts({ after: 0, limit: 10, connectionId: "con_2", rewrite })
    yield* same("of another connection", other, { changed: 0, next: null })
    const first = yield* store.rewriteAttempts({ after: 0, limit: 2, connectionId: "con_1", rewrite })
    yield* same("two", first.changed, 2)
    const second = yield* store.rewriteAttempts({ after: first.next ?? 0, limit: 2, rewrite })
    yield* same("the third", second.changed, 1)
    const end = yield* store.rewriteAttempts({ after: second.next ?? 0, limit: 2, rewrite })
    yield* same("the end", end, { changed: 0, next: null })
    const responses = yield* Effect.forEach(claimed, ({ sequence }) => store.attempts("a", sequence))
    yield* same(
      "the answers",
      responses.flat().map(({ response }) => response),
      claimed.map(({ sequence }) => `x ${sequence}`)
    )
    yield* same("rows alone", yield* store.prune({ before: 5_000, limit: 10, only: "deliveries" }), 3)
    yield* same("attempts are kept", (yield* store.attempts("a", claimed[0]?.sequence ?? 0)).length, 1)
    yield* same("attempts alone", yield* store.prune({ before: 5_000, limit: 10, only: "attempts" }), 3)
  }),
  "has a row for each target of a decoded event, and for each event once": Effect.gen(function*() {
    const store = yield* DeliveryStore
    const log = yield* EventLog
    yield* log.append(event("before"))
    yield* store.insertTarget(target("a"))
    yield* store.insertTarget(target("b", { url: "https://b.example/" }))
    yield* store.insertTarget(target("c", { connectionId: con2 }))
    yield* log.append(event("1"))
    yield* log.append(event("1"))
    yield* log.append(event("2", { status: "partial", event: null }))
    yield* log.append(event("3", { status: "probe" }))
    yield* log.append(event("4", { trigger: "t2" }))
    yield* log.append(event("5", { connectionId: con2 }))
    const sequences = yield* sequencesOf
    yield* same("of a", yield* rowsOf("a"), [[sequences["1"], "pending"]])
    yield* same("of b", yield* rowsOf("b"), [[sequences["1"], "pending"]])
    yield* same("of c", yield* rowsOf("c"), [[sequences["5"], "pending"]])
  }),
  "has every row of many appends at once": Effect.gen(function*() {
    const store = yield* DeliveryStore
    const log = yield* EventLog
    yield* store.insertTarget(target("a"))
    yield* Effect.forEach(Array.from({ length: 300 }, (_, at) => event(`${at}`)), log.append, {
      concurrency: "unbounded"
    })
    yield* same("rows", (yield* rowsOf("a")).length, 300)
  }),
  "claims what is due, oldest first, and nobody claims it before the lease ends": Effect.gen(function*() {
    const store = yield* DeliveryStore
    yield* fill(3)
    const [first, second, third] = yield* Effect.map(rowsOf("a"), (rows) => rows.map(([sequence]) => sequence))
    yield* same("due", (yield* store.due).map((one) => [one.target.id, one.dueAt]), [["a", 0]])
    const claimed = yield* claim("l1", 1_000, 2)
    yield* same("two", claimed.map(({ sequence }) => sequence), [first, second])
    yield* same("what to send", claimed[0], {
      targetId: "a",
      sequence: first,
      attempts: 0,
      connectionId: "con_1",
      trigger: "t1",
      receivedAt: "2026-01-01T00:00:00.000Z",
      event: `{"messageId":"1"}`
    })
    yield* same("the rest", (yield* claim("l2", 1_000, 9)).map(({ sequence }) => sequence), [third])
    yield* same("none", yield* claim("l3", 30_999, 9), [])
    yield* same("due again", (yield* store.due)[0]?.dueAt, 31_000)
    yield* same("after the lease", (yield* claim("l4", 31_000, 9)).length, 3)
  }),
  "never gives a row to two of many claims": Effect.gen(function*() {
    yield* fill(100)
    const claims = yield* Effect.forEach(
      Array.from({ length: 20 }, (_, at) => `l${at}`),
      (lease) => claim(lease, 1_000, 7),
      { concurrency: "unbounded" }
    )
    const sequences = claims.flat().map(({ sequence }) => sequence)
    yield* same("claimed", sequences.length, new Set(sequences).size)
    const rest = yield* claim("rest", 1_000, 1_000)
    yield* same("all", sequences.length + rest.length, 100)
  }),
  "settles: delivered, given up, due again, given back": Effect.gen(function*() {
    const store = yield* DeliveryStore
    yield* fill(4)
    const [a, b, c, d] = yield* claim("l", 1_000, 4)
    if (a === undefined || b === undefined || c === undefined || d === undefined) return yield* Effect.dieMessage("4")
    const failing = yield* store.settle([
      settled(a, "l", { next: { state: "delivered" } }),
      settled(b, "l", { next: { state: "dead" }, failure: "timeout" }),
      settled(c, "l", { next: { state: "pending", dueAt: 9_000 }, failure: "http_status" }),
      { ...settled(d, "l", { next: { state: "pending", dueAt: 8_000 } }), attempt: null }
    ])
    yield* same("not failing only", failing, [])
    yield* same("rows", yield* store.list(all("a")), [
      { ...rowOf(a), state: "delivered", attempts: 1, dueAt: 31_000, settledAt: 2_000 },
      { ...rowOf(b), state: "dead", attempts: 1, dueAt: 31_000, settledAt: 2_000 },
      { ...rowOf(c), state: "pending", attempts: 1, dueAt: 9_000, settledAt: null },
      { ...rowOf(d), state: "pending", attempts: 0, dueAt: 8_000, settledAt: null }
    ])
    yield* same("next", (yield* store.due)[0]?.dueAt, 8_000)
    yield* same("attempts", yield* store.attempts("a", b.sequence), [
      {
        targetId: "a",
        sequence: b.sequence,
        attempt: 1,
        at: 1_990,
        durationMs: 10,
        status: null,
        failure: "timeout",
        response: ""
      }
    ])
    yield* same("no attempt", yield* store.attempts("a", d.sequence), [])
  }),
  "changes no row whose lease was lost, and keeps the attempt": Effect.gen(function*() {
    const store = yield* DeliveryStore
    yield* fill(1)
    const [first] = yield* claim("l1", 1_000, 1)
    const [second] = yield* claim("l2", 31_000, 1)
    if (first === undefined || second === undefined) return yield* Effect.dieMessage("claimed twice")
    yield* store.settle([settled(first, "l1", { next: { state: "dead" }, failure: "timeout" })])
    yield* same("still pending", yield* rowsOf("a"), [[first.sequence, "pending"]])
    yield* store.settle([settled(second, "l2", { next: { state: "delivered" } })])
    yield* same("delivered", yield* rowsOf("a"), [[first.sequence, "delivered"]])
    yield* same("attempts", (yield* store.attempts("a", first.sequence)).length, 2)
  }),
  "knows since when a target does nothing but fail": Effect.gen(function*() {
    const store = yield* DeliveryStore
    yield* fill(3)
    const [a, b, c] = yield* claim("l", 1_000, 3)
    if (a === undefined || b === undefined || c === undefined) return yield* Effect.dieMessage("3")
    const failed = (row: Claimed, at: number) => ({
      ...settled(row, "l", { next: { state: "pending", dueAt: 9_000 }, failure: "timeout" }),
      at
    })
    yield* same("the first", yield* store.settle([failed(a, 5_000)]), [{ targetId: "a", failingSince: 5_000 }])
    yield* same("the next", yield* store.settle([failed(b, 7_000)]), [{ targetId: "a", failingSince: 5_000 }])
    yield* store.settle([settled(c, "l", { next: { state: "delivered" } })])
    yield* same("a success", Option.getOrThrow(yield* store.getTarget("a")).failingSince, null)
  }),
  "holds what comes while a target is disabled, and replays it": Effect.gen(function*() {
    const store = yield* DeliveryStore
    yield* fill(1)
    const disabled = { reason: "gone", at: "2026-01-02T00:00:00.000Z" } as const
    yield* same("disable", yield* store.disable("a", disabled), true)
    yield* same("again", yield* store.disable("a", { ...disabled, reason: "manual" }), false)
    yield* same(
      "disabled",
      yield* store.getTarget("a"),
      Option.some({ ...target("a"), state: "disabled", disabledReason: "gone", disabledAt: disabled.at })
    )
    const log = yield* EventLog
    yield* log.append(event("while"))
    yield* same("nothing is due", yield* store.due, [])
    yield* same("nothing is claimed", yield* claim("l", 1_000, 9), [])
    yield* same("states", (yield* rowsOf("a")).map(([, state]) => state), ["pending", "held"])
    yield* same("enable", yield* store.enable("a"), true)
    yield* same("enable again", yield* store.enable("a"), false)
    yield* same("enabled", yield* store.getTarget("a"), Option.some(target("a")))
    yield* same("the pending one", (yield* claim("l", 1_000, 9)).length, 1)
    yield* same("replayed", (yield* store.replay({ ...all("a"), states: ["held"] })).length, 1)
    yield* same("the held one", (yield* claim("l2", 1_000, 9)).length, 1)
  }),
  "lists and replays by state, number, time and page": Effect.gen(function*() {
    const store = yield* DeliveryStore
    yield* fill(6)
    const claimed = yield* claim("l", 1_000, 6)
    yield* store.settle(
      claimed.map((row, at) =>
        settled(row, "l", at < 5 ? { next: { state: "dead" }, failure: "timeout" } : { next: { state: "delivered" } })
      )
    )
    const [s0, s1, s2, s3, s4, s5] = claimed.map(({ sequence }) => sequence)
    const dead: Selection = { ...all("a"), states: ["dead"] }
    const found = (selection: Selection) =>
      Effect.map(store.list(selection), (rows) => rows.map(({ sequence }) => sequence))
    yield* same("dead", yield* found(dead), [s0, s1, s2, s3, s4])
    yield* same("a page", yield* found({ ...dead, after: s1 ?? 0, limit: 2 }), [s2, s3])
    yield* same("numbers", yield* found({ ...dead, sequences: [s4 ?? 0, s5 ?? 0] }), [s4])
    yield* same("no numbers", yield* found({ ...dead, sequences: [] }), [])
    yield* same("no states", yield* found({ ...dead, states: [] }), [])
    const range = { from: "2026-01-01T00:00:01.000Z", to: "2026-01-01T00:00:03.000Z" }
    yield* same("times", yield* found({ ...dead, ...range }), [s1, s2])
    yield* same("replay", yield* store.replay({ ...dead, ...range }), [s1, s2])
    yield* same("the rest", yield* found(dead), [s0, s3, s4])
    const again = yield* claim("l2", 2_000, 9)
    yield* same("claimed", again.map(({ attempts, sequence }) => [sequence, attempts]), [[s1, 0], [s2, 0]])
    yield* same("no page", yield* store.replay({ ...dead, limit: 0 }), [])
    yield* same("a delivered one", yield* store.replay({ ...all("a"), sequences: [s5 ?? 0] }), [s5])
  }),
  "prunes in small steps, and only what is old and settled": Effect.gen(function*() {
    const store = yield* DeliveryStore
    yield* fill(6)
    const claimed = yield* claim("l", 1_000, 5)
    yield* store.settle(claimed.slice(0, 4).map((row) => settled(row, "l", { next: { state: "delivered" } })))
    yield* same("too young", yield* store.prune({ before: 1_990, limit: 10 }), 0)
    yield* same("a step", yield* store.prune({ before: 2_001, limit: 3 }), 6)
    yield* same("the next", yield* store.prune({ before: 2_001, limit: 3 }), 2)
    yield* same("the end", yield* store.prune({ before: 2_001, limit: 3 }), 0)
    yield* same("the others", (yield* rowsOf("a")).map(([, state]) => state), ["pending", "pending"])
  }),
  "removes a target's rows with it": Effect.gen(function*() {
    const store = yield* DeliveryStore
    yield* fill(2)
    yield* store.removeTarget("a")
    yield* same("rows", yield* rowsOf("a"), [])
    yield* same("nothing is due", yield* store.due, [])
  }),
  "keeps odd characters": Effect.gen(function*() {
    const store = yield* DeliveryStore
    yield* fill(oddTexts.length)
    const claimed = yield* claim("l", 1_000, 100)
    yield* store.settle(claimed.map((row, at) => {
      const one = settled(row, "l", { next: { state: "delivered" } })
      return { ...one, attempt: one.attempt === null ? null : { ...one.attempt, response: oddTexts[at] ?? "" } }
    }))
    for (const [at, row] of claimed.entries()) {
      yield* same("response", (yield* store.attempts("a", row.sequence))[0]?.response, oddTexts[at])
    }
  })
}

const con1 = ConnectionId.make("con_1")
const con2 = ConnectionId.make("con_2")

const target = (id: string, fields: Partial<StoredTarget> = {}): StoredTarget => ({
  id,
  connectionId: con1,
  trigger: "t1",
  url: "https://a.example/hook",
  createdAt: "2026-01-01T00:00:00.000Z",
  state: "active",
  disabledReason: null,
  disabledAt: null,
  failingSince: null,
  currentSecret: "sealed",
  previousSecret: null,
  ...fields
})

const event = (identity: string, fields: Partial<NewEvent> = {}): NewEvent => ({
  connectionId: con1,
  identity,
  receivedAt: "2026-01-01T00:00:00.000Z",
  recordType: "Delivery",
  trigger: "t1",
  status: "decoded",
  event: `{"messageId":"1"}`,
  raw: `{ "MessageID": "1" }`,
  ...fields
})

/** A target `a`, and events a second apart. */
const fill = (count: number) =>
  Effect.gen(function*() {
    const store = yield* DeliveryStore
    const log = yield* EventLog
    yield* store.insertTarget(target("a"))
    for (let at = 0; at < count; at++) {
      yield* log.append(event(`${at}`, { receivedAt: new Date(Date.UTC(2026, 0, 1, 0, 0, at)).toISOString() }))
    }
  })

const all = (targetId: string): Selection => ({
  targetId,
  states: ["pending", "delivered", "dead", "held"],
  after: 0,
  limit: 1_000
})

const rowsOf = (targetId: string) =>
  Effect.flatMap(
    DeliveryStore,
    (store) =>
      Effect.map(store.list(all(targetId)), (rows) => rows.map(({ sequence, state }) => [sequence, state] as const))
  )

const sequencesOf = Effect.flatMap(EventLog, (log) =>
  Effect.map(
    log.read({ after: 0, limit: 100 }),
    (events): Record<string, number> => Object.fromEntries(events.map(({ identity, sequence }) => [identity, sequence]))
  ))

const claim = (lease: string, now: number, limit: number) =>
  Effect.flatMap(
    DeliveryStore,
    (store) => store.claim({ wanted: [{ targetId: "a", limit }], now, leaseUntil: now + 30_000, lease })
  )

const settled = (
  { attempts, sequence, targetId }: Claimed,
  lease: string,
  { failure = null, next }: { readonly next: Settlement["next"]; readonly failure?: string | null }
): Settlement => ({
  targetId,
  sequence,
  lease,
  at: 2_000,
  next,
  attempt: {
    attempt: attempts + 1,
    at: 1_990,
    durationMs: 10,
    status: failure === null ? 204 : null,
    failure,
    response: ""
  }
})

const rowOf = ({ receivedAt, sequence, targetId }: Claimed) => ({ targetId, sequence, receivedAt })
