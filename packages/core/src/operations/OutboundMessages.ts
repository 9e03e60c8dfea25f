/**
 * The operations on sent messages that are not actions. See https://postmarkapp.com/developer/api/messages-api.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import { ClicksPage, EngagementQuery, OpensPage } from "../Engagement.ts"
import * as Operation from "../Operation.ts"
import { Paging } from "../Paging.ts"
import { Source } from "./Bounces.ts"
import { MessageParams } from "./parameters.ts"

const params = { messageId: "2c1b63fe-43f2-4db5-91b0-8bdfa44a9316" }

const engagement = {
  messageId: params.messageId,
  messageStream: "outbound",
  recipient: "ann@example.org",
  tag: "welcome",
  receivedAt: "2026-09-30T12:00:00Z",
  userAgent: "Mozilla/5.0",
  platform: "Desktop",
  os: { name: "Linux", company: "Linux", family: "Linux" },
  geo: { countryIsoCode: "DE", country: "Germany", city: "Berlin" }
}

const openPage = { totalCount: 1, opens: [{ ...engagement, firstOpen: true, readSeconds: 7 }] }

const clickPage = {
  totalCount: 1,
  clicks: [{ ...engagement, clickLocation: "HTML", originalLink: "https://example.com/shop" }]
}

/**
 * @since 0.1.0
 * @category operations
 */
export const dump = Operation.make("postmark/get-outbound-message-dump", Operation.reads, {
  ...Operation.empty,
  group: "outboundMessages",
  member: "dump",
  title: "Get the source of a sent message",
  description: "The raw source of a sent message; body is null when Postmark no longer has it",
  method: "GET",
  path: "/messages/outbound/:messageId/dump",
  params: MessageParams,
  success: Source,
  example: { params, success: { body: "Subject: Welcome\r\n\r\nHello Ann" } },
  run: ({ params }, client) =>
    Effect.map(client.outboundMessages.dump(params.messageId), (body) => ({ body: body ?? null }))
})

/**
 * @since 0.1.0
 * @category operations
 */
export const opens = Operation.make("postmark/list-opens", Operation.reads, {
  ...Operation.empty,
  group: "outboundMessages",
  member: "opens",
  title: "List opens",
  description: "The opens of sent messages, newest first; without messageStream, the stream outbound only",
  method: "GET",
  path: "/messages/outbound/opens",
  query: EngagementQuery,
  success: Operation.response(OpensPage, "OpensPage"),
  example: { query: { recipient: "ann@example.org" }, success: openPage },
  run: ({ query }, client) => client.opens.list(query)
})

/**
 * @since 0.1.0
 * @category operations
 */
export const messageOpens = Operation.make("postmark/list-message-opens", Operation.reads, {
  ...Operation.empty,
  group: "outboundMessages",
  member: "messageOpens",
  title: "List the opens of a message",
  description: "The opens of one sent message",
  method: "GET",
  path: "/messages/outbound/:messageId/opens",
  params: MessageParams,
  query: Paging,
  success: Operation.response(OpensPage, "OpensPage"),
  example: { params, query: { count: 10 }, success: openPage },
  run: ({ params, query }, client) => client.opens.ofMessage(params.messageId, query)
})

/**
 * @since 0.1.0
 * @category operations
 */
export const clicks = Operation.make("postmark/list-clicks", Operation.reads, {
  ...Operation.empty,
  group: "outboundMessages",
  member: "clicks",
  title: "List clicks",
  description: "The clicks on links of sent messages, newest first; without messageStream, the stream outbound only",
  method: "GET",
  path: "/messages/outbound/clicks",
  query: EngagementQuery,
  success: Operation.response(ClicksPage, "ClicksPage"),
  example: { query: { tag: "welcome" }, success: clickPage },
  run: ({ query }, client) => client.clicks.list(query)
})

/**
 * @since 0.1.0
 * @category operations
 */
export const messageClicks = Operation.make("postmark/list-message-clicks", Operation.reads, {
  ...Operation.empty,
  group: "outboundMessages",
  member: "messageClicks",
  title: "List the clicks of a message",
  description: "The clicks on the links of one sent message",
  method: "GET",
  path: "/messages/outbound/:messageId/clicks",
  params: MessageParams,
  query: Paging,
  success: Operation.response(ClicksPage, "ClicksPage"),
  example: { params, query: { count: 10 }, success: clickPage },
  run: ({ params, query }, client) => client.clicks.ofMessage(params.messageId, query)
})
