/**
 * The operations on inbound messages. See https://postmarkapp.com/developer/api/messages-api.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import { InboundMessageDetails, InboundMessagesPage, InboundMessagesQuery } from "../InboundMessages.ts"
import * as Operation from "../Operation.ts"
import { MessageParams } from "./parameters.ts"

const message = {
  messageId: "2c1b63fe-43f2-4db5-91b0-8bdfa44a9316",
  messageStream: "inbound",
  status: "Blocked",
  from: "ann@example.org",
  fromFull: { email: "ann@example.org", name: "Ann", mailboxHash: "" },
  to: "0123@inbound.postmarkapp.com",
  toFull: [{ email: "0123@inbound.postmarkapp.com", name: "", mailboxHash: "" }],
  ccFull: [],
  bccFull: [],
  subject: "Question",
  date: "Wed, 30 Sep 2026 12:00:00 +0000",
  attachments: []
}

const params = { messageId: message.messageId }

/**
 * @since 0.1.0
 * @category operations
 */
export const list = Operation.make("postmark/list-inbound-messages", Operation.reads, {
  ...Operation.empty,
  group: "inboundMessages",
  member: "list",
  title: "List inbound messages",
  description: "Inbound messages, newest first; without status, the processed ones",
  method: "GET",
  path: "/messages/inbound",
  query: InboundMessagesQuery,
  success: Operation.response(InboundMessagesPage, "InboundMessagesPage"),
  example: { query: { status: "blocked" }, success: { totalCount: 1, inboundMessages: [message] } },
  run: ({ query }, client) => client.inboundMessages.list(query)
})

/**
 * @since 0.1.0
 * @category operations
 */
export const get = Operation.make("postmark/get-inbound-message", Operation.reads, {
  ...Operation.empty,
  group: "inboundMessages",
  member: "get",
  title: "Get an inbound message",
  description: "One inbound message with its content, its headers, and the reason why it was blocked",
  method: "GET",
  path: "/messages/inbound/:messageId",
  params: MessageParams,
  success: Operation.response(InboundMessageDetails, "InboundMessageDetails"),
  example: {
    params,
    success: {
      ...message,
      textBody: "When do you open?",
      headers: [{ name: "X-Spam-Score", value: "7.1" }],
      blockedReason: "Spam score"
    }
  },
  run: ({ params }, client) => client.inboundMessages.details(params.messageId)
})

/**
 * @since 0.1.0
 * @category operations
 */
export const bypass = Operation.make("postmark/bypass-inbound-message", Operation.changes, {
  ...Operation.empty,
  group: "inboundMessages",
  member: "bypass",
  title: "Release a blocked inbound message",
  description: "Processes an inbound message that a rule or the spam filter blocked",
  method: "POST",
  path: "/messages/inbound/:messageId/bypass",
  status: 204,
  params: MessageParams,
  success: Schema.Void,
  example: { params },
  run: ({ params }, client) => client.inboundMessages.bypass(params.messageId)
})

/**
 * @since 0.1.0
 * @category operations
 */
export const retry = Operation.make("postmark/retry-inbound-message", Operation.creates, {
  ...Operation.empty,
  group: "inboundMessages",
  member: "retry",
  title: "Retry a failed inbound message",
  description: "Posts a failed inbound message to the inbound webhook again",
  method: "POST",
  path: "/messages/inbound/:messageId/retry",
  status: 204,
  params: MessageParams,
  success: Schema.Void,
  example: { params },
  run: ({ params }, client) => client.inboundMessages.retry(params.messageId)
})
