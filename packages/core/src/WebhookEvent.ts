/**
 * The webhook events that Postmark posts, with this package's field names. Postmark may add new words to any field;
 * `raw` is the original body.
 *
 * @since 0.1.0
 */
import type * as Either from "effect/Either"
import type * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import { Header } from "./Email.ts"
import { BounceId, MessageId } from "./Ids.ts"
import * as webhookBodies from "./internal/webhook/webhookBodies.ts"
import type { Arrival } from "./Trigger.ts"

const text = Schema.String
const optionalText = Schema.optional(Schema.String)
const optionalFlag = Schema.optional(Schema.Boolean)
const raw = Schema.Unknown.annotations({ description: "the webhook's body as it came" })

/** How the body was read. */
const reading = {
  unread: Schema.optional(Schema.Array(Schema.String)).annotations({
    description: "paths in the webhook's body that could not be read, such as Geo.Zip; left out when there are none"
  }),
  traceId: optionalText.annotations({ description: "Postmark's id of the webhook, the same over all its attempts" }),
  raw
}

/** The message fields of every event. */
const aboutMessage = {
  recipient: text,
  messageStream: optionalText,
  tag: optionalText,
  metadata: Schema.optionalWith(Schema.Record({ key: Schema.String, value: Schema.String }), { default: () => ({}) }),
  ...reading
}

/**
 * A recipient's server accepted the message. See
 * https://postmarkapp.com/developer/webhooks/delivery-webhook.
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
 * The meaning of a bounce for the next email to the recipient. Postmark's own word is in `type`.
 *
 * - `permanent`: will bounce again
 * - `temporary`: may not bounce again
 * - `blocked`: caused by the content or the sender
 * - `complaint`, `unsubscribed`: the recipient does not want it
 * - `automatic`: an automatic reply
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
  bounceId: Schema.optional(BounceId),
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
  inactive: optionalFlag.annotations({ description: "Postmark no longer sends to the recipient" }),
  canActivate: optionalFlag.annotations({ description: "the recipient can be reactivated" })
}

/**
 * A message bounced. See
 * https://postmarkapp.com/developer/webhooks/bounce-webhook.
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
 * A recipient marked the message as spam. See
 * https://postmarkapp.com/developer/webhooks/spam-complaint-webhook.
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
 * A message with open tracking was opened: where, and with which client. `geo` is approximate. `machineOpen` is a
 * hint: `likely` when the user agent belongs to a mailbox provider's proxy or a scanner, which loads images although
 * nobody reads. See https://postmarkapp.com/developer/webhooks/open-tracking-webhook.
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
 * A tracked link was clicked. See
 * https://postmarkapp.com/developer/webhooks/click-webhook.
 *
 * @since 0.1.0
 * @category models
 */
export const LinkClicked = Schema.Struct({
  ...readerFields,
  clickedAt: text,
  originalLink: optionalText,
  clickLocation: optionalText.annotations({ description: "HTML or Text" })
}).annotations({ identifier: "LinkClicked" })

/**
 * @since 0.1.0
 * @category models
 */
export interface LinkClicked extends Schema.Schema.Type<typeof LinkClicked> {}

/**
 * A recipient was suppressed or reactivated. `messageId` is present when a message was the cause, and absent after a
 * manual change. See https://postmarkapp.com/developer/webhooks/subscription-change-webhook.
 *
 * @since 0.1.0
 * @category models
 */
export const SubscriptionChanged = Schema.Struct({
  ...aboutMessage,
  messageId: Schema.optional(MessageId),
  serverId: Schema.optional(Schema.Int),
  changedAt: text,
  origin: optionalText.annotations({ description: "Recipient, Customer or Admin" }),
  suppressSending: Schema.Boolean,
  suppressionReason: optionalText
}).annotations({ identifier: "SubscriptionChanged" })

/**
 * @since 0.1.0
 * @category models
 */
export interface SubscriptionChanged extends Schema.Schema.Type<typeof SubscriptionChanged> {}

const Participant = Schema.Struct({
  email: text.annotations({ description: "empty when the mail names no sender, as bounces do" }),
  name: optionalText,
  mailboxHash: optionalText
})

/**
 * An email arrived at an inbound address. See https://postmarkapp.com/developer/webhooks/inbound-webhook.
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
  ...reading
}).annotations({ identifier: "InboundReceived" })

/**
 * @since 0.1.0
 * @category models
 */
export interface InboundReceived extends Schema.Schema.Type<typeof InboundReceived> {}

/**
 * The content of a webhook body, by kind.
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
 * Reads a parsed body of any type. Accepts keys in any case, and numbers and booleans as text. Leaves out a field
 * that it cannot read, and lists it in `unread`. An unknown type is `Unknown`. A body without a required field (the
 * message or bounce, the recipient, the type, the time) is a Left.
 *
 * @since 0.1.0
 * @category constructors
 */
export const fromBody: (
  body: unknown,
  arrival?: Arrival
) => Either.Either<WebhookEvent, ParseResult.ParseIssue> = webhookBodies.read
