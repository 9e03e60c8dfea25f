/** The part of the event log's suite that is about sources and keys. */
import * as Effect from "effect/Effect"
import * as FastCheck from "effect/FastCheck"
import type { EventSource } from "../../EventKeys.ts"
import { EventLog, type NewEvent } from "../../EventLog.ts"
import { ConnectionId } from "../../Ids.ts"
import type { StoreUnavailable } from "../../StoreUnavailable.ts"
import { oddTexts, same } from "../../testing/PortSuite.ts"

export const suite: Readonly<Record<string, Effect.Effect<void, StoreUnavailable, EventLog>>> = {
  "fills the message, the recipient and the source of an event": Effect.gen(function*() {
    const log = yield* EventLog
    yield* log.append(delivery("a", 0, { recipient: "Ann@Example.com" }))
    yield* log.append({ ...delivery("b", 5_000), source: "backfill" })
    yield* log.append({ ...delivery("c", 0), trigger: "own/trigger", event: `{"messageId":5,"recipient":""}` })
    yield* log.append({ ...delivery("d", 0), trigger: null, status: "unknown", event: null })
    const stored = yield* log.read({ after: 0, limit: 10 })
    yield* same(
      "the fields",
      stored.map(({ messageId, possiblyDuplicate, recipient, source }) => [
        source,
        messageId,
        recipient,
        possiblyDuplicate
      ]),
      [
        ["live", "m1", "ann@example.com", false],
        ["backfill", "m1", "ann@example.com", false],
        ["live", null, null, false],
        ["live", null, null, false]
      ]
    )
    const mentions = yield* log.mentions("con_1", ["m1", "m2"])
    yield* same(
      "mentions",
      mentions,
      [at, at + 5_000].map((occurredAt) => ({
        messageId: "m1",
        recipient: "ann@example.com",
        naturalKey: "Delivery m1 ann@example.com",
        occurredAt,
        trigger: "postmark/email-delivered"
      }))
    )
    yield* same("of another connection", yield* log.mentions("con_2", ["m1"]), [])
    yield* same("of no messages", yield* log.mentions("con_1", []), [])
  }),
  "takes keys of any text": Effect.gen(function*() {
    const log = yield* EventLog
    for (const source of sources) {
      for (const [index, text] of [...oddTexts, "a\u0000b", "\ud83d"].entries()) {
        const event = { ...delivery(`${source} ${index}`, 0, { messageId: text, recipient: text }), source }
        yield* log.append(event)
        yield* log.append({ ...event, identity: `${source} ${index} again` })
        yield* log.append({ ...click(`${source} click ${index}`, 0, text), source })
      }
    }
    const stored = yield* log.read({ after: 0, limit: 1_000 })
    yield* same("live events", stored.filter(({ source }) => source === "live").length, 3 * (oddTexts.length + 2))
  }),
  "recognises a backfilled copy of a live event, and a live copy of a backfilled one": Effect.gen(function*() {
    const log = yield* EventLog
    for (const [first, second] of [["live", "backfill"], ["backfill", "live"], ["backfill", "backfill"]] as const) {
      const messageId = `${first} ${second}`
      const append = (identity: string, offset: number, source: EventSource, connectionId?: string) =>
        log.append({ ...delivery(`${messageId} ${identity}`, offset, { messageId }, connectionId), source })
      yield* same("the first", yield* append("a", 0, first), true)
      yield* same("its copy", yield* append("b", 0, second), false)
      yield* same("its copy, half a second later", yield* append("c", 500, second), false)
      yield* same("its copy, a second before", yield* append("d", -1_000, second), false)
      yield* same("a second and more later", yield* append("e", 1_001, second), true)
      yield* same("of another connection", yield* append("b", 0, second, "con_2"), true)
    }
    const bounces = yield* Effect.forEach(
      ["live", "backfill", "live"] as const,
      (source, index) => log.append({ ...bounce(`bounce ${index}`, "7", index * 60_000), source })
    )
    yield* same("bounces with one id", bounces, [true, false, true])
    yield* same("a bounce with another", yield* log.append({ ...bounce("8", "8", 0), source: "backfill" }), true)
    yield* same(
      "a complaint with the id",
      yield* log.append({
        ...bounce("complaint", "7", 0),
        trigger: "postmark/spam-complaint",
        source: "backfill"
      }),
      true
    )
  }),
  "never merges live events": Effect.gen(function*() {
    const log = yield* EventLog
    const events = ["a", "b", "c"].flatMap((identity) => [
      delivery(`delivery ${identity}`, 0),
      bounce(`bounce ${identity}`, "7", 0),
      open(`open ${identity}`, 0)
    ])
    for (const one of events) yield* same("append", yield* log.append(one), true)
    yield* same("stored", (yield* log.read({ after: 0, limit: 100 })).length, events.length)
  }),
  "keeps both on doubt, and flags the second": Effect.gen(function*() {
    const log = yield* EventLog
    const link = "https://shop.example.org"
    yield* log.append(click("a", 123, link))
    const backfilled = (identity: string, offset: number, to = link) =>
      log.append({ ...click(identity, offset, to), source: "backfill" })
    yield* same("the same instant", yield* backfilled("b", 123), false)
    yield* same("cut to the second", yield* backfilled("c", 0), false)
    yield* same("another link", yield* backfilled("d", 123, `${link}/${"x".repeat(3_000)}`), true)
    yield* same("another long link", yield* backfilled("e", 123, `${link}/${"x".repeat(2_999)}y`), true)
    yield* same("another instant of the second", yield* backfilled("f", 456), true)
    const stored = yield* log.read({ after: 0, limit: 10 })
    yield* same(
      "flagged",
      stored.map(({ identity, possiblyDuplicate }) => [identity, possiblyDuplicate]),
      [["a", false], ["d", false], ["e", false], ["f", true]]
    )
  }),
  "does not take a repeated open for the first one": Effect.gen(function*() {
    const log = yield* EventLog
    yield* same("a repeated one", yield* log.append(open("b", 0, false)), true)
    yield* same("the first", yield* log.append({ ...open("a", 0), source: "backfill" }), true)
    yield* same("another repeated one", yield* log.append(open("c", 0, false)), true)
    yield* same("the first again", yield* log.append(open("d", 300)), false)
  }),
  "tells one of many copies at once that it is new": Effect.gen(function*() {
    const log = yield* EventLog
    const copies = Array.from({ length: 40 }, (_, index) => ({
      ...delivery(`copy ${index}`, index % 2 === 0 ? 0 : 400, { messageId: `m${index % 4}` }),
      source: "backfill" as const
    }))
    const isNew = yield* Effect.forEach(copies, log.append, { concurrency: "unbounded" })
    for (const which of [0, 1, 2, 3]) {
      yield* same("new", isNew.filter((one, index) => one && index % 4 === which).length, 1)
    }
    yield* same("stored", (yield* log.read({ after: 0, limit: 100 })).length, 4)
  }),
  "has what happened once, whatever came live and was swept, in any order": Effect.gen(function*() {
    const log = yield* EventLog
    for (const [run, plan] of FastCheck.sample(plans, { numRuns: 30, seed: 20261125 }).entries()) {
      const connectionId = `con_${run}`
      const events = plan.events.map(({ kind, message }, index) => {
        const messageId = `m${message}`
        // Two seconds apart: nearer than that, one instant cannot be told from the other.
        const offset = index * 2_500
        return kind === "delivery"
          ? delivery(`${index}`, offset, { messageId }, connectionId)
          : kind === "bounce"
          ? bounce(`${index}`, `${index}`, offset, connectionId)
          : click(`${index}`, offset, `https://shop.example.org/${message}`, connectionId)
      })
      const arrivals = plan.arrivals.flatMap((arrival): ReadonlyArray<NewEvent> => {
        const event = events[arrival % events.length]
        return event === undefined ? [] : arrival >= 100 ? [event] : [{
          ...event,
          identity: `${event.identity} backfilled ${arrival}`,
          source: "backfill"
        }]
      })
      for (const one of arrivals) yield* log.append(one)
      const happened = [...new Set(arrivals.map(({ event }) => event))].sort()
      const stored = yield* log.read({ after: 0, limit: 1_000, connections: [connectionId] })
      yield* same(`run ${run}`, stored.map(({ event }) => event).sort(), happened)
    }
  })
}

const sources = ["live", "backfill"] as const

/** `arrivals` below 100 are backfilled copies, those from 100 on are live. */
const plans = FastCheck.record({
  events: FastCheck.array(
    FastCheck.record({
      kind: FastCheck.constantFrom("delivery" as const, "bounce" as const, "click" as const),
      message: FastCheck.integer({ min: 0, max: 2 })
    }),
    { minLength: 1, maxLength: 8 }
  ),
  arrivals: FastCheck.array(FastCheck.integer({ min: 0, max: 199 }), { maxLength: 30 })
})

const at = Date.parse("2026-01-01T00:00:00.000Z")

const iso = (offset: number) => new Date(at + offset).toISOString()

const made = (identity: string, trigger: string, event: object, connectionId = "con_1"): NewEvent => ({
  connectionId: ConnectionId.make(connectionId),
  identity,
  receivedAt: "2026-01-01T00:00:00.000Z",
  recordType: null,
  trigger,
  status: "decoded",
  event: JSON.stringify(event),
  raw: "{}"
})

const about = { messageId: "m1", recipient: "ann@example.com" }

const delivery = (identity: string, offset: number, fields: object = {}, connectionId?: string) =>
  made(identity, "postmark/email-delivered", { ...about, deliveredAt: iso(offset), ...fields }, connectionId)

const bounce = (identity: string, bounceId: string, offset: number, connectionId?: string) =>
  made(identity, "postmark/email-bounced", { ...about, bounceId, bouncedAt: iso(offset) }, connectionId)

const open = (identity: string, offset: number, firstOpen = true) =>
  made(identity, "postmark/email-opened", { ...about, firstOpen, openedAt: iso(offset) })

const click = (identity: string, offset: number, originalLink: string, connectionId?: string) =>
  made(identity, "postmark/link-clicked", { ...about, originalLink, clickedAt: iso(offset) }, connectionId)
