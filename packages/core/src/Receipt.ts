/**
 * What Postmark answered to a message: taken, or refused.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import { MessageId } from "./Ids.ts"
import { ValidationFailure } from "./PostmarkError.ts"

/**
 * Postmark's word that it took a message. `inactiveRecipients` will not get it although the message was taken:
 * Postmark says so only in its `message` text (Postmark API, B.3).
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
  inactiveRecipients: Schema.Array(Schema.String),
  raw: Schema.Unknown.annotations({ description: "Postmark's answer as it came" })
}).annotations({ identifier: "Receipt" })

/**
 * @since 0.1.0
 * @category models
 */
export interface Receipt extends Schema.Schema.Type<typeof Receipt> {}

/**
 * A message of a batch that Postmark took.
 *
 * @since 0.1.0
 * @category models
 */
export const Accepted = Schema.TaggedStruct("Accepted", { receipt: Receipt })

/**
 * A message of a batch that Postmark refused, and why; the others of the batch are not concerned.
 *
 * @since 0.1.0
 * @category models
 */
export const Rejected = Schema.TaggedStruct("Rejected", {
  error: ValidationFailure
})

/**
 * What became of one message of a batch, at the message's own place.
 *
 * @since 0.1.0
 * @category models
 */
export const SendOutcome = Schema.Union(Accepted, Rejected).annotations({ identifier: "SendOutcome" })

/**
 * @since 0.1.0
 * @category models
 */
export type SendOutcome = typeof SendOutcome.Type
