import type * as PostmarkClient from "@effect-postmark/core/PostmarkClient"
import * as Statistics from "@effect-postmark/core/Statistics"
import { type Row, serverRow } from "../row.ts"

const query = { tag: "t", fromDate: "2026-09-01", toDate: "2026-09-30", messageStream: "broadcast" }
const asked = "?tag=t&fromdate=2026-09-01&todate=2026-09-30&messagestream=broadcast"
const of = (
  name: Exclude<keyof PostmarkClient.Service["statistics"], "overview">
): (client: PostmarkClient.Service) => ReturnType<PostmarkClient.Service["statistics"][typeof name]> =>
(client) => client.statistics[name](query)

const overview = {
  Sent: 615,
  Bounced: 64,
  SMTPApiErrors: 25,
  BounceRate: 10.406,
  SpamComplaints: 10,
  SpamComplaintsRate: 1.626,
  Opens: 166,
  UniqueOpens: 26,
  Tracked: 111,
  WithLinkTracking: 90,
  WithOpenTracking: 51,
  TotalTrackedLinksSent: 60,
  UniqueLinksClicked: 30,
  TotalClicks: 72,
  WithClientRecorded: 14,
  WithPlatformRecorded: 10,
  WithReadTimeRecorded: 0
}

/** One breakdown whose only day has the same counters as the whole. */
const breakdown = (counters: Readonly<Record<string, number>>) => ({
  Days: [{ Date: "2026-09-28", ...counters }],
  ...counters
})

/** From docs/postmark.md#statistics. */
export const statistics: ReadonlyArray<Row> = [
  serverRow(Statistics.getOutboundStats, {
    call: (client) => client.statistics.overview(query),
    request: `GET /stats/outbound${asked}`,
    answer: overview
  }),
  serverRow(Statistics.getSendCounts, {
    call: of("sends"),
    request: `GET /stats/outbound/sends${asked}`,
    answer: breakdown({ Sent: 6 }),
    gives: { days: [{ date: "2026-09-28", sent: 6 }], sent: 6 }
  }),
  serverRow(Statistics.getBounceCounts, {
    call: of("bounces"),
    request: `GET /stats/outbound/bounces${asked}`,
    answer: breakdown({ HardBounce: 1, SoftBounce: 2, SMTPApiError: 3, Transient: 4 })
  }),
  serverRow(Statistics.getSpamComplaintCounts, {
    call: of("spamComplaints"),
    request: `GET /stats/outbound/spam${asked}`,
    answer: breakdown({ SpamComplaint: 1 })
  }),
  serverRow(Statistics.getTrackedCounts, {
    call: of("tracked"),
    request: `GET /stats/outbound/tracked${asked}`,
    answer: breakdown({ Tracked: 1 })
  }),
  serverRow(Statistics.getOpenCounts, {
    call: of("opens"),
    request: `GET /stats/outbound/opens${asked}`,
    answer: {
      Days: [{ Date: "2026-09-28", Opens: 6, Unique: 3 }, { Date: "2026-09-30", Opens: 1, Unique: 1 }],
      Opens: 7,
      Unique: 4
    }
  }),
  serverRow(Statistics.getOpenPlatformCounts, {
    call: of("openPlatforms"),
    request: `GET /stats/outbound/opens/platforms${asked}`,
    answer: breakdown({ Desktop: 1, Mobile: 2, WebMail: 3, Unknown: 4 })
  }),
  serverRow(Statistics.getOpenEmailClientCounts, {
    call: of("openEmailClients"),
    request: `GET /stats/outbound/opens/emailClients${asked}`,
    answer: breakdown({ "Apple Mail": 1, "Outlook 2010": 2 }),
    gives: {
      days: [{ date: "2026-09-28", counts: { "Apple Mail": 1, "Outlook 2010": 2 } }],
      totals: { "Apple Mail": 1, "Outlook 2010": 2 }
    }
  }),
  serverRow(Statistics.getOpenReadTimeCounts, {
    call: of("openReadTimes"),
    request: `GET /stats/outbound/opens/readTimes${asked}`,
    answer: breakdown({ "0s": 1, "20s+": 2, unknown: 3 })
  }),
  serverRow(Statistics.getClickCounts, {
    call: of("clicks"),
    request: `GET /stats/outbound/clicks${asked}`,
    answer: breakdown({ Clicks: 2, Unique: 1 })
  }),
  serverRow(Statistics.getClickBrowserFamilyCounts, {
    call: of("clickBrowserFamilies"),
    request: `GET /stats/outbound/clicks/browserFamilies${asked}`,
    answer: { Days: [] },
    gives: { days: [], totals: {} }
  }),
  serverRow(Statistics.getClickPlatformCounts, {
    call: of("clickPlatforms"),
    request: `GET /stats/outbound/clicks/platforms${asked}`,
    answer: breakdown({ Desktop: 1, Mobile: 2, Unknown: 3 })
  }),
  serverRow(Statistics.getClickLocationCounts, {
    call: of("clickLocations"),
    request: `GET /stats/outbound/clicks/location${asked}`,
    answer: breakdown({ HTML: 1, Text: 2 }),
    gives: { days: [{ date: "2026-09-28", html: 1, text: 2 }], html: 1, text: 2 }
  })
]
