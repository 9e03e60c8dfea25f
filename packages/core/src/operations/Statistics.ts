/**
 * The statistics that are not actions. See https://postmarkapp.com/developer/api/stats-api.
 *
 * @since 0.1.0
 */
import type * as Effect from "effect/Effect"
import type * as Schema from "effect/Schema"
import * as Operation from "../Operation.ts"
import { OutboundStatsQuery } from "../OutboundStats.ts"
import type * as PostmarkClient from "../PostmarkClient.ts"
import type { ReadError } from "../PostmarkError.ts"
import type { Counts } from "../Statistics.ts"
import * as Models from "../StatisticsCounts.ts"

const query = { fromDate: "2026-09-01", toDate: "2026-09-30", messageStream: "outbound" }

const date = "2026-09-30"

const counts = <const Id extends `postmark/${string}`, const Member extends string, A, I>(
  id: Id,
  member: Member,
  path: `/${string}`,
  title: string,
  schema: Schema.Schema<A, I>,
  identifier: string,
  example: Readonly<Record<string, unknown>>,
  of: (client: PostmarkClient.Service) => Counts<A>
) =>
  Operation.make(id, Operation.reads, {
    ...Operation.empty,
    group: "statistics",
    member,
    title,
    description: `${title} by day and in total; days are US Eastern days, and a day without data is left out`,
    method: "GET",
    path: `/statistics${path}`,
    query: OutboundStatsQuery,
    success: Operation.response(schema, identifier),
    example: { query, success: example },
    run: ({ query }, client): Effect.Effect<A, ReadError> => of(client)(query)
  })

const daily = (values: Readonly<Record<string, number>>) => ({ days: [{ date, ...values }], ...values })
const named = (counts: Readonly<Record<string, number>>) => ({ days: [{ date, counts }], totals: counts })

/**
 * @since 0.1.0
 * @category operations
 */
export const sends = counts(
  "postmark/get-send-counts",
  "sends",
  "/sends",
  "Messages sent",
  Models.SendCounts,
  "SendCounts",
  daily({ sent: 12 }),
  (client) => client.statistics.sends
)

/**
 * @since 0.1.0
 * @category operations
 */
export const bounces = counts(
  "postmark/get-bounce-counts",
  "bounces",
  "/bounces",
  "Bounces by kind",
  Models.BounceCounts,
  "BounceCounts",
  daily({ hardBounce: 1, softBounce: 2, smtpApiError: 0, transient: 0 }),
  (client) => client.statistics.bounces
)

/**
 * @since 0.1.0
 * @category operations
 */
export const spamComplaints = counts(
  "postmark/get-spam-complaint-counts",
  "spamComplaints",
  "/spam-complaints",
  "Spam complaints",
  Models.SpamComplaintCounts,
  "SpamComplaintCounts",
  daily({ spamComplaint: 1 }),
  (client) => client.statistics.spamComplaints
)

/**
 * @since 0.1.0
 * @category operations
 */
export const tracked = counts(
  "postmark/get-tracked-counts",
  "tracked",
  "/tracked",
  "Messages with open tracking",
  Models.TrackedCounts,
  "TrackedCounts",
  daily({ tracked: 12 }),
  (client) => client.statistics.tracked
)

/**
 * @since 0.1.0
 * @category operations
 */
export const opens = counts(
  "postmark/get-open-counts",
  "opens",
  "/opens",
  "Opens",
  Models.OpenCounts,
  "OpenCounts",
  daily({ opens: 9, unique: 7 }),
  (client) => client.statistics.opens
)

/**
 * @since 0.1.0
 * @category operations
 */
export const openPlatforms = counts(
  "postmark/get-open-platform-counts",
  "openPlatforms",
  "/opens/platforms",
  "Opens by platform",
  Models.OpenPlatformCounts,
  "OpenPlatformCounts",
  daily({ desktop: 3, mobile: 4, webMail: 1, unknown: 1 }),
  (client) => client.statistics.openPlatforms
)

/**
 * @since 0.1.0
 * @category operations
 */
export const openEmailClients = counts(
  "postmark/get-open-email-client-counts",
  "openEmailClients",
  "/opens/email-clients",
  "Opens by email client",
  Models.NamedCounts,
  "NamedCounts",
  named({ "Apple Mail": 4, Gmail: 3 }),
  (client) => client.statistics.openEmailClients
)

/**
 * @since 0.1.0
 * @category operations
 */
export const openReadTimes = counts(
  "postmark/get-open-read-time-counts",
  "openReadTimes",
  "/opens/read-times",
  "Opens by read time",
  Models.NamedCounts,
  "NamedCounts",
  named({ "0s": 1, "20s+": 6 }),
  (client) => client.statistics.openReadTimes
)

/**
 * @since 0.1.0
 * @category operations
 */
export const clicks = counts(
  "postmark/get-click-counts",
  "clicks",
  "/clicks",
  "Clicks",
  Models.ClickCounts,
  "ClickCounts",
  daily({ clicks: 5, unique: 4 }),
  (client) => client.statistics.clicks
)

/**
 * @since 0.1.0
 * @category operations
 */
export const clickBrowserFamilies = counts(
  "postmark/get-click-browser-family-counts",
  "clickBrowserFamilies",
  "/clicks/browser-families",
  "Clicks by browser",
  Models.NamedCounts,
  "NamedCounts",
  named({ Firefox: 3, Safari: 2 }),
  (client) => client.statistics.clickBrowserFamilies
)

/**
 * @since 0.1.0
 * @category operations
 */
export const clickPlatforms = counts(
  "postmark/get-click-platform-counts",
  "clickPlatforms",
  "/clicks/platforms",
  "Clicks by platform",
  Models.ClickPlatformCounts,
  "ClickPlatformCounts",
  daily({ desktop: 3, mobile: 2, unknown: 0 }),
  (client) => client.statistics.clickPlatforms
)

/**
 * @since 0.1.0
 * @category operations
 */
export const clickLocations = counts(
  "postmark/get-click-location-counts",
  "clickLocations",
  "/clicks/locations",
  "Clicks by the body with the link",
  Models.ClickLocationCounts,
  "ClickLocationCounts",
  daily({ html: 4, text: 1 }),
  (client) => client.statistics.clickLocations
)
