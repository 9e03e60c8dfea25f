/**
 * The history of sent messages: its search, and the timeline of one message.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import { Metadata } from "./Email.ts"
import { BounceId, IdText, MessageId } from "./Ids.ts"
import { pagingFields } from "./Paging.ts"

const text = Schema.String
const optionalText = Schema.optional(Schema.NullOr(Schema.String))

/**
 * A day (`2026-09-30`) or a second (`2026-09-30T16:04:08`), read in US Eastern Time, both ends inclusive.
 * See https://postmarkapp.com/developer/api/messages-api.
 *
 * @since 0.1.0
 * @category models
 */
export const EasternTime = Schema.String.pipe(
  Schema.pattern(/^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}:\d{2})?$/, {
    message: () => "a date such as 2026-09-30, or a time such as 2026-09-30T16:04:08, in US Eastern Time"
  }),
  Schema.filter((date) =>
    isRealDate(date.slice(0, 10)) && isRealTime(date.slice(11)) || "this date does not exist in the calendar"
  ),
  Schema.annotations({ identifier: "EasternTime", description: "YYYY-MM-DD or YYYY-MM-DDTHH:MM:SS in US Eastern Time" })
)

/**
 * The filters of a search. Without `messageStream`, Postmark searches the stream `outbound` only. `count` is 1–500,
 * and `count + offset` at most 10,000. A search can use only one metadata field. See
 * https://postmarkapp.com/developer/api/messages-api.
 *
 * @since 0.1.0
 * @category models
 */
export const OutboundMessagesQuery = Schema.Struct({
  ...pagingFields,
  recipient: Schema.optional(text),
  fromEmail: Schema.optional(text),
  tag: Schema.optional(text),
  status: Schema.optional(Schema.Literal("queued", "sent", "processed")),
  fromDate: Schema.optional(EasternTime),
  toDate: Schema.optional(EasternTime),
  subject: Schema.optional(text),
  messageStream: Schema.optional(text),
  metadata: Schema.optional(
    Metadata.pipe(
      Schema.filter((fields) => Object.keys(fields).length <= 1 || "Postmark searches one metadata field at a time")
    )
  )
}).pipe(
  Schema.filter((query) =>
    query.count + query.offset <= 10_000 ||
    {
      path: ["offset"],
      message: `count + offset is at most 10000, got ${query.count + query.offset}; narrow the dates instead`
    }
  )
).annotations({ identifier: "OutboundMessagesQuery" })

/**
 * @since 0.1.0
 * @category models
 */
export interface OutboundMessagesQuery extends Schema.Schema.Type<typeof OutboundMessagesQuery> {}

const Participant = Schema.Struct({ email: text, name: optionalText })

/**
 * The fields of a message in the history.
 *
 * @since 0.1.0
 * @category models
 */
export const outboundMessageFields = {
  messageId: MessageId,
  messageStream: Schema.optional(text),
  tag: optionalText,
  to: Schema.optionalWith(Schema.Array(Participant), { default: () => [] }),
  cc: Schema.optionalWith(Schema.Array(Participant), { default: () => [] }),
  bcc: Schema.optionalWith(Schema.Array(Participant), { default: () => [] }),
  recipients: Schema.optionalWith(Schema.Array(text), { default: () => [] }),
  receivedAt: text.annotations({ description: "when Postmark took the message, as Postmark wrote it" }),
  from: text,
  subject: optionalText,
  attachments: Schema.optionalWith(Schema.Array(text), { default: () => [] }),
  status: text.annotations({ description: "Sent, Processed or Queued; other words may come" }),
  trackOpens: Schema.optional(Schema.Boolean),
  trackLinks: Schema.optional(text),
  metadata: Schema.optionalWith(Metadata, { default: () => ({}) }),
  sandboxed: Schema.optional(Schema.Boolean)
}

/**
 * One message of the history.
 *
 * @since 0.1.0
 * @category models
 */
export const OutboundMessage = Schema.Struct(outboundMessageFields).annotations({ identifier: "OutboundMessage" })

/**
 * @since 0.1.0
 * @category models
 */
export interface OutboundMessage extends Schema.Schema.Type<typeof OutboundMessage> {}

/**
 * One page of the history, newest first; `totalCount` counts messages, not recipients.
 *
 * @since 0.1.0
 * @category models
 */
export const OutboundMessages = Schema.Struct({
  totalCount: Schema.Int,
  messages: Schema.Array(OutboundMessage)
}).annotations({ identifier: "OutboundMessages" })

/**
 * @since 0.1.0
 * @category models
 */
export interface OutboundMessages extends Schema.Schema.Type<typeof OutboundMessages> {}

/**
 * One event of a message: `Delivered`, `Transient`, `Opened`, `Bounced`, `SubscriptionChanged`, `LinkClicked`, or a
 * word that Postmark adds later. See https://postmarkapp.com/developer/api/messages-api.
 *
 * @since 0.1.0
 * @category models
 */
export const MessageEvent = Schema.Struct({
  recipient: text,
  type: text,
  receivedAt: text,
  details: Schema.optionalWith(
    Schema.Struct({
      deliveryMessage: optionalText,
      destinationServer: optionalText,
      destinationIp: optionalText,
      summary: optionalText,
      bounceId: Schema.optional(Schema.NullOr(IdText)),
      origin: optionalText,
      suppressSending: Schema.optional(Schema.NullOr(Schema.Union(Schema.String, Schema.Boolean))),
      link: optionalText,
      clickLocation: optionalText
    }),
    { default: () => ({}) }
  )
}).annotations({ identifier: "MessageEvent" })

/**
 * @since 0.1.0
 * @category models
 */
export interface MessageEvent extends Schema.Schema.Type<typeof MessageEvent> {}

/**
 * The fields of one message's full record.
 *
 * @since 0.1.0
 * @category models
 */
export const outboundMessageDetailsFields = {
  ...outboundMessageFields,
  textBody: optionalText,
  htmlBody: optionalText,
  body: optionalText.annotations({ description: "the message's raw source" }),
  messageEvents: Schema.optionalWith(Schema.Array(MessageEvent), { default: () => [] })
}

/**
 * One message's full delivery and engagement timeline; `raw` is Postmark's original response.
 *
 * @since 0.1.0
 * @category models
 */
export const OutboundMessageDetails = Schema.Struct({
  ...outboundMessageDetailsFields,
  raw: Schema.Unknown
}).annotations({ identifier: "OutboundMessageDetails" })

/**
 * @since 0.1.0
 * @category models
 */
export interface OutboundMessageDetails extends Schema.Schema.Type<typeof OutboundMessageDetails> {}

/**
 * The common fields of a timeline's events: the recipient, and the time in Postmark's spelling.
 *
 * @since 0.1.0
 * @category models
 */
export interface TimelineStep<Tag extends string> {
  readonly _tag: Tag
  readonly recipient: string
  readonly receivedAt: string
}

/**
 * The response of the recipient's server to the message.
 *
 * @since 0.1.0
 * @category models
 */
export interface DeliveryAttempt {
  readonly deliveryMessage: string | undefined
  readonly destinationServer: string | undefined
  readonly destinationIp: string | undefined
}

/**
 * One event of a timeline, by type. A field that Postmark left out is undefined. `Unknown` is a type that Postmark
 * has added: its name is in `type`, and details that no other type has are only in the message's `raw`. See
 * https://postmarkapp.com/developer/api/messages-api.
 *
 * @since 0.1.0
 * @category models
 */
export type TimelineEvent =
  | TimelineStep<"Delivered"> & DeliveryAttempt
  | TimelineStep<"Transient"> & DeliveryAttempt
  | TimelineStep<"Opened"> & { readonly summary: string | undefined }
  | TimelineStep<"Bounced"> & { readonly summary: string | undefined; readonly bounceId: BounceId | undefined }
  | TimelineStep<"SubscriptionChanged"> & {
    readonly origin: string | undefined
    /** True when the recipient was suppressed, false when it was reactivated. */
    readonly suppressSending: boolean | undefined
  }
  | TimelineStep<"LinkClicked"> & {
    readonly summary: string | undefined
    readonly link: string | undefined
    readonly clickLocation: string | undefined
  }
  | TimelineStep<"Unknown"> & { readonly type: string; readonly details: MessageEvent["details"] }

/**
 * Returns the events of a message, each with the fields of its type, in Postmark's order.
 *
 * @since 0.1.0
 * @category combinators
 */
export const timeline = (
  details: Pick<OutboundMessageDetails, "messageEvents">
): ReadonlyArray<TimelineEvent> => details.messageEvents.map(timelineEvent)

const timelineEvent = ({ details, receivedAt, recipient, type }: MessageEvent): TimelineEvent => {
  const about = { recipient, receivedAt }
  const summary = details.summary ?? undefined
  switch (type) {
    case "Delivered":
    case "Transient":
      return {
        _tag: type,
        ...about,
        deliveryMessage: details.deliveryMessage ?? undefined,
        destinationServer: details.destinationServer ?? undefined,
        destinationIp: details.destinationIp ?? undefined
      }
    case "Opened":
      return { _tag: type, ...about, summary }
    case "Bounced":
      return { _tag: type, ...about, summary, bounceId: isBounceId(details.bounceId) ? details.bounceId : undefined }
    case "SubscriptionChanged":
      return {
        _tag: type,
        ...about,
        origin: details.origin ?? undefined,
        suppressSending: flagOf(details.suppressSending)
      }
    case "LinkClicked":
      return {
        _tag: type,
        ...about,
        summary,
        link: details.link ?? undefined,
        clickLocation: details.clickLocation ?? undefined
      }
    default:
      return { _tag: "Unknown", ...about, type, details }
  }
}

/** Postmark writes this flag as a string. */
const isBounceId = Schema.is(BounceId)

const flagOf = (word: string | boolean | null | undefined): boolean | undefined => {
  const text = String(word).toLowerCase()
  return text === "true" ? true : text === "false" ? false : undefined
}

const isRealDate = (date: string): boolean => {
  const time = new Date(`${date}T00:00:00Z`)
  return !Number.isNaN(time.getTime()) && time.toISOString().startsWith(date)
}

const isRealTime = (time: string): boolean =>
  time === "" || (time.slice(0, 2) < "24" && time.slice(3, 5) < "60" && time.slice(6, 8) < "60")
