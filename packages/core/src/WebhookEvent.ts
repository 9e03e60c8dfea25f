/**
 * The events that Postmark posts, in the domain's spelling. Words that Postmark may add are open, and `raw` keeps the body
 * as it came.
 *
 * @since 0.1.0
 */
import type * as Either from "effect/Either"
import type * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import { Header } from "./Email.ts"
import { BounceId, MessageId } from "./Ids.ts"
import * as webhookBodies from "./internal/webhook/webhookBodies.ts"

const text = Schema.String
const optionalText = Schema.optional(Schema.String)
const optionalFlag = Schema.optional(Schema.Boolean)
const raw = Schema.Unknown.annotations({ description: "the webhook's body as it came" })

/** What every event says of its message. */
const aboutMessage = {
  recipient: text,
  messageStream: optionalText,
  tag: optionalText,
  metadata: Schema.optionalWith(Schema.Record({ key: Schema.String, value: Schema.String }), { default: () => ({}) }),
  raw
}

/**
 * A recipient's server accepted the message. Source: Postmark API, Webhooks, E.6.
 *
 * @since 0.1.0
 * @category models
 */
export const EmailDelivered = Schema.Struct({
  ...aboutMessage,
  messageId: MessageId,
  serverId: Schema.optional(Schema.Int),
  deliveredAt: text,
  details: optionalText.annotations({ description: "the receiving server's answer" })
}).annotations({ identifier: "EmailDelivered" })

/**
 * @since 0.1.0
 * @category models
 */
export interface EmailDelivered extends Schema.Schema.Type<typeof EmailDelivered> {}

/**
 * What a bounce means for the next mail to the recipient: `permanent` will bounce again, `temporary` may not, `blocked` is
 * about the content or the sender, `complaint` and `unsubscribed` are the recipient's will, `automatic` is an answering
 * machine. Postmark's own word stays in `type`.
 *
 * @since 0.1.0
 * @category models
 */
export const BounceCategory = Schema.Literal(
  "permanent",
  "temporary",
  "blocked",
  "complaint",
  "unsubscribed",
  "automatic",
  "other"
)

/**
 * @since 0.1.0
 * @category models
 */
export type BounceCategory = typeof BounceCategory.Type

const bounceFields = {
  ...aboutMessage,
  messageId: Schema.optional(MessageId),
  serverId: Schema.optional(Schema.Int),
  bounceId: BounceId,
  type: text.annotations({ description: "Postmark's word, such as HardBounce; new ones may come" }),
  category: BounceCategory,
  typeCode: Schema.optional(Schema.Number),
  name: optionalText,
  description: optionalText,
  details: optionalText,
  from: optionalText,
  subject: optionalText,
  bouncedAt: text,
  dumpAvailable: optionalFlag,
  inactive: Schema.Boolean.annotations({ description: "Postmark no longer sends to the recipient" }),
  canActivate: Schema.Boolean.annotations({ description: "the recipient can be reactivated" })
}

/**
 * A message bounced. Source: Postmark API, Webhooks, E.7.
 *
 * @since 0.1.0
 * @category models
 */
export const EmailBounced = Schema.Struct(bounceFields).annotations({ identifier: "EmailBounced" })

/**
 * @since 0.1.0
 * @category models
 */
export interface EmailBounced extends Schema.Schema.Type<typeof EmailBounced> {}

/**
 * A recipient marked the message as spam. Source: Postmark API, Webhooks, E.8.
 *
 * @since 0.1.0
 * @category models
 */
export const SpamComplaint = Schema.Struct(bounceFields).annotations({ identifier: "SpamComplaint" })

/**
 * @since 0.1.0
 * @category models
 */
export interface SpamComplaint extends Schema.Schema.Type<typeof SpamComplaint> {}

const Software = Schema.Struct({ name: optionalText, company: optionalText, family: optionalText })

const Geo = Schema.Struct({
  countryIsoCode: optionalText,
  country: optionalText,
  regionIsoCode: optionalText,
  region: optionalText,
  city: optionalText,
  zip: optionalText,
  coords: optionalText,
  ip: optionalText
})

const readerFields = {
  ...aboutMessage,
  messageId: MessageId,
  platform: optionalText,
  userAgent: optionalText,
  client: Schema.optional(Software),
  os: Schema.optional(Software),
  geo: Schema.optional(Geo)
}

/**
 * A message with open tracking was opened: where, and with what. `geo` is approximate. `machineOpen` is a hint: `likely`
 * when the user agent is that of a mail provider's proxy or a scanner, which loads images without anybody reading.
 * Source: Postmark API, Webhooks, E.9.
 *
 * @since 0.1.0
 * @category models
 */
export const EmailOpened = Schema.Struct({
  ...readerFields,
  openedAt: text,
  firstOpen: optionalFlag,
  machineOpen: Schema.Literal("likely", "unknown"),
  readSeconds: Schema.optional(Schema.Number)
}).annotations({ identifier: "EmailOpened" })

/**
 * @since 0.1.0
 * @category models
 */
export interface EmailOpened extends Schema.Schema.Type<typeof EmailOpened> {}

/**
 * A tracked link was clicked. Source: Postmark API, Webhooks, E.10.
 *
 * @since 0.1.0
 * @category models
 */
export const LinkClicked = Schema.Struct({
  ...readerFields,
  clickedAt: text,
  originalLink: text,
  clickLocation: optionalText.annotations({ description: "HTML or Text" })
}).annotations({ identifier: "LinkClicked" })

/**
 * @since 0.1.0
 * @category models
 */
export interface LinkClicked extends Schema.Schema.Type<typeof LinkClicked> {}

/**
 * A recipient was suppressed or reactivated; `messageId` is there when a message was the cause. Source: Postmark API,
 * Webhooks, E.11.
 *
 * @since 0.1.0
 * @category models
 */
export const SubscriptionChanged = Schema.Struct({
  ...aboutMessage,
  messageId: Schema.optional(MessageId),
  serverId: Schema.optional(Schema.Int),
  changedAt: text,
  origin: text.annotations({ description: "Recipient, Customer or Admin" }),
  suppressSending: Schema.Boolean,
  suppressionReason: optionalText
}).annotations({ identifier: "SubscriptionChanged" })

/**
 * @since 0.1.0
 * @category models
 */
export interface SubscriptionChanged extends Schema.Schema.Type<typeof SubscriptionChanged> {}

const Participant = Schema.Struct({ email: text, name: optionalText, mailboxHash: optionalText })

/**
 * A mail came in to an inbound address. Source: Postmark API, Webhooks, E.12.
 *
 * @since 0.1.0
 * @category models
 */
export const InboundReceived = Schema.Struct({
  messageId: MessageId,
  messageStream: optionalText,
  from: Participant,
  to: Schema.Array(Participant),
  cc: Schema.Array(Participant),
  bcc: Schema.Array(Participant),
  originalRecipient: optionalText,
  replyTo: optionalText,
  subject: optionalText,
  date: optionalText.annotations({ description: "the sender's Date header" }),
  mailboxHash: optionalText,
  tag: optionalText,
  textBody: optionalText,
  htmlBody: optionalText,
  strippedTextReply: optionalText,
  headers: Schema.Array(Schema.typeSchema(Header)),
  attachments: Schema.Array(Schema.Struct({
    name: text,
    content: optionalText.annotations({ description: "the file in base64" }),
    contentType: optionalText,
    contentLength: Schema.optional(Schema.Number),
    contentId: optionalText
  })),
  raw
}).annotations({ identifier: "InboundReceived" })

/**
 * @since 0.1.0
 * @category models
 */
export interface InboundReceived extends Schema.Schema.Type<typeof InboundReceived> {}

/**
 * What a webhook's body tells, by kind.
 *
 * @since 0.1.0
 * @category models
 */
export type WebhookEvent =
  | { readonly _tag: "EmailDelivered"; readonly event: EmailDelivered }
  | { readonly _tag: "EmailBounced"; readonly event: EmailBounced }
  | { readonly _tag: "SpamComplaint"; readonly event: SpamComplaint }
  | { readonly _tag: "EmailOpened"; readonly event: EmailOpened }
  | { readonly _tag: "LinkClicked"; readonly event: LinkClicked }
  | { readonly _tag: "SubscriptionChanged"; readonly event: SubscriptionChanged }
  | { readonly _tag: "InboundReceived"; readonly event: InboundReceived }
  | { readonly _tag: "Unknown"; readonly recordType: string | undefined; readonly raw: unknown }

/**
 * Reads a parsed body of any type. A type that is not known is `Unknown`; a known type of another shape is a Left.
 *
 * @since 0.1.0
 * @category constructors
 */
export const fromBody: (body: unknown) => Either.Either<WebhookEvent, ParseResult.ParseIssue> = webhookBodies.read
