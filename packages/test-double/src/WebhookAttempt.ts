/**
 * The log of the double's webhook calls.
 *
 * @since 0.1.0
 */

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
export interface WebhookAttempt {
  readonly webhookId: number
  readonly url: string
  readonly recordType: string
  readonly messageId: string | undefined
  readonly attempt: number
  readonly retriesRemaining: number
  readonly traceId: string
  readonly at: string
  readonly outcome: "taken" | "retry" | "drop" | "refused"
  readonly status: number | undefined
  readonly error: string | undefined
}
