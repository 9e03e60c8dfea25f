/**
 * Mail that somebody sends to a server of the double.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import { optional, text } from "./internal/http/optional.ts"

/**
 * A file in an inbound mail; the content is base64.
 *
 * @since 0.1.0
 * @category models
 */
export const InboundAttachment = Schema.Struct({
  name: Schema.String,
  content: Schema.String,
  contentType: Schema.String,
  contentId: text
}).annotations({ identifier: "InboundAttachment" })

/**
 * @since 0.1.0
 * @category models
 */
export interface InboundAttachment extends Schema.Schema.Type<typeof InboundAttachment> {}

/**
 * An inbound mail. Only the sender is needed. Addresses are header texts, several of them parted by commas.
 * See https://postmarkapp.com/developer/webhooks/inbound-webhook.
 *
 * - `to`: the server's inbound address if left out
 * - `mailboxHash`: stands in that address after a `+`; read from `to` if `to` is given
 * - `originalRecipient`: the envelope recipient; the first address of `to` if left out
 * - `strippedTextReply`: the double strips nothing itself
 * - `spamScore`: at or above the server's `InboundSpamThreshold` the mail is blocked
 *
 * @since 0.1.0
 * @category models
 */
export const InboundMail = Schema.Struct({
  from: Schema.String,
  to: text,
  cc: text,
  bcc: text,
  originalRecipient: text,
  mailboxHash: text,
  replyTo: text,
  subject: text,
  date: text,
  tag: text,
  textBody: text,
  htmlBody: text,
  strippedTextReply: text,
  spamScore: optional(Schema.Number),
  headers: optional(Schema.Array(Schema.Struct({ Name: Schema.String, Value: Schema.String }))),
  attachments: optional(Schema.Array(InboundAttachment))
}).annotations({ identifier: "InboundMail" })

/**
 * @since 0.1.0
 * @category models
 */
export interface InboundMail extends Schema.Schema.Type<typeof InboundMail> {}
