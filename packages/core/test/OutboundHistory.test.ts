import { MessageId } from "@effect-postmark/core/Ids"
import * as OutboundHistory from "@effect-postmark/core/OutboundHistory"
import type { OutboundMessage } from "@effect-postmark/core/OutboundMessage"
import { assert, describe, it } from "@effect/vitest"
import { Effect, FastCheck, Ref, Stream, TestClock, TestContext } from "effect"

const message = (index: number, instant: number) => ({
  messageId: MessageId.make(`m${index}`),
  receivedAt: new Date(instant).toISOString(),
  instant
})

type Kept = ReturnType<typeof message>

const eastern = new Intl.DateTimeFormat("sv-SE", {
  timeZone: "America/New_York",
  dateStyle: "short",
  timeStyle: "medium"
})

/** `2026-11-01T01:30:00`, twice in autumn. */
const local = (instant: number) => eastern.format(instant).replace(" ", "T")

/** A search as Postmark does it: local Eastern times compared as text, both ends inclusive, newest first. */
const postmark = (messages: ReadonlyArray<Kept>, window: number) =>
  Effect.map(Ref.make(0), (calls) => {
    const newestFirst = messages.toSorted((a, b) => b.instant - a.instant)
    const reader: OutboundHistory.Reader = {
      list: ({ count = 50, fromDate = "", offset = 0, toDate = "9" } = {}) =>
        Effect.as(Ref.update(calls, (n) => n + 1), { fromDate, toDate }).pipe(Effect.map(() => {
          assert.isAtMost(count + offset, window)
          const found = newestFirst.filter(({ instant }) => {
            const time = local(instant)
            return time >= fromDate && time <= toDate
          })
          return { totalCount: found.length, messages: found.slice(offset, offset + count).map(full) }
        }))
    }
    return { reader, calls: Ref.get(calls) }
  })

const full = ({ messageId, receivedAt }: Kept): OutboundMessage => ({
  messageId,
  receivedAt,
  to: [],
  cc: [],
  bcc: [],
  recipients: [],
  from: "",
  attachments: [],
  status: "Sent",
  metadata: {}
})

const ids = (messages: Iterable<{ readonly messageId: string }>) => Array.from(messages, ({ messageId }) => messageId)

const autumn = Date.parse("2026-11-01T06:00:00Z")
const spring = Date.parse("2026-03-08T07:00:00Z")

it.effect("gives every message once, newest first, over both changes of the clock", () =>
  Effect.promise(() =>
    FastCheck.assert(
      FastCheck.asyncProperty(
        FastCheck.constantFrom(autumn, spring, Date.parse("2026-07-01T12:00:00Z")),
        FastCheck.uniqueArray(FastCheck.integer({ min: -100_000, max: 100_000 }), { minLength: 1, maxLength: 60 }),
        (around, seconds) => {
          const messages = seconds.map((second, index) => message(index, around + second * 1_000 + 250))
          const isOdd = (instant: number) => Math.abs(instant - autumn) <= 3_700_000
          // The hour that autumn repeats is one span, so it has to fit into one search.
          FastCheck.pre(messages.filter(({ instant }) => isOdd(instant)).length <= 8)
          return Effect.gen(function*() {
            yield* TestClock.setTime(around + 200_000_000)
            const { reader } = yield* postmark(messages, 10)
            const found = yield* Stream.runCollect(OutboundHistory.stream(reader, {}, 10))
            assert.deepStrictEqual(ids(found), ids(messages.toSorted((a, b) => b.instant - a.instant)))
          }).pipe(Effect.provide(TestContext.TestContext), Effect.runPromise)
        }
      ),
      { numRuns: 60 }
    )
  ))

it.effect("asks one page after the other while a search holds them all", () =>
  Effect.gen(function*() {
    yield* TestClock.setTime(Date.parse("2026-07-02T12:00:00Z"))
    const messages = Array.from({ length: 1_200 }, (_, index) =>
      message(index, Date.parse("2026-07-01T12:00:00Z") + index * 10))
    const { calls, reader } = yield* postmark(messages, 10_000)
    const found = yield* Stream.runCollect(OutboundHistory.stream(reader, {}))
    assert.strictEqual(found.length, 1_200)
    assert.strictEqual(yield* calls, 4)
    const pages = yield* Stream.runCollect(OutboundHistory.pages(reader, {}))
    assert.deepStrictEqual(ids(pages), ids(found))
  }))

it.effect("names the second that holds too many", () =>
  Effect.gen(function*() {
    yield* TestClock.setTime(Date.parse("2026-07-02T12:00:00Z"))
    const messages = Array.from({ length: 11 }, (_, index) =>
      message(index, Date.parse("2026-07-01T12:00:00Z") + index * 10))
    const { reader } = yield* postmark(messages, 10)
    const error = yield* Effect.flip(Stream.runDrain(OutboundHistory.stream(reader, {}, 10)))
    assert.strictEqual(error._tag, "TooManyInSpan")
    assert.include(error.message, "2026-07-01T08:00:0")
  }))

it.effect("leaves out what is sent meanwhile", () =>
  Effect.gen(function*() {
    const now = Date.parse("2026-07-02T12:00:00Z")
    yield* TestClock.setTime(now)
    const old = Array.from({ length: 30 }, (_, index) => message(index, now - 60_000 * (index + 1)))
    const late: Array<Kept> = []
    const reader: OutboundHistory.Reader = {
      list: (query) =>
        Effect.suspend(() => {
          late.push(message(100 + late.length, now + 1_000 * (late.length + 1)))
          return Effect.flatMap(postmark([...old, ...late], 10), (inner) => inner.reader.list(query))
        })
    }
    const found = yield* Stream.runCollect(OutboundHistory.stream(reader, {}, 10))
    assert.deepStrictEqual(ids(found), ids(old))
  }))

it.effect("keeps to the dates that were asked for", () =>
  Effect.gen(function*() {
    yield* TestClock.setTime(Date.parse("2026-07-10T12:00:00Z"))
    const day = 86_400_000
    const messages = Array.from({ length: 9 }, (_, index) =>
      message(index, Date.parse("2026-07-01T12:00:00Z") + index * day))
    const { reader } = yield* postmark(messages, 2)
    const found = yield* Stream.runCollect(
      OutboundHistory.stream(reader, { fromDate: "2026-07-03", toDate: "2026-07-05" }, 2)
    )
    assert.deepStrictEqual(ids(found), ["m4", "m3", "m2"])
    const none = yield* Stream.runCollect(
      OutboundHistory.stream(reader, { fromDate: "2026-07-05", toDate: "2026-07-03" }, 2)
    )
    assert.strictEqual(none.length, 0)
  }))

describe("dates", () => {
  it("names the seconds of both ends in Eastern Time", () => {
    assert.deepStrictEqual(
      OutboundHistory.dates(Date.parse("2026-09-30T16:04:08.900Z"), Date.parse("2026-12-01T00:00:00Z")),
      { fromDate: "2026-09-30T12:04:08", toDate: "2026-11-30T19:00:00" }
    )
  })

  it("covers both instants of the hour that autumn repeats", () => {
    // 05:30 and 06:30 UTC are both 01:30 in New York.
    assert.deepStrictEqual(
      OutboundHistory.dates(Date.parse("2026-11-01T05:30:00Z"), Date.parse("2026-11-01T06:10:00Z")),
      { fromDate: "2026-11-01T00:30:00", toDate: "2026-11-01T02:10:00" }
    )
    assert.deepStrictEqual(
      OutboundHistory.dates(Date.parse("2026-11-01T08:00:00Z"), Date.parse("2026-11-01T09:00:00Z")),
      { fromDate: "2026-11-01T03:00:00", toDate: "2026-11-01T04:00:00" }
    )
  })
})
