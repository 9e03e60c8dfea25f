/**
 * Postmark's triggers.
 *
 * @since 0.1.0
 */
import * as webhookBodies from "./internal/webhook/webhookBodies.ts"
import * as Trigger from "./Trigger.ts"
import * as WebhookEvent from "./WebhookEvent.ts"

/**
 * Fires when a recipient's server accepted a message. See https://postmarkapp.com/developer/webhooks/delivery-webhook.
 *
 * @since 0.1.0
 * @category triggers
 */
export const EmailDelivered = Trigger.make("postmark/email-delivered", {
  title: "Email delivered",
  description: "A recipient's server accepted the message",
  recordType: "Delivery",
  event: WebhookEvent.EmailDelivered,
  occurredAt: "deliveredAt",
  fromWebhook: webhookBodies.delivered
})

/**
 * Fires when a message bounced. An error of the SMTP API is a bounce of type `SMTPApiError`. See
 * https://postmarkapp.com/developer/webhooks/bounce-webhook.
 *
 * @since 0.1.0
 * @category triggers
 */
export const EmailBounced = Trigger.make("postmark/email-bounced", {
  title: "Email bounced",
  description: "A message bounced: the bounce's type and description, and whether the recipient can be reactivated",
  recordType: "Bounce",
  event: WebhookEvent.EmailBounced,
  occurredAt: "bouncedAt",
  fromWebhook: webhookBodies.bounced
})

/**
 * Fires when a message was opened; only messages with open tracking and an HTML body can be. See
 * https://postmarkapp.com/developer/webhooks/open-tracking-webhook.
 *
 * @since 0.1.0
 * @category triggers
 */
export const EmailOpened = Trigger.make("postmark/email-opened", {
  title: "Email opened",
  description: "A message was opened: platform, user agent, client and approximate place",
  recordType: "Open",
  event: WebhookEvent.EmailOpened,
  occurredAt: "openedAt",
  fromWebhook: webhookBodies.opened
})

/**
 * Fires when a tracked link was clicked; only messages with link tracking have them. See
 * https://postmarkapp.com/developer/webhooks/click-webhook.
 *
 * @since 0.1.0
 * @category triggers
 */
export const LinkClicked = Trigger.make("postmark/link-clicked", {
  title: "Link clicked",
  description: "A tracked link was clicked: the link, platform, user agent, client and approximate place",
  recordType: "Click",
  event: WebhookEvent.LinkClicked,
  occurredAt: "clickedAt",
  fromWebhook: webhookBodies.clicked
})

/**
 * Fires when a recipient marked a message as spam. See
 * https://postmarkapp.com/developer/webhooks/spam-complaint-webhook.
 *
 * @since 0.1.0
 * @category triggers
 */
export const SpamComplaint = Trigger.make("postmark/spam-complaint", {
  title: "Spam complaint",
  description: "A recipient marked the message as spam; Postmark no longer sends to the recipient",
  recordType: "SpamComplaint",
  event: WebhookEvent.SpamComplaint,
  occurredAt: "bouncedAt",
  fromWebhook: webhookBodies.complained
})

/**
 * Fires when a recipient was suppressed or reactivated: by the recipient, by hand, or after a hard bounce or a complaint.
 * See https://postmarkapp.com/developer/webhooks/subscription-change-webhook.
 *
 * @since 0.1.0
 * @category triggers
 */
export const SubscriptionChanged = Trigger.make("postmark/subscription-changed", {
  title: "Subscription changed",
  description: "A recipient was suppressed or reactivated: by whom, and why",
  recordType: "SubscriptionChange",
  event: WebhookEvent.SubscriptionChanged,
  occurredAt: "changedAt",
  fromWebhook: webhookBodies.subscriptionChanged
})

/**
 * Fires when an email came in to an inbound address. See https://postmarkapp.com/developer/webhooks/inbound-webhook.
 *
 * @since 0.1.0
 * @category triggers
 */
export const InboundReceived = Trigger.make("postmark/inbound-received", {
  title: "Inbound email received",
  description: "An email came in to an inbound address: its people, subject, bodies, headers and attachments",
  recordType: "Inbound",
  event: WebhookEvent.InboundReceived,
  fromWebhook: webhookBodies.received
})

/**
 * All of them.
 *
 * @since 0.1.0
 * @category triggers
 */
export const all = [
  EmailDelivered,
  EmailBounced,
  EmailOpened,
  LinkClicked,
  SpamComplaint,
  SubscriptionChanged,
  InboundReceived
] as const
