/**
 * The log of the double's webhook calls.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"

/**
 * One try to post a webhook. It holds no secret: the URL is without credentials and query, and no header is kept.
 *
 * `webhookId` is 0 for the hooks that a server has in its own fields.
 *
 * - `taken`: the receiver answered so that Postmark is done
 * - `retry`: it will be posted again, or this was the last try
 * - `drop`: the receiver's answer means never again
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
