/**
 * The log of the double's webhook calls.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"

/**
 * One attempt to post a webhook. It contains no secret: the URL has no credentials or query, and headers are not kept.
 *
 * `webhookId` is 0 for the legacy hooks in a server's own fields.
 *
 * - `taken`: the receiver accepted the webhook
 * - `retry`: the webhook will be retried, or this was the last attempt
 * - `drop`: the receiver's status stops all retries
 * - `refused`: the double does not post to this host
 *
 * @since 0.1.0
 * @category models
 */
export const WebhookAttempt = Schema.Struct({
  webhookId: Schema.Number,
  url: Schema.String,
  recordType: Schema.String,
  messageId: Schema.UndefinedOr(Schema.String),
  attempt: Schema.Number,
  retriesRemaining: Schema.Number,
  traceId: Schema.String,
  at: Schema.String,
  outcome: Schema.Literal("taken", "retry", "drop", "refused"),
  status: Schema.UndefinedOr(Schema.Number),
  error: Schema.UndefinedOr(Schema.String)
}).annotations({ identifier: "WebhookAttempt" })

/**
 * @since 0.1.0
 * @category models
 */
export interface WebhookAttempt extends Schema.Schema.Type<typeof WebhookAttempt> {}
