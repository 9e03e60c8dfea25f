/**
 * The three triggers.
 *
 * @since 0.1.0
 */
import * as webhookBodies from "./internal/webhook/webhookBodies.ts"
import * as Trigger from "./Trigger.ts"
import * as WebhookEvent from "./WebhookEvent.ts"

/**
 * Fires when a recipient's server accepted a message. Source: Postmark API, Webhooks, E.6.
 *
 * @since 0.1.0
 * @category triggers
 */
export const EmailDelivered = Trigger.make("postmark/email-delivered", {
  title: "Email delivered",
  description: "A recipient's server accepted the message",
  recordType: "Delivery",
  event: WebhookEvent.EmailDelivered,
  fromWebhook: webhookBodies.delivered
})

/**
 * Fires when a message bounced. Source: Postmark API, Webhooks, E.7.
 *
 * @since 0.1.0
 * @category triggers
 */
export const EmailBounced = Trigger.make("postmark/email-bounced", {
  title: "Email bounced",
  description: "A message bounced: the bounce's type and description, and whether the recipient can be reactivated",
  recordType: "Bounce",
  event: WebhookEvent.EmailBounced,
  fromWebhook: webhookBodies.bounced
})

/**
 * Fires when a message was opened; only messages with open tracking and an HTML body can be. Source: Postmark API,
 * Webhooks, E.9.
 *
 * @since 0.1.0
 * @category triggers
 */
export const EmailOpened = Trigger.make("postmark/email-opened", {
  title: "Email opened",
  description: "A message was opened: platform, user agent, client and approximate place",
  recordType: "Open",
  event: WebhookEvent.EmailOpened,
  fromWebhook: webhookBodies.opened
})

/**
 * The three triggers.
 *
 * @since 0.1.0
 * @category triggers
 */
export const all = [EmailDelivered, EmailBounced, EmailOpened] as const
