/**
 * Postmark's word that it took a message.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import { Correlation } from "./Correlation.ts"
import { MessageId } from "./Ids.ts"

/**
 * Postmark's confirmation that it accepted a message. `inactiveRecipients` do not get it although Postmark accepted
 * the message: Postmark says this only in its `message` text (docs/postmark.md#inactive-recipients).
 *
 * A receipt with the `source` `search` was found in the history after the response was lost. Its `message` is empty,
 * its inactive recipients are unknown, and `raw` is the message from the history. `possiblyDuplicate` means that the
 * caller had the message sent again while its first outcome was unknown.
 *
 * @since 0.1.0
 * @category models
 */
export const Receipt = Schema.Struct({
  messageId: MessageId,
  to: Schema.optional(Schema.String),
  submittedAt: Schema.optional(
    Schema.String.annotations({ description: "the time as Postmark wrote it, with 0 to 7 digits after the seconds" })
  ),
  message: Schema.String,
  source: Schema.Literal("answer", "search"),
  correlation: Correlation,
  possiblyDuplicate: Schema.optional(Schema.Literal(true)),
  inactiveRecipients: Schema.Array(Schema.String),
  raw: Schema.Unknown.annotations({ description: "Postmark's answer as it came" })
}).annotations({ identifier: "Receipt" })

/**
 * @since 0.1.0
 * @category models
 */
export interface Receipt extends Schema.Schema.Type<typeof Receipt> {}
