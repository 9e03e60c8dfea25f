/**
 * What the double knows of a message it accepted.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"

/**
 * One step of a message's life, as in the history: `Delivered`, `Bounced`, `Opened`, `LinkClicked`,
 * `SubscriptionChanged`.
 *
 * @since 0.1.0
 * @category models
 */
export const SentMessageEvent = Schema.Struct({
  type: Schema.String,
  recipient: Schema.String,
  at: Schema.String,
  details: Schema.Record({ key: Schema.String, value: Schema.String })
}).annotations({ identifier: "SentMessageEvent" })

/**
 * @since 0.1.0
 * @category models
 */
export interface SentMessageEvent extends Schema.Schema.Type<typeof SentMessageEvent> {}

/**
 * An accepted message. `inactive` are recipients that were suppressed when it was sent; nothing happens to them.
 * `template` is the one that made its texts.
 *
 * @since 0.1.0
 * @category models
 */
export const SentMessage = Schema.Struct({
  messageId: Schema.String,
  serverId: Schema.Number,
  stream: Schema.String,
  from: Schema.String,
  to: Schema.Array(Schema.String),
  cc: Schema.Array(Schema.String),
  bcc: Schema.Array(Schema.String),
  recipients: Schema.Array(Schema.String),
  inactive: Schema.Array(Schema.String),
  replyTo: Schema.UndefinedOr(Schema.String),
  subject: Schema.String,
  tag: Schema.UndefinedOr(Schema.String),
  template: Schema.UndefinedOr(Schema.Struct({ id: Schema.Number, alias: Schema.UndefinedOr(Schema.String) })),
  htmlBody: Schema.UndefinedOr(Schema.String),
  textBody: Schema.UndefinedOr(Schema.String),
  headers: Schema.Array(Schema.Struct({ Name: Schema.String, Value: Schema.String })),
  metadata: Schema.Record({ key: Schema.String, value: Schema.String }),
  attachments: Schema.Array(Schema.String),
  trackOpens: Schema.Boolean,
  trackLinks: Schema.String,
  submittedAt: Schema.String,
  events: Schema.Array(SentMessageEvent)
}).annotations({ identifier: "SentMessage" })

/**
 * @since 0.1.0
 * @category models
 */
export interface SentMessage extends Schema.Schema.Type<typeof SentMessage> {}
