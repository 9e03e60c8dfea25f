import type { PostmarkClient, Statistics } from "@effect-postmark/core"
import { assert } from "@effect/vitest"
import { Effect } from "effect"
import { appleMail, email, firefox, type Scenario, type Scenarios, today, trackedEmail, type World } from "./harness.ts"

/**
 * Five recipients of one day: two of a tracked message, who open it three times and click three times, and three of a
 * plain one, of whom one bounces hard, one softly, and one complains.
 */
const traffic = ({ double, server }: World) =>
  Effect.gen(function*() {
    const tracked = yield* server.sendEmail({ ...trackedEmail, to: ["ann@example.com", "bob@example.com"] })
    yield* double.open(tracked.messageId, "ann@example.com", appleMail)
    yield* double.open(tracked.messageId, "ann@example.com", appleMail)
    yield* double.open(tracked.messageId, "bob@example.com", { ...firefox, platform: "WebMail" })
    yield* double.click(tracked.messageId, "ann@example.com", { location: "HTML", reader: appleMail })
    yield* double.click(tracked.messageId, "ann@example.com", { location: "Text", reader: appleMail })
    yield* double.click(tracked.messageId, "bob@example.com", { location: "HTML", reader: firefox })
    const plain = yield* server.sendEmail({
      ...email,
      to: ["carl@example.com", "dora@example.com", "eve@example.com"],
      tag: "plain"
    })
    yield* double.bounce(plain.messageId, "carl@example.com")
    yield* double.bounce(plain.messageId, "dora@example.com", { type: "SoftBounce" })
    yield* double.spamComplaint(plain.messageId, "eve@example.com")
  })

/** Totals that are those of the one day as well, and nothing on a stream without messages. */
const counts = <A extends { readonly days: ReadonlyArray<{ readonly date: string }> }>(
  select: (statistics: PostmarkClient.Service["statistics"]) => Statistics.Counts<A>,
  expected: Readonly<Record<string, number>>
): Scenario =>
(world) =>
  Effect.gen(function*() {
    yield* traffic(world)
    const count = select(world.server.statistics)
    const { days, raw: _, ...totals } = yield* count({ fromDate: today, toDate: today })
    assert.deepEqual<unknown>(totals, expected)
    assert.deepEqual<unknown>(days, [{ date: today, ...expected }])
    assert.deepStrictEqual((yield* count({ messageStream: "broadcast" })).days, [])
  })

const named = (
  select: (statistics: PostmarkClient.Service["statistics"]) => PostmarkClient.Service["statistics"]["openReadTimes"],
  expected: Readonly<Record<string, number>>
): Scenario =>
(world) =>
  Effect.gen(function*() {
    yield* traffic(world)
    const { days, totals } = yield* select(world.server.statistics)({ fromDate: today })
    assert.deepStrictEqual(totals, expected)
    assert.deepStrictEqual(days, [{ date: today, counts: expected }])
  })

export const statistics: Scenarios = {
  "statistics.overview": (world) =>
    Effect.gen(function*() {
      yield* traffic(world)
      const overview = yield* world.server.statistics.overview({ fromDate: today })
      assert.deepInclude(overview, {
        sent: 5,
        bounced: 2,
        bounceRate: 40,
        spamComplaints: 1,
        spamComplaintsRate: 20,
        opens: 3,
        uniqueOpens: 2,
        tracked: 2,
        withOpenTracking: 2,
        withLinkTracking: 2,
        totalTrackedLinksSent: 4,
        totalClicks: 3,
        uniqueLinksClicked: 2
      })
      assert.deepStrictEqual(overview.rates, {
        bouncesPerSent: 40,
        spamComplaintsPerSent: 20,
        opensPerTracked: 150,
        uniqueOpensPerTracked: 100
      })
      assert.strictEqual((yield* world.server.statistics.overview({ tag: "plain" })).sent, 3)
    }),

  "statistics.sends": counts(({ sends }) => sends, { sent: 5 }),
  "statistics.bounces": counts(({ bounces }) => bounces, {
    hardBounce: 1,
    softBounce: 1,
    smtpApiError: 0,
    transient: 0
  }),
  "statistics.spamComplaints": counts(({ spamComplaints }) => spamComplaints, { spamComplaint: 1 }),
  "statistics.tracked": counts(({ tracked }) => tracked, { tracked: 2 }),
  "statistics.opens": counts(({ opens }) => opens, { opens: 3, unique: 2 }),
  "statistics.openPlatforms": counts(({ openPlatforms }) => openPlatforms, {
    desktop: 2,
    mobile: 0,
    webMail: 1,
    unknown: 0
  }),
  "statistics.openEmailClients": named(({ openEmailClients }) => openEmailClients, { "Apple Mail": 2, Firefox: 1 }),
  "statistics.openReadTimes": named(({ openReadTimes }) => openReadTimes, { "4s": 2, "20s+": 1 }),
  "statistics.clicks": counts(({ clicks }) => clicks, { clicks: 3, unique: 2 }),
  "statistics.clickBrowserFamilies": named(({ clickBrowserFamilies }) => clickBrowserFamilies, {
    "Apple Mail": 2,
    Firefox: 1
  }),
  "statistics.clickPlatforms": counts(({ clickPlatforms }) => clickPlatforms, { desktop: 2, mobile: 1, unknown: 0 }),
  "statistics.clickLocations": counts(({ clickLocations }) => clickLocations, { html: 2, text: 1 })
}
