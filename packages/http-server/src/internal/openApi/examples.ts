/** The examples of what is not an operation of core. */
import * as PostmarkOperations from "@effect-postmark/core/PostmarkOperations"

export interface Example {
  readonly parameters?: Readonly<Record<string, unknown>>
  readonly request?: unknown
  readonly response?: unknown
}

const email = {
  from: "Shop <shop@example.com>",
  to: "ann@example.org",
  subject: "Your order",
  textBody: "Thank you for your order.",
  tag: "order"
}

const messageId = "0a129aee-e1cd-480d-b08d-4f48548ff48d"

const receipt = {
  messageId,
  to: "ann@example.org",
  submittedAt: "2026-09-30T12:00:00Z",
  message: "OK",
  source: "answer",
  correlation: { name: "correlation", value: "PbV2n0z6Rk3Jv9cQ", index: 0 },
  inactiveRecipients: [],
  raw: { ErrorCode: 0, Message: "OK", MessageID: messageId }
}

const serverToken = "00000000-0000-0000-0000-000000000000"

/** By operation id. A route that is not here gets examples made from its schemas. */
export const examples: Readonly<Record<string, Example>> = {
  "connections.connect": { request: { name: "Acme", serverToken } },
  "connections.rotate": { request: { serverToken } },
  "triggers.subscribe": { request: { trigger: "postmark/email-bounced" } },
  "relayTargets.create": {
    request: { trigger: "postmark/email-bounced", url: "https://n8n.example.com/webhook/bounces" }
  },
  "apiKeys.create": { request: { name: "CRM", connections: ["con_1"] } },
  "webhooks.receive": {
    request: {
      RecordType: "Delivery",
      MessageID: messageId,
      Recipient: "ann@example.org",
      DeliveredAt: "2026-09-30T12:00:05Z",
      MessageStream: "outbound"
    }
  },
  "actions.send-email": { request: email, response: receipt },
  "actions.send-email-batch": {
    request: { messages: [email, { ...email, to: "bob@example.org" }] },
    response: { outcomes: [{ _tag: "Accepted", receipt }] }
  },
  "actions.send-email-with-template": {
    request: { from: email.from, to: email.to, templateAlias: "welcome", templateModel: { name: "Ann" } },
    response: receipt
  },
  "actions.list-outbound-messages": { request: { tag: "order", count: 10 } },
  "actions.get-outbound-message-details": { request: { messageId } },
  "actions.get-outbound-stats": { request: { fromDate: "2026-09-01", toDate: "2026-09-30" } },
  ...Object.fromEntries(PostmarkOperations.all.map(({ example, group, member }) => [`${group}.${member}`, {
    parameters: { ...example.params, ...example.query },
    request: example.body,
    response: example.success
  }]))
}
