/**
 * Tests of an event log: programs that die when the log violates the port.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as FastCheck from "effect/FastCheck"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import { EventLog, type NewEvent, type Quarantined, quarantineLimit, type StoredEvent } from "../EventLog.ts"
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
    const triggers = ["postmark/email-delivered", "postmark/email-bounced", null]
    const all: Array<NewEvent> = []
    for (let index = 0; index < 60; index++) {
      const one = event(`id-${index}`, `con_${(index * 7) % 5}`, { trigger: triggers[(index * 5) % 7 % 3] ?? null })
      all.push(one)
      yield* log.append(one)
    }
    const stored = yield* log.read({ after: 0, limit: 1_000 })
    yield* same("the events", stored.map(unstored), all)
    for (const options of FastCheck.sample(readOptions, { numRuns: 200, seed: 20260930 })) {
      const after = options.after < 0 ? options.after : stored[options.after]?.sequence ?? options.after + 1_000
      const expected = stored.filter((one) =>
        one.sequence > after && (options.connections?.includes(one.connectionId) ?? true) &&
        (options.trigger === undefined || one.trigger === options.trigger)
      ).slice(0, Math.max(options.limit, 0))
      const found = yield* log.read({ ...options, after })
      yield* same(JSON.stringify({ ...options, after }), found.map(sequence), expected.map(sequence))
    }
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

/** `after` is a place in the list, or a number before its first or after its last. */
const readOptions = FastCheck.record({
  after: FastCheck.integer({ min: -3, max: 63 }),
  limit: FastCheck.constantFrom(-1, 0, 1, 2, 7, 60, 1_000),
  connections: FastCheck.option(
    FastCheck.array(FastCheck.constantFrom("con_0", "con_1", "con_2", "con_3", "con_4", "con_none"), { maxLength: 8 }),
    { nil: undefined }
  ),
  trigger: FastCheck.option(
    FastCheck.constantFrom("postmark/email-delivered", "postmark/email-bounced", "postmark/none"),
    { nil: undefined }
  )
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
