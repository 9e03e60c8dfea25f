import { GapFill } from "@effect-postmark/automation"
import { type Bounces, Connections, EventLog, Ids } from "@effect-postmark/core"
import { assert, describe, it } from "@effect/vitest"
import { Context, Effect } from "effect"
import { start, world } from "./gapFillKit.ts"

const at = (seconds: number) => start - 3_600_000 + seconds * 1_000

/** Twenty in a second, of which one in a hundred is a bounce and the others are complaints. */
const bounces = (count: number): ReadonlyArray<Bounces.Bounce> =>
  Array.from({ length: count }, (_, index) => ({
    id: Ids.BounceId.make(`${index + 1}`),
    type: index % 100 === 0 ? "HardBounce" : "SpamComplaint",
    email: `person${index}@example.com`,
    bouncedAt: new Date(at(Math.floor(index / 20))).toISOString()
  })).toReversed()

/** The dates of a query are Eastern Time, in summer four hours behind. */
const instant = (eastern: string | undefined) => Date.parse(`${eastern}-04:00`)

/** A sweep of bounces in which Postmark has these. */
const sweepOf = (all: ReadonlyArray<Bounces.Bounce>) =>
  Effect.gen(function*() {
    const { client, connectionId, context } = yield* world()
    let calls = 0
    const list: typeof client.bounces.list = ({ count = 50, fromDate, messageStream, offset = 0, toDate } = {}) =>
      Effect.sync(() => {
        calls += 1
        assert.isAtMost(count + offset, 10_000)
        const found = messageStream !== "outbound" ? [] : all.filter(({ bouncedAt }) => {
          const second = Math.floor(Date.parse(bouncedAt) / 1_000) * 1_000
          return second >= instant(fromDate) && second <= instant(toDate)
        })
        return { totalCount: found.length, bounces: found.slice(offset, offset + count) }
      })
    const connections = Context.get(context, Connections.Connections)
    const counted: Connections.Service = {
      ...connections,
      client: () => Effect.succeed({ ...client, bounces: { ...client.bounces, list } })
    }
    const gapFill = yield* GapFill.make({ readsPerSecond: 0 }).pipe(
      Effect.provideService(Connections.Connections, counted),
      Effect.provide(context)
    )
    const report = yield* gapFill.sweep({
      connectionId,
      from: new Date(at(0)).toISOString(),
      triggers: ["postmark/email-bounced"]
    })
    const stored = yield* Context.get(context, EventLog.EventLog).read({ after: 0, limit: 100_000 })
    const ids = stored.map(({ event }) => Number(JSON.parse(event ?? "").bounceId))
    return { calls, ids, report }
  })

describe("a sweep of more than one search returns", () => {
  it.scoped(
    "halves the time until each part fits, and stores each bounce once",
    () =>
      Effect.gen(function*() {
        const { calls, ids, report } = yield* sweepOf(bounces(12_000))
        // The second of each cut is read twice.
        assert.isAtLeast(report.scanned, 12_000)
        assert.isAtMost(report.scanned, 12_100)
        assert.deepStrictEqual(report.added, { "postmark/email-bounced": 120 })
        assert.deepStrictEqual(
          [...ids].sort((a, b) => a - b),
          Array.from({ length: 120 }, (_, index) => index * 100 + 1)
        )
        assert.isAtMost(calls, 60)
      }),
    60_000
  )
})

describe("what a sweep reports", () => {
  it.scoped("names activity from before Postmark's retention", () =>
    Effect.gen(function*() {
      const { connectionId, gapFill } = yield* world()
      const report = yield* gapFill.sweep({
        connectionId,
        from: "2026-01-01T00:00:00Z",
        triggers: [
          "postmark/subscription-changed"
        ]
      })
      assert.isTrue(report.notRecoverable.some((text) => text.includes("45 days")))
      assert.isTrue(report.notRecoverable.some((text) => text.includes("reactivations")))
      assert.isFalse(report.notRecoverable.some((text) => text.includes("opens")))
    }))
})
