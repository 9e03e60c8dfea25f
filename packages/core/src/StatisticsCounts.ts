/**
 * Counts of sent messages, by day and in total. Postmark leaves out the days without data and the counters that are zero: a
 * missing day stays missing, a missing counter reads as 0. See https://postmarkapp.com/developer/api/stats-api.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import { counter, list, text } from "./internal/wire/fields.ts"

const sendCounts = { sent: counter }

/**
 * Messages sent. See https://postmarkapp.com/developer/api/stats-api.
 *
 * @since 0.1.0
 * @category models
 */
export const SendCounts = Schema.Struct({ days: list(Schema.Struct({ date: text, ...sendCounts })), ...sendCounts })
  .annotations({ identifier: "SendCounts" })

/**
 * @since 0.1.0
 * @category models
 */
export interface SendCounts extends Schema.Schema.Type<typeof SendCounts> {}

const bounceCounts = { hardBounce: counter, softBounce: counter, smtpApiError: counter, transient: counter }

/**
 * Bounces by kind. See https://postmarkapp.com/developer/api/stats-api.
 *
 * @since 0.1.0
 * @category models
 */
export const BounceCounts = Schema.Struct({
  days: list(Schema.Struct({ date: text, ...bounceCounts })),
  ...bounceCounts
})
  .annotations({ identifier: "BounceCounts" })

/**
 * @since 0.1.0
 * @category models
 */
export interface BounceCounts extends Schema.Schema.Type<typeof BounceCounts> {}

const spamComplaintCounts = { spamComplaint: counter }

/**
 * Spam complaints. See https://postmarkapp.com/developer/api/stats-api.
 *
 * @since 0.1.0
 * @category models
 */
export const SpamComplaintCounts = Schema.Struct({
  days: list(Schema.Struct({ date: text, ...spamComplaintCounts })),
  ...spamComplaintCounts
})
  .annotations({ identifier: "SpamComplaintCounts" })

/**
 * @since 0.1.0
 * @category models
 */
export interface SpamComplaintCounts extends Schema.Schema.Type<typeof SpamComplaintCounts> {}

const trackedCounts = { tracked: counter }

/**
 * Messages with open tracking. See https://postmarkapp.com/developer/api/stats-api.
 *
 * @since 0.1.0
 * @category models
 */
export const TrackedCounts = Schema.Struct({
  days: list(Schema.Struct({ date: text, ...trackedCounts })),
  ...trackedCounts
})
  .annotations({ identifier: "TrackedCounts" })

/**
 * @since 0.1.0
 * @category models
 */
export interface TrackedCounts extends Schema.Schema.Type<typeof TrackedCounts> {}

const openCounts = { opens: counter, unique: counter }

/**
 * Opens, and the recipients who opened for the first time (`unique`).
 * See https://postmarkapp.com/developer/api/stats-api.
 *
 * @since 0.1.0
 * @category models
 */
export const OpenCounts = Schema.Struct({ days: list(Schema.Struct({ date: text, ...openCounts })), ...openCounts })
  .annotations({ identifier: "OpenCounts" })

/**
 * @since 0.1.0
 * @category models
 */
export interface OpenCounts extends Schema.Schema.Type<typeof OpenCounts> {}

const openPlatformCounts = { desktop: counter, mobile: counter, webMail: counter, unknown: counter }

/**
 * Opens by platform. See https://postmarkapp.com/developer/api/stats-api.
 *
 * @since 0.1.0
 * @category models
 */
export const OpenPlatformCounts = Schema.Struct({
  days: list(Schema.Struct({ date: text, ...openPlatformCounts })),
  ...openPlatformCounts
})
  .annotations({ identifier: "OpenPlatformCounts" })

/**
 * @since 0.1.0
 * @category models
 */
export interface OpenPlatformCounts extends Schema.Schema.Type<typeof OpenPlatformCounts> {}

const clickCounts = { clicks: counter, unique: counter }

/**
 * Clicks, and the first click of each recipient on each link (`unique`).
 * See https://postmarkapp.com/developer/api/stats-api.
 *
 * @since 0.1.0
 * @category models
 */
export const ClickCounts = Schema.Struct({ days: list(Schema.Struct({ date: text, ...clickCounts })), ...clickCounts })
  .annotations({ identifier: "ClickCounts" })

/**
 * @since 0.1.0
 * @category models
 */
export interface ClickCounts extends Schema.Schema.Type<typeof ClickCounts> {}

const clickPlatformCounts = { desktop: counter, mobile: counter, unknown: counter }

/**
 * Clicks by platform. See https://postmarkapp.com/developer/api/stats-api.
 *
 * @since 0.1.0
 * @category models
 */
export const ClickPlatformCounts = Schema.Struct({
  days: list(Schema.Struct({ date: text, ...clickPlatformCounts })),
  ...clickPlatformCounts
})
  .annotations({ identifier: "ClickPlatformCounts" })

/**
 * @since 0.1.0
 * @category models
 */
export interface ClickPlatformCounts extends Schema.Schema.Type<typeof ClickPlatformCounts> {}

const clickLocationCounts = { html: counter, text: counter }

/**
 * Clicks by the body that the link stood in. See https://postmarkapp.com/developer/api/stats-api.
 *
 * @since 0.1.0
 * @category models
 */
export const ClickLocationCounts = Schema.Struct({
  days: list(Schema.Struct({ date: text, ...clickLocationCounts })),
  ...clickLocationCounts
})
  .annotations({ identifier: "ClickLocationCounts" })

/**
 * @since 0.1.0
 * @category models
 */
export interface ClickLocationCounts extends Schema.Schema.Type<typeof ClickLocationCounts> {}

const counts = Schema.Record({ key: Schema.String, value: Schema.Number })

/**
 * Counts by names that are data: email clients, read times, browsers.
 * See https://postmarkapp.com/developer/api/stats-api.
 *
 * @since 0.1.0
 * @category models
 */
export const NamedCounts = Schema.Struct({
  days: Schema.Array(Schema.Struct({ date: text, counts })),
  totals: counts
}).annotations({ identifier: "NamedCounts" })

/**
 * @since 0.1.0
 * @category models
 */
export interface NamedCounts extends Schema.Schema.Type<typeof NamedCounts> {}

const Mixed = Schema.Record({ key: Schema.String, value: Schema.Unknown })

/**
 * Named counts as Postmark writes them: the counters stand beside `Days`, and in each day beside `Date`.
 * See https://postmarkapp.com/developer/api/stats-api.
 *
 * @since 0.1.0
 * @category models
 */
export const NamedCountsResponse = Schema.transform(
  Schema.Struct({ Days: Schema.optional(Schema.NullOr(Schema.Array(Mixed))) }, Mixed),
  NamedCounts,
  {
    strict: true,
    decode: ({ Days, ...totals }) => ({
      days: (Days ?? []).map(({ Date, ...counts }) => ({ date: String(Date), counts: numbersOf(counts) })),
      totals: numbersOf(totals)
    }),
    encode: ({ days, totals }) => ({ ...totals, Days: days.map(({ counts, date }) => ({ ...counts, Date: date })) })
  }
)

const numbersOf = (record: Readonly<Record<string, unknown>>): Record<string, number> =>
  Object.fromEntries(
    Object.entries(record).flatMap(([name, value]) => typeof value === "number" ? [[name, value]] : [])
  )
