/**
 * What a store of waits must do: programs that die when it does not.
 *
 * @since 0.1.0
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { EventLog, type NewEvent } from "../EventLog.ts"
import { ConnectionId } from "../Ids.ts"
import { EmailBounced, EmailDelivered, EmailOpened, LinkClicked } from "../PostmarkTriggers.ts"
import type { StoreUnavailable } from "../StoreUnavailable.ts"
import { type Wait, WaitStore } from "../WaitStore.ts"
import { oddTexts, same } from "./PortSuite.ts"

/**
 * Programs by what they show. Each needs an empty store and the log whose events it gets.
 *
 * @since 0.1.0
 * @category suites
 */
export const suite: Readonly<Record<string, Effect.Effect<void, StoreUnavailable, EventLog | WaitStore>>> = {
  "registers a wait once, and keeps what was first": Effect.gen(function*() {
    const store = yield* WaitStore
    const first = wait("a", { recipient: "Ann@Example.com", waker: { workflow: "W", token: "t" } })
    const stored = { ...first, state: "waiting", endedAt: null, event: null, pokes: 0 }
    yield* same("registered", yield* store.register(first), stored)
    yield* same("again", yield* store.register(wait("a", { deadline: 9 })), stored)
    yield* same("get", yield* store.get("a"), Option.some(stored))
    yield* same("get nothing", yield* store.get("b"), Option.none())
    yield* same("none ended", yield* store.ended(["a", "b"]), [])
    yield* same("of no ids", yield* store.ended([]), [])
    yield* same("remove", yield* store.remove("a"), true)
    yield* same("remove again", yield* store.remove("a"), false)
    yield* same("gone", yield* store.get("a"), Option.none())
  }),
  "rewrites recipients and events, in steps": Effect.gen(function*() {
    const store = yield* WaitStore
    yield* store.register(wait("a", { recipient: "ann@example.com" }))
    yield* store.register(wait("b"))
    yield* append("1", EmailDelivered.id, { messageId: "m1", recipient: "bob@example.com" })
    const rewrite = (text: string) => text.replace(/\b(?:ann|bob)@/, "x@")
    const first = yield* store.rewrite({ after: 0, limit: 1, rewrite })
    yield* same("the first", first.changed, 1)
    const second = yield* store.rewrite({ after: first.next ?? 0, limit: 10, rewrite })
    yield* same("the second", second.changed, 1)
    yield* same("the end", yield* store.rewrite({ after: second.next ?? 0, limit: 10, rewrite }), {
      changed: 0,
      next: null
    })
    yield* same("recipient", Option.getOrThrow(yield* store.get("a")).recipient, "x@example.com")
    yield* same(
      "event",
      Option.getOrThrow(yield* store.get("b")).event?.json,
      `{"messageId":"m1","recipient":"x@example.com"}`
    )
  }),
  "keeps any text": Effect.gen(function*() {
    const store = yield* WaitStore
    for (const text of oddTexts.filter(({ length }) => length < 1_000)) {
      const odd = wait(`id ${text}`, { recipient: text, waker: { workflow: text, token: text } })
      yield* store.register(odd)
      const stored = Option.getOrThrow(yield* store.get(odd.id))
      yield* same("wait", [stored.recipient, stored.waker], [odd.recipient, odd.waker])
    }
  }),
  "finds the event that would end a wait, and registers nothing": Effect.gen(function*() {
    const store = yield* WaitStore
    yield* same("none", yield* store.find(wait("a")), Option.none())
    yield* append("1", EmailBounced.id, { messageId: "m1", recipient: "bob@example.com", category: "automatic" })
    yield* append("2", EmailDelivered.id, { messageId: "m1", recipient: "ann@example.com" })
    const all = yield* sequences
    const found = Option.some({
      sequence: all[1],
      trigger: EmailDelivered.id,
      receivedAt: "2026-01-01T00:00:00.000Z",
      json: `{"messageId":"m1","recipient":"ann@example.com"}`
    })
    yield* same("any recipient", yield* store.find(wait("a")), found)
    yield* same("her", yield* store.find(wait("a", { recipient: "Ann@Example.com" })), found)
    yield* same("him", yield* store.find(wait("a", { recipient: "bob@example.com" })), Option.none())
    yield* same("an open", yield* store.find(wait("a", { kind: "open" })), Option.none())
    yield* same("nothing registered", yield* store.get("a"), Option.none())
  }),
  "ends a wait by its event, with that event": Effect.gen(function*() {
    const store = yield* WaitStore
    yield* store.register(wait("a"))
    yield* append("1", EmailDelivered.id, { messageId: "m1", recipient: "ann@example.com" })
    const [sequence] = yield* sequences
    const [stored] = yield* store.ended(["a"])
    yield* same("state", stored?.state, "ended")
    yield* same("event", stored?.event, {
      sequence,
      trigger: EmailDelivered.id,
      receivedAt: "2026-01-01T00:00:00.000Z",
      json: `{"messageId":"m1","recipient":"ann@example.com"}`
    })
    yield* same("when", (stored?.endedAt ?? -1) >= 0, true)
  }),
  "ends a wait by an event that came before it, the first one": Effect.gen(function*() {
    const store = yield* WaitStore
    yield* append("0", EmailOpened.id, { messageId: "m1", recipient: "ann@example.com" })
    yield* append("1", EmailBounced.id, { messageId: "M1", recipient: "bob@example.com", category: "permanent" })
    yield* append("2", EmailDelivered.id, { messageId: "m1", recipient: "ann@example.com" })
    yield* append("3", EmailDelivered.id, { messageId: "m1", recipient: "ann@example.com", details: "again" })
    const all = yield* sequences
    const any = yield* store.register(wait("any"))
    yield* same("of the message", [any.state, any.event?.sequence], ["ended", all[2]])
    const ann = yield* store.register(wait("ann", { recipient: "ANN@example.com " }))
    yield* same("of a recipient", ann.event?.sequence, all[2])
    const none = yield* store.register(wait("carl", { recipient: "carl@example.com" }))
    yield* same("of nobody", none.state, "waiting")
    const open = yield* store.register(wait("open", { kind: "open" }))
    yield* same("of another kind", open.event?.sequence, all[0])
  }),
  "leaves a wait alone that an event is not about": Effect.gen(function*() {
    const store = yield* WaitStore
    yield* store.register(wait("a", { recipient: "ann@example.com" }))
    yield* store.register(wait("open", { kind: "open" }))
    yield* store.register(wait("human", { kind: "humanOpen" }))
    const about = { messageId: "m1", recipient: "ann@example.com" }
    yield* append("1", EmailDelivered.id, { ...about, messageId: "m2" })
    yield* append("2", EmailDelivered.id, { ...about, recipient: "bob@example.com" })
    yield* append("3", EmailDelivered.id, about, { connectionId: ConnectionId.make("con_2") })
    yield* append("4", EmailDelivered.id, about, { status: "probe" })
    yield* append("5", EmailBounced.id, { ...about, category: "automatic" })
    yield* append("6", EmailBounced.id, { ...about, category: "unsubscribed" })
    yield* append("7", LinkClicked.id, about)
    yield* append("8", EmailDelivered.id, {}, { event: "not JSON" })
    yield* append("9", EmailDelivered.id, {}, { event: null, status: "partial" })
    yield* append("10", EmailDelivered.id, { messageId: `m1\u0000${"x".repeat(10_000)}`, recipient: "\u0000" })
    yield* same("none", yield* store.ended(["a", "open", "human"]), [])
    yield* append("11", EmailOpened.id, { ...about, machineOpen: "likely" })
    yield* same("a machine", (yield* store.ended(["a", "open", "human"])).map(({ id }) => id), ["open"])
    yield* append("12", EmailOpened.id, { ...about, machineOpen: "unknown" })
    yield* same("a person", (yield* store.ended(["human"])).map(({ id }) => id), ["human"])
    yield* append("13", EmailBounced.id, { ...about, category: "temporary" })
    yield* same("a bounce", (yield* store.ended(["a"])).map(({ event }) => event?.trigger), [EmailBounced.id])
  }),
  "ends each of several waits for one message": Effect.gen(function*() {
    const store = yield* WaitStore
    yield* store.register(wait("any"))
    yield* store.register(wait("ann", { recipient: "ann@example.com" }))
    yield* store.register(wait("bob", { recipient: "bob@example.com" }))
    yield* append("1", EmailDelivered.id, { messageId: "m1", recipient: "ann@example.com" })
    yield* append("2", EmailBounced.id, { messageId: "m1", recipient: "bob@example.com", category: "permanent" })
    const [first, second] = yield* sequences
    const ended = yield* store.ended(["any", "ann", "bob"])
    yield* same(
      "events",
      ended.map(({ event, id }) => [id, event?.sequence]).toSorted(),
      [["ann", first], ["any", first], ["bob", second]]
    )
  }),
  "ends a wait at its deadline without an event, and for good": Effect.gen(function*() {
    const store = yield* WaitStore
    yield* store.register(wait("a", { deadline: 1_000 }))
    yield* store.register(wait("b", { deadline: 2_000 }))
    yield* same("too early", yield* store.expire({ now: 999, limit: 10 }), 0)
    yield* same("at the deadline", yield* store.expire({ now: 1_000, limit: 10 }), 1)
    yield* append("1", EmailDelivered.id, { messageId: "m1", recipient: "ann@example.com" })
    const stored = Option.getOrThrow(yield* store.get("a"))
    yield* same("the deadline won", [stored.state, stored.event, stored.endedAt], ["ended", null, 1_000])
    yield* same("nothing to end", yield* store.expire({ now: 9_000, limit: 10 }), 0)
    const other = Option.getOrThrow(yield* store.get("b"))
    yield* same("the event won", [other.state, other.event?.trigger], ["ended", EmailDelivered.id])
  }),
  "ends waits at their deadlines in steps, the oldest first": Effect.gen(function*() {
    const store = yield* WaitStore
    yield* Effect.forEach([3, 1, 2], (at) => store.register(wait(`${at}`, { deadline: at })), { discard: true })
    yield* same("two", yield* store.expire({ now: 9, limit: 2 }), 2)
    yield* same("which", (yield* store.ended(["1", "2", "3"])).map(({ id }) => id).toSorted(), ["1", "2"])
  }),
  "claims what a workflow has to be woken for, and again later and later, until it is consumed": Effect.gen(
    function*() {
      const store = yield* WaitStore
      const waker = { workflow: "W", token: "t" }
      yield* store.register(wait("a", { waker, deadline: 1 }))
      yield* store.register(wait("b", { waker: { workflow: "Other", token: "t" }, deadline: 1 }))
      yield* store.register(wait("c", { deadline: 1 }))
      yield* store.register(wait("d", { waker, deadline: 1_000_000_000_000 }))
      yield* same("none ended", yield* claim(9_000_000_000), [])
      yield* same("not to be consumed yet", yield* store.consume("a"), false)
      yield* store.expire({ now: 10, limit: 10 })
      const start = 8_000_000_000_000
      yield* same("first", yield* claim(start), [["a", 1, waker]])
      yield* same("poked already", yield* claim(start + 99), [])
      yield* same("second", yield* claim(start + 100), [["a", 2, waker]])
      yield* same("not so soon", yield* claim(start + 299), [])
      yield* same("third", yield* claim(start + 300), [["a", 3, waker]])
      yield* same("of no workflow", yield* store.claim({ workflows: [], now: start * 2, pokeAfter: 1, limit: 9 }), [])
      yield* same("consume", yield* store.consume("a"), true)
      yield* same("consume again", yield* store.consume("a"), false)
      yield* same("rest", yield* claim(start * 2), [])
      yield* same("kept", (yield* store.ended(["a"])).map(({ state }) => state), ["consumed"])
    }
  ),
  "never gives a wait to two of many claims": Effect.gen(function*() {
    const store = yield* WaitStore
    const waker = { workflow: "W", token: "t" }
    yield* Effect.forEach(ids(100), (id) => store.register(wait(id, { waker, deadline: 1 })), { discard: true })
    yield* store.expire({ now: 1, limit: 1_000 })
    const claimed = yield* Effect.forEach(
      ids(20),
      () => store.claim({ workflows: ["W"], now: 1_000, pokeAfter: 1_000, limit: 7 }),
      { concurrency: "unbounded" }
    )
    const rest = yield* store.claim({ workflows: ["W"], now: 1_000, pokeAfter: 1_000, limit: 1_000 })
    const all = [...claimed.flat(), ...rest].map(({ id }) => id)
    yield* same("claimed", [all.length, new Set(all).size], [100, 100])
  }),
  "loses no event that is stored while its wait is registered": Effect.gen(function*() {
    const store = yield* WaitStore
    const log = yield* EventLog
    yield* Effect.forEach(
      ids(150),
      (id) => {
        const registering = store.register(wait(id, { messageId: id }))
        const appending = log.append(event(id, EmailDelivered.id, { messageId: id, recipient: "ann@example.com" }))
        return Effect.all(Number(id) % 2 === 0 ? [registering, appending] : [appending, registering], {
          concurrency: "unbounded"
        })
      },
      { concurrency: "unbounded", discard: true }
    )
    const ended = yield* store.ended(ids(150))
    yield* same("ended", ended.filter(({ event }) => event !== null).length, 150)
    yield* same("by their own", ended.filter(({ event, id }) => !event?.json.includes(`"${id}"`)), [])
  }),
  "has one winner when an event and the deadline come at once": Effect.gen(function*() {
    const store = yield* WaitStore
    const log = yield* EventLog
    yield* Effect.forEach(ids(100), (id) => store.register(wait(id, { messageId: id, deadline: 1 })), { discard: true })
    const [, expired] = yield* Effect.all([
      Effect.forEach(
        ids(100),
        (id) => log.append(event(id, EmailDelivered.id, { messageId: id, recipient: "ann@example.com" })),
        { concurrency: "unbounded" }
      ),
      Effect.forEach(ids(20), () => store.expire({ now: 1, limit: 5 }), { concurrency: "unbounded" })
    ], { concurrency: "unbounded" })
    const more = yield* store.expire({ now: 1, limit: 1_000 })
    const ended = yield* store.ended(ids(100))
    const late = expired.reduce((sum, one) => sum + one, more)
    yield* same("winners", [ended.length, ended.filter((one) => one.event === null).length], [100, late])
  }),
  "removes old waits in steps, and none that waits": Effect.gen(function*() {
    const store = yield* WaitStore
    yield* Effect.forEach(ids(5), (id) => store.register(wait(id, { deadline: Number(id) })), { discard: true })
    yield* store.expire({ now: 2, limit: 10 })
    yield* same("young", yield* store.prune({ before: 2, limit: 10 }), 0)
    yield* same("step", yield* store.prune({ before: 3, limit: 2 }), 2)
    yield* same("step", yield* store.prune({ before: 3, limit: 2 }), 1)
    yield* same("none", yield* store.prune({ before: (yield* Clock.currentTimeMillis) + 1e9, limit: 10 }), 0)
    const left = yield* Effect.forEach(ids(5), (id) => Effect.map(store.get(id), Option.isSome))
    yield* same("left", left, [false, false, false, true, true])
  })
}

const wait = (id: string, more: Partial<Wait> = {}): Wait => ({
  id,
  connectionId: ConnectionId.make("con_1"),
  messageId: "m1",
  recipient: null,
  kind: "outcome",
  deadline: 9_000_000_000_000,
  waker: null,
  ...more
})

const event = (
  identity: string,
  trigger: string,
  typed: Readonly<Record<string, string>>,
  more: Partial<NewEvent> = {}
): NewEvent => ({
  connectionId: ConnectionId.make("con_1"),
  identity,
  receivedAt: "2026-01-01T00:00:00.000Z",
  recordType: null,
  trigger,
  status: "decoded",
  event: JSON.stringify(typed),
  raw: "{}",
  ...more
})

const append = (...parts: Parameters<typeof event>) => Effect.flatMap(EventLog, (log) => log.append(event(...parts)))

const sequences = Effect.flatMap(
  EventLog,
  (log) => Effect.map(log.read({ after: 0, limit: 1_000 }), (events) => events.map(({ sequence }) => sequence))
)

const claim = (now: number) =>
  Effect.flatMap(WaitStore, (store) =>
    Effect.map(
      store.claim({ workflows: ["W"], now, pokeAfter: 100, limit: 9 }),
      (waits) => waits.map(({ id, pokes, waker }) => [id, pokes, waker])
    ))

const ids = (count: number) => Array.from({ length: count }, (_, at) => `${at}`)
