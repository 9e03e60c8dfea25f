/**
 * Tests of an event log: programs that die when the log violates the port.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as FastCheck from "effect/FastCheck"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import * as EventKeys from "../EventKeys.ts"
import {
  EventLog,
  type Filter,
  type NewEvent,
  type Quarantined,
  quarantineLimit,
  type StoredEvent
} from "../EventLog.ts"
import { ConnectionId } from "../Ids.ts"
import * as EventKeysSuite from "../internal/testing/eventKeysSuite.ts"
import type { Stepped } from "../Rewriting.ts"
import type { StoreUnavailable } from "../StoreUnavailable.ts"
import { oddTexts, same } from "./PortSuite.ts"

/**
 * Programs by what they show. Each needs an empty log.
 *
 * @since 0.1.0
 * @category suites
 */
export const suite: Readonly<Record<string, Effect.Effect<void, StoreUnavailable, EventLog>>> = {
  "returns what was appended, in its order": Effect.gen(function*() {
    const log = yield* EventLog
    yield* same("an empty log", yield* log.read({ after: 0, limit: 10 }), [])
    const events = [
      event("c", "con_1"),
      event("a", "con_2", { recordType: null, trigger: null, status: "unknown", event: null }),
      event("b", "con_1", { status: "partial", event: null }),
      event("d", "con_1", { status: "probe", trigger: null })
    ]
    for (const one of events) yield* same("append", yield* log.append(one), true)
    const stored = yield* log.read({ after: 0, limit: 10 })
    yield* same("the events", stored.map(unstored), events)
    yield* same("sequence numbers rise from 1 or more", rises(stored, 0), true)
  }),
  "stores the same event once for a connection": Effect.gen(function*() {
    const log = yield* EventLog
    yield* same("new", yield* log.append(event("a", "con_1")), true)
    yield* same("again", yield* log.append(event("a", "con_1", { raw: "{ }", receivedAt: "later" })), false)
    yield* same("in another connection", yield* log.append(event("a", "con_2")), true)
    yield* same("in another case", yield* log.append(event("A", "con_1")), true)
    const stored = yield* log.read({ after: 0, limit: 10 })
    yield* same("the events", stored.map(unstored), [
      event("a", "con_1"),
      event("a", "con_2"),
      event("A", "con_1")
    ])
  }),
  "tells one of many at once that its event is new": Effect.gen(function*() {
    const log = yield* EventLog
    const events = Array.from({ length: 30 }, (_, index) => event(`same-${index % 3}`, "con_1"))
    const isNew = yield* Effect.forEach(events, log.append, { concurrency: "unbounded" })
    for (const which of [0, 1, 2]) {
      yield* same("new", isNew.filter((one, index) => one && index % 3 === which).length, 1)
    }
    yield* same("stored", (yield* log.read({ after: 0, limit: 100 })).length, 3)
  }),
  "stores many at once, each once": Effect.gen(function*() {
    const log = yield* EventLog
    const events = Array.from({ length: 500 }, (_, index) => event(`id-${index}`, `con_${index % 7}`))
    const isNew = yield* Effect.forEach(events, log.append, { concurrency: "unbounded" })
    yield* same("new", isNew.every((one) => one), true)
    const stored = yield* log.read({ after: 0, limit: 1_000 })
    yield* same("stored", stored.map((one) => one.identity).sort(), events.map((one) => one.identity).sort())
    yield* same("sequence numbers rise", rises(stored, 0), true)
  }),
  "shows an event to whoever reads after its append": Effect.gen(function*() {
    const log = yield* EventLog
    yield* Effect.forEach(
      Array.from({ length: 20 }, (_, index) => `id-${index}`),
      (id) =>
        Effect.gen(function*() {
          yield* log.append(event(id, "con_1"))
          const stored = yield* log.read({ after: 0, limit: 100 })
          yield* same("the event is there", stored.some((one) => one.identity === id), true)
        }),
      { concurrency: "unbounded", discard: true }
    )
  }),
  "reads in pages that appends do not disturb": Effect.gen(function*() {
    const log = yield* EventLog
    const append = (from: number, to: number) =>
      Effect.forEach(
        Array.from({ length: to - from }, (_, index) => `id-${from + index}`),
        (id) => log.append(event(id, "con_1")),
        { concurrency: "unbounded", discard: true }
      )
    yield* append(0, 250)
    const seen: Array<StoredEvent> = []
    let appended = 250
    for (let page = 0; page < 100; page++) {
      const after = seen.at(-1)?.sequence ?? 0
      const events = yield* log.read({ after, limit: 100 })
      if (events.length === 0) break
      yield* same("a page after the last one", rises(events, after), true)
      yield* same("a page within its limit", events.length <= 100, true)
      seen.push(...events)
      if (appended < 400) yield* append(appended, appended += 50)
    }
    yield* same("events", seen.length, 400)
    yield* same("each once", new Set(seen.map((one) => one.identity)).size, 400)
    const again = yield* log.read({ after: 0, limit: 1_000 })
    yield* same("the same order again", again.map((one) => one.sequence), seen.map((one) => one.sequence))
  }),
  "filters by connections and trigger before it counts to the limit": Effect.gen(function*() {
    const log = yield* EventLog
    for (let index = 0; index < 60; index++) {
      yield* log.append(event(`id-${index}`, `con_${index % 3}`, { trigger: index % 2 === 0 ? "t1" : "t2" }))
    }
    yield* log.append(event("none", "con_0", { trigger: null }))
    const all = yield* log.read({ after: 0, limit: 100 })
    const after = all[9]?.sequence ?? 0
    const expected = (connections: ReadonlyArray<string> | undefined, trigger: string | undefined, limit: number) =>
      all.filter((one) =>
        one.sequence > after && (connections?.includes(one.connectionId) ?? true) &&
        (trigger === undefined || one.trigger === trigger)
      ).slice(0, limit).map(sequence)
    const filters = [
      [undefined, undefined],
      [["con_1"], undefined],
      [["con_2", "con_0", "con_2"], undefined],
      [undefined, "t2"],
      [["con_1", "con_2"], "t1"],
      [["con_9"], undefined],
      [["con_1"], "t9"]
    ] as const
    for (const [connections, trigger] of filters) {
      for (const limit of [1, 5, 100]) {
        const found = yield* log.read({ after, limit, connections, trigger })
        yield* same("the events", found.map(sequence), expected(connections, trigger, limit))
      }
    }
  }),
  "finds nothing in no connections, past the end and within no limit": Effect.gen(function*() {
    const log = yield* EventLog
    yield* log.append(event("a", "con_1"))
    yield* same("no connections", yield* log.read({ after: 0, limit: 10, connections: [] }), [])
    yield* same("no limit", yield* log.read({ after: 0, limit: 0 }), [])
    yield* same("past the end", yield* log.read({ after: 1_000_000, limit: 10 }), [])
  }),
  "answers every combination of options as a list in memory would": Effect.gen(function*() {
    const log = yield* EventLog
    const all: ReadonlyArray<NewEvent> = Array.from({ length: 60 }, (_, index) => {
      const status = statuses[(index * 3) % 11 % 7 % 4] ?? "decoded"
      return event(`id-${index}`, `con_${(index * 7) % 5}`, {
        trigger: status === "unknown" ? null : triggers[(index * 5) % 7 % 3] ?? null,
        status,
        // Not in the order of time: a clock can step back.
        receivedAt: new Date(start + ((index * 11) % 60) * 150_000).toISOString(),
        event: status === "unknown" ? null : JSON.stringify({
          messageId: messages[(index * 5) % 3],
          recipient: recipients[(index * 3) % 4],
          tag: tags[(index * 2) % 5]
        })
      })
    })
    for (const one of all) yield* log.append(one)
    const stored = yield* log.read({ after: 0, limit: 1_000 })
    yield* same("the events", stored.map(unstored), all)
    let found = 0
    for (
      const { after: from, before: to, ...options } of FastCheck.sample(readOptions, { numRuns: 300, seed: 20261125 })
    ) {
      const placed = (place: number) => place < 0 ? place : stored[place]?.sequence ?? place + 1_000
      const [after, before] = [placed(from), to === undefined ? undefined : placed(to)]
      const keysOf = (one: StoredEvent) => EventKeys.ofJson(one.trigger, one.event)
      const passing = stored.filter((one) => {
        const time = Date.parse(one.receivedAt)
        return one.sequence > after && one.sequence < (before ?? Number.POSITIVE_INFINITY) &&
          (options.connections?.includes(one.connectionId) ?? true) &&
          (options.trigger === undefined || [options.trigger].flat().some((id) => id === one.trigger)) &&
          (options.messageId === undefined || keysOf(one).messageId === options.messageId.toLowerCase()) &&
          (options.recipient === undefined || keysOf(one).recipient === options.recipient.toLowerCase()) &&
          (options.tag === undefined || keysOf(one).tag === options.tag) &&
          (options.status === undefined || one.status === options.status) &&
          (options.receivedFrom === undefined || time >= options.receivedFrom) &&
          (options.receivedTo === undefined || time < options.receivedTo)
      })
      const expected = (options.order === "newest" ? passing.toReversed() : passing).slice(
        0,
        Math.max(options.limit, 0)
      )
      const read = yield* log.read({ ...options, after, before })
      yield* same(JSON.stringify({ ...options, after, before }), read.map(sequence), expected.map(sequence))
      if (expected.length > 0) found += 1
    }
    yield* same("combinations that find events are tried", found > 60, true)
  }),
  "reads in pages of both orders that appends do not disturb, through any filter": Effect.gen(function*() {
    const log = yield* EventLog
    const append = (from: number, to: number) =>
      Effect.forEach(
        Array.from({ length: to - from }, (_, index) => from + index),
        (index) =>
          log.append(event(`id-${index}`, `con_${index % 2}`, {
            event: `{"messageId":"m${index}","recipient":"ann@example.com","tag":"welcome"}`,
            receivedAt: new Date(start + index * 60_000).toISOString()
          })),
        { discard: true }
      )
    yield* append(0, 60)
    const filters = [
      {},
      { connections: ["con_0", "con_1"] },
      { recipient: "ann@example.com" },
      { tag: "welcome", receivedFrom: start },
      { trigger: ["postmark/email-delivered", "postmark/email-bounced"], status: "decoded" as const }
    ]
    for (const [at, filter] of filters.entries()) {
      const size = 60 + at * 20
      const newest: Array<string> = []
      const oldest: Array<string> = []
      let [after, before] = [0, Number.MAX_SAFE_INTEGER]
      for (let page = 0; page < 50; page++) {
        const back = yield* log.read({ after: 0, before, limit: 7, order: "newest", ...filter })
        const forth = yield* log.read({ after, limit: 7, order: "oldest", ...filter })
        if (page < 10) yield* append(size + page * 2, size + page * 2 + 2)
        newest.push(...back.map(({ identity }) => identity))
        oldest.push(...forth.map(({ identity }) => identity))
        before = back.at(-1)?.sequence ?? before
        after = forth.at(-1)?.sequence ?? after
        if (back.length === 0 && forth.length === 0) break
      }
      const ids = (count: number) => Array.from({ length: count }, (_, index) => `id-${index}`)
      yield* same("newest first", newest, ids(size).toReversed())
      yield* same("oldest first", oldest, ids(size + 20))
    }
  }),
  "finds an event by its keys in any spelling that means the same": Effect.gen(function*() {
    const log = yield* EventLog
    const id = "5B1F0C52-8F0E-4A6C-9F43-2B7A5D3C9E10"
    yield* log.append(
      event("a", "con_1", { event: JSON.stringify({ messageId: id, recipient: "Ann@Example.com", tag: "A b" }) })
    )
    yield* log.append(event("b", "con_1", { event: JSON.stringify({ tag: "x".repeat(401) }) }))
    const found = (filter: Filter) =>
      Effect.map(log.read({ after: 0, limit: 10, ...filter }), (events) => events.length)
    yield* same("the message", yield* found({ messageId: id }), 1)
    yield* same("the message in lower case", yield* found({ messageId: id.toLowerCase() }), 1)
    yield* same("the recipient", yield* found({ recipient: "ANN@example.COM" }), 1)
    yield* same("the tag", yield* found({ tag: "A b" }), 1)
    yield* same("the tag in another case", yield* found({ tag: "a b" }), 0)
    yield* same("a tag that is too long for a key", yield* found({ tag: "x".repeat(401) }), 0)
    for (const text of ["", "a\u0000b", ...oddTexts]) {
      for (const filter of [{ messageId: text }, { recipient: text }, { tag: text }]) {
        yield* same(JSON.stringify(filter).slice(0, 100), yield* found(filter), 0)
      }
    }
    yield* same("no trigger", yield* found({ trigger: [] }), 0)
    const many = Array.from({ length: 300 }, (_, index) => `con_${index}`)
    yield* same("many connections", yield* found({ connections: many, trigger: ["postmark/email-delivered", "x"] }), 2)
    yield* same("all of time", yield* found({ receivedFrom: -8.64e15, receivedTo: 8.64e15 }), 2)
    yield* same("before all", yield* found({ receivedTo: start }), 0)
    yield* same("from an instant", yield* found({ receivedFrom: start, receivedTo: start + 1 }), 2)
    const rewrite = (text: string) => text.replaceAll("A b", "x")
    yield* log.rewrite({ after: 0, limit: 10, rewrite })
    yield* same("a tag that was rewritten", [yield* found({ tag: "A b" }), yield* found({ tag: "x" })], [0, 1])
  }),
  "keeps odd characters and large bodies": Effect.gen(function*() {
    const log = yield* EventLog
    const events = [...oddTexts, "x".repeat(2_000_000)].map((text, index) =>
      event(`${index} ${text.slice(0, 100)}`, "con_1", {
        recordType: text,
        trigger: `${index} ${text.slice(0, 200)}`,
        event: text,
        raw: text
      })
    )
    for (const one of events) yield* same("append", yield* log.append(one), true)
    for (const one of events) yield* same("the same again", yield* log.append(one), false)
    yield* same("the events", (yield* log.read({ after: 0, limit: 100 })).map(unstored), events)
    for (const one of events) {
      const found = yield* log.read({ after: 0, limit: 100, trigger: one.trigger ?? "" })
      yield* same("by trigger", found.map(unstored), [one])
    }
  }),
  "survives callers that go away": Effect.gen(function*() {
    const log = yield* EventLog
    const fibers = yield* Effect.forEach(
      Array.from({ length: 40 }, (_, index) => `id-${index}`),
      (id) => Effect.fork(log.append(event(id, "con_1")))
    )
    yield* Effect.yieldNow()
    yield* Effect.forEach(fibers.filter((_, index) => index % 2 === 0), Fiber.interruptFork, { discard: true })
    const others = yield* Effect.forEach(fibers.filter((_, index) => index % 2 === 1), Fiber.join)
    yield* same("the others' events are new", others.every((isNew) => isNew), true)
    yield* same("append", yield* log.append(event("after", "con_1")), true)
    const identities = (yield* log.read({ after: 0, limit: 100 })).map((one) => one.identity)
    const missing = Array.from({ length: 20 }, (_, index) => `id-${2 * index + 1}`)
      .filter((id) => !identities.includes(id))
    yield* same("missing", missing, [])
  }),
  "hints at changes": Effect.gen(function*() {
    const log = yield* EventLog
    const hint = yield* Effect.fork(Stream.runHead(log.changes))
    for (let index = 0; index < 1_000; index++) {
      yield* log.append(event(`id-${index}`, "con_1"))
      yield* Effect.yieldNow()
      if ((yield* Fiber.poll(hint))._tag === "Some") return
    }
    yield* Effect.dieMessage("changes: nothing was emitted after 1,000 events")
  }).pipe(Effect.asVoid),
  "quarantines, the newest first": Effect.gen(function*() {
    const log = yield* EventLog
    yield* same("none", yield* log.quarantined, [])
    const entries = [...oddTexts, "a\u0000b", "a"].map((body) => quarantined(body))
    for (const entry of entries) yield* log.quarantine(entry)
    // The same body twice is two entries.
    yield* log.quarantine(quarantined("a"))
    yield* same("entries", yield* log.quarantined, [quarantined("a"), ...entries.toReversed()])
    yield* same("no events", yield* log.read({ after: 0, limit: 10 }), [])
  }),
  "tells the newest sequence number": Effect.gen(function*() {
    const log = yield* EventLog
    yield* same("of an empty log", yield* log.latest, 0)
    yield* log.append(event("1", "con_1"))
    yield* log.append(event("2", "con_2"))
    yield* log.append(event("2", "con_2"))
    const events = yield* log.read({ after: 0, limit: 10 })
    yield* same("of two events", yield* log.latest, events.at(-1)?.sequence)
  }),
  "prunes old events, the oldest first, and never gives a sequence number twice": Effect.gen(function*() {
    const log = yield* EventLog
    // Not in the order of time: a clock can step back.
    for (const day of [3, 1, 2, 9, 8]) yield* log.append(event(`day-${day}`, "con_1", { receivedAt: dayOf(day) }))
    const all = yield* log.read({ after: 0, limit: 10 })
    yield* same("no limit", yield* log.prune({ before: millisOf(9), limit: 0 }), 0)
    yield* same("two of the old", yield* log.prune({ before: millisOf(4), limit: 2 }), 2)
    yield* same("the rest", yield* identitiesOf, ["day-3", "day-9", "day-8"])
    yield* same("the last", yield* log.prune({ before: millisOf(4), limit: 2 }), 1)
    yield* same("none", yield* log.prune({ before: millisOf(4), limit: 2 }), 0)
    yield* same("at the instant itself", yield* log.prune({ before: millisOf(8), limit: 2 }), 0)
    yield* same("kept", yield* log.read({ after: 0, limit: 10 }), all.slice(3))
    yield* same("a kept one is a duplicate", yield* log.append(event("day-9", "con_1")), false)
    yield* same("a pruned one is new", yield* log.append(event("day-1", "con_1")), true)
    const sequences = (yield* log.read({ after: 0, limit: 10 })).map(sequence)
    yield* same("a number of its own", (sequences.at(-1) ?? 0) > (all.at(-1)?.sequence ?? 0), true)
  }),
  "goes on with its numbers when everything is pruned": Effect.gen(function*() {
    const log = yield* EventLog
    yield* log.append(event("1", "con_1"))
    yield* log.append(event("2", "con_1"))
    const latest = yield* log.latest
    yield* same("all", yield* log.prune({ before: millisOf(300), limit: 10 }), 2)
    yield* same("nothing is left", yield* log.read({ after: 0, limit: 10 }), [])
    yield* same("the newest number is known", yield* log.latest, latest)
    yield* log.append(event("3", "con_1"))
    const next = (yield* log.read({ after: latest, limit: 10 })).map(({ identity }) => identity)
    yield* same("a reader after the newest number finds what comes", next, ["3"])
  }),
  "prunes bodies, and keeps the events": Effect.gen(function*() {
    const log = yield* EventLog
    for (const day of [1, 2, 9]) yield* log.append(event(`day-${day}`, "con_1", { receivedAt: dayOf(day) }))
    const before = yield* log.read({ after: 0, limit: 10 })
    yield* same("no limit", yield* log.pruneBodies({ before: millisOf(9), limit: 0 }), 0)
    yield* same("one", yield* log.pruneBodies({ before: millisOf(9), limit: 1 }), 1)
    yield* same("the other", yield* log.pruneBodies({ before: millisOf(9), limit: 10 }), 1)
    yield* same("none", yield* log.pruneBodies({ before: millisOf(9), limit: 10 }), 0)
    yield* same(
      "the events",
      yield* log.read({ after: 0, limit: 10 }),
      before.map((one) => one.identity === "day-9" ? one : { ...one, raw: "null" })
    )
    yield* same("a duplicate all the same", yield* log.append(event("day-1", "con_1")), false)
  }),
  "rewrites the texts of events in pages": Effect.gen(function*() {
    const log = yield* EventLog
    for (let index = 0; index < 25; index++) {
      yield* log.append(event(`${index}`, `con_${index % 2}`, {
        event: index === 3 ? null : `{"to":"${index % 5 === 0 ? "a" : "b"}"}`,
        raw: `{"To":"${index % 4 === 0 ? "a" : "b"}"}`
      }))
    }
    const before = yield* log.read({ after: 0, limit: 100 })
    const rewrite = (text: string) => text.replaceAll(`"a"`, `"x"`)
    const expected = before.map((one) =>
      one.connectionId === "con_0"
        ? { ...one, event: one.event === null ? null : rewrite(one.event), raw: rewrite(one.raw) }
        : one
    )
    const steps = yield* inSteps((after) => log.rewrite({ after, limit: 4, connectionId: "con_0", rewrite }))
    yield* same("the events", yield* log.read({ after: 0, limit: 100 }), expected)
    const changed = expected.filter((one, at) => JSON.stringify(one) !== JSON.stringify(before[at])).length
    yield* same("changed", steps, changed)
    yield* same("again", yield* inSteps((after) => log.rewrite({ after, limit: 4, rewrite: (text) => text })), 0)
    yield* inSteps((after) => log.rewrite({ after, limit: 100, rewrite }))
    const texts = (yield* log.read({ after: 0, limit: 100 })).map((one) => `${one.event}${one.raw}`)
    yield* same("of all connections", texts.some((text) => text.includes(`"a"`)), false)
    yield* same("a duplicate all the same", yield* log.append(event("0", "con_0")), false)
    yield* same("no limit", yield* log.rewrite({ after: 0, limit: 0, rewrite }), { changed: 0, next: null })
  }),
  "prunes and rewrites quarantined bodies": Effect.gen(function*() {
    const log = yield* EventLog
    for (const day of [1, 2, 9]) {
      yield* log.quarantine({ ...quarantined(`a\u0000a day ${day}`), receivedAt: dayOf(day) })
    }
    const rewrite = (text: string) => text.replaceAll("a\u0000a", "x")
    const other = yield* inSteps((after) => log.rewriteQuarantine({ after, limit: 2, connectionId: "con_2", rewrite }))
    yield* same("of another connection", other, 0)
    yield* same("changed", yield* inSteps((after) => log.rewriteQuarantine({ after, limit: 2, rewrite })), 3)
    yield* same("one", yield* log.pruneQuarantine({ before: millisOf(9), limit: 1 }), 1)
    yield* same("the rest", (yield* log.quarantined).map(({ body }) => body), ["x day 9", "x day 2"])
    yield* same("the other", yield* log.pruneQuarantine({ before: millisOf(9), limit: 10 }), 1)
    yield* same("no limit", yield* log.pruneQuarantine({ before: millisOf(300), limit: 0 }), 0)
  }),
  "quarantines no more than its limit": Effect.gen(function*() {
    const log = yield* EventLog
    for (let index = 0; index < quarantineLimit + 5; index++) yield* log.quarantine(quarantined(`body ${index}`))
    const entries = yield* log.quarantined
    yield* same("entries", entries.length, quarantineLimit)
    yield* same("the newest", entries[0]?.body, `body ${quarantineLimit + 4}`)
    yield* same("the oldest", entries.at(-1)?.body, "body 5")
  }),
  ...EventKeysSuite.suite
}

const start = Date.UTC(2026, 0, 1)
const triggers = ["postmark/email-delivered", "postmark/email-bounced", null]
const statuses = ["decoded", "partial", "unknown", "probe"] as const
const messages = ["m1", "5b1f0c52-8f0e-4a6c-9f43-2b7a5d3c9e10", null]
const recipients = ["ann@example.com", "Bob@example.com", null, "carl@example.com"]
const tags = ["welcome", "Welcome", null, "receipt", ""]

const maybe = <A>(arbitrary: FastCheck.Arbitrary<A>) => FastCheck.option(arbitrary, { nil: undefined, freq: 1 })

const rarely = <A>(arbitrary: FastCheck.Arbitrary<A>) =>
  FastCheck.oneof({ weight: 6, arbitrary: FastCheck.constant(undefined) }, { weight: 1, arbitrary })

const place = FastCheck.integer({ min: -3, max: 63 })

const anyTrigger = FastCheck.constantFrom("postmark/email-delivered", "postmark/email-bounced", "postmark/none")

const instant = FastCheck.integer({ min: -2, max: 62 }).map((index) => start + index * 150_000)

/** `after` and `before` are places in the list, or numbers before its first or after its last. */
const readOptions = FastCheck.record({
  after: place,
  before: rarely(place),
  limit: FastCheck.constantFrom(-1, 0, 1, 2, 7, 60, 1_000),
  order: maybe(FastCheck.constantFrom("oldest" as const, "newest" as const)),
  connections: maybe(
    FastCheck.array(FastCheck.constantFrom("con_0", "con_1", "con_2", "con_3", "con_4", "con_none"), { maxLength: 8 })
  ),
  trigger: maybe(FastCheck.oneof(anyTrigger, FastCheck.array(anyTrigger, { maxLength: 3 }))),
  messageId: rarely(FastCheck.constantFrom("m1", "5B1F0C52-8f0e-4a6c-9f43-2b7a5d3c9e10", "m9")),
  recipient: rarely(FastCheck.constantFrom("ann@example.com", "bob@EXAMPLE.com", "nobody@example.com")),
  tag: rarely(FastCheck.constantFrom("welcome", "Welcome", "receipt", "none")),
  status: rarely(FastCheck.constantFrom(...statuses)),
  receivedFrom: rarely(instant),
  receivedTo: rarely(instant)
})

const event = (
  identity: string,
  connectionId: string,
  fields: Partial<Omit<NewEvent, "connectionId" | "identity">> = {}
): NewEvent => ({
  connectionId: ConnectionId.make(connectionId),
  identity,
  receivedAt: "2026-01-01T00:00:00.000Z",
  recordType: "Delivery",
  trigger: "postmark/email-delivered",
  status: "decoded",
  event: `{"messageId":"1"}`,
  raw: `{ "MessageID": "1" }`,
  ...fields
})

const quarantined = (body: string): Quarantined => ({
  connectionId: ConnectionId.make("con_1"),
  receivedAt: "2026-01-01T00:00:00.000Z",
  reason: "not JSON",
  body
})

const dayOf = (day: number): string => new Date(millisOf(day)).toISOString()

const millisOf = (day: number): number => Date.UTC(2026, 0, day)

const identitiesOf = Effect.flatMap(
  EventLog,
  (log) => Effect.map(log.read({ after: 0, limit: 100 }), (events) => events.map(({ identity }) => identity))
)

/** From the first row to the last; the rows that changed. */
const inSteps = (step: (after: number) => Effect.Effect<Stepped, StoreUnavailable>) =>
  Effect.gen(function*() {
    let changed = 0
    let after: number | null = 0
    while (after !== null) {
      const stepped: Stepped = yield* step(after)
      changed += stepped.changed
      after = stepped.next
    }
    return changed
  })

const sequence = (one: StoredEvent) => one.sequence

/** The fields of a new event, without those that the log adds. */
const unstored = (
  { messageId: _m, possiblyDuplicate: _p, recipient: _r, sequence: _s, source: _source, ...event }: StoredEvent
): NewEvent => event

const rises = (events: ReadonlyArray<StoredEvent>, after: number): boolean =>
  events.every((one, index) => one.sequence > (events[index - 1]?.sequence ?? after))
