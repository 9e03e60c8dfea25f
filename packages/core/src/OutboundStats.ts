/**
 * Counts and rates of sent messages.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import { EasternTime } from "./OutboundMessage.ts"

const optionalText = Schema.optional(Schema.String)

/**
 * The messages to count. Without `messageStream`, Postmark counts all streams together, unlike the message search.
 * Days are US Eastern days, both ends inclusive. See https://postmarkapp.com/developer/api/stats-api.
 *
 * @since 0.1.0
 * @category models
 */
export const OutboundStatsQuery = Schema.Struct({
  tag: optionalText,
  fromDate: Schema.optional(EasternTime),
  toDate: Schema.optional(EasternTime),
  messageStream: optionalText
}).annotations({ identifier: "OutboundStatsQuery" })

/**
 * @since 0.1.0
 * @category models
 */
export interface OutboundStatsQuery extends Schema.Schema.Type<typeof OutboundStatsQuery> {}

const count = Schema.optionalWith(Schema.Number, { default: () => 0 })

/**
 * The counters of Postmark's overview.
 *
 * @since 0.1.0
 * @category models
 */
export const outboundStatsFields = {
  sent: count,
  bounced: count,
  smtpApiErrors: count,
  bounceRate: count.annotations({ description: "percent, as Postmark computed it" }),
  spamComplaints: count,
  spamComplaintsRate: count.annotations({ description: "percent, as Postmark computed it" }),
  opens: count,
  uniqueOpens: count,
  tracked: count,
  withLinkTracking: count,
  withOpenTracking: count,
  totalTrackedLinksSent: count,
  uniqueLinksClicked: count,
  totalClicks: count,
  withClientRecorded: count,
  withPlatformRecorded: count,
  withReadTimeRecorded: count
}

const rate = Schema.optional(Schema.Number)

/**
 * Percentages with their denominators: bounces and spam complaints per message sent, opens per message with open
 * tracking. A rate is absent when its denominator is zero.
 *
 * @since 0.1.0
 * @category models
 */
export const Rates = Schema.Struct({
  bouncesPerSent: rate,
  spamComplaintsPerSent: rate,
  opensPerTracked: rate,
  uniqueOpensPerTracked: rate
}).annotations({ identifier: "Rates" })

/**
 * @since 0.1.0
 * @category models
 */
export interface Rates extends Schema.Schema.Type<typeof Rates> {}

/**
 * Postmark's overview with rates; `raw` is Postmark's original response.
 *
 * @since 0.1.0
 * @category models
 */
export const OutboundStats = Schema.Struct({
  ...outboundStatsFields,
  rates: Rates,
  raw: Schema.Unknown
}).annotations({ identifier: "OutboundStats" })

/**
 * @since 0.1.0
 * @category models
 */
export interface OutboundStats extends Schema.Schema.Type<typeof OutboundStats> {}

/**
 * The rates of an overview.
 *
 * @since 0.1.0
 * @category constructors
 */
export const rates = (
  counts: Pick<OutboundStats, "sent" | "bounced" | "spamComplaints" | "opens" | "uniqueOpens" | "tracked">
): Rates => ({
  ...(counts.sent > 0
    ? {
      bouncesPerSent: percent(counts.bounced, counts.sent),
      spamComplaintsPerSent: percent(counts.spamComplaints, counts.sent)
    }
    : {}),
  ...(counts.tracked > 0
    ? {
      opensPerTracked: percent(counts.opens, counts.tracked),
      uniqueOpensPerTracked: percent(counts.uniqueOpens, counts.tracked)
    }
    : {})
})

const percent = (part: number, whole: number): number => (part / whole) * 100
