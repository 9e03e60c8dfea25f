/**
 * The operations on bulk requests. See https://postmarkapp.com/developer/api/bulk-email.
 *
 * @since 0.1.0
 */
import { BulkEmail, BulkPage, BulkQuery, BulkStatus } from "../Bulk.ts"
import * as Operation from "../Operation.ts"
import { BulkParams } from "./parameters.ts"

const accepted = {
  bulkId: "f24af63c-533d-4b7a-ad65-4a7b3202d3a7",
  status: "Accepted",
  submittedAt: "2026-09-30T12:00:00Z"
}

const completed = { ...accepted, status: "Completed", totalMessages: 2, percentageCompleted: 100 }

/**
 * @since 0.1.0
 * @category operations
 */
export const send = Operation.make("postmark/send-bulk-email", Operation.sends, {
  ...Operation.empty,
  group: "bulkEmails",
  member: "send",
  title: "Send a bulk request",
  description:
    "One message to many recipients in one call, which Postmark sends in the background; it needs a broadcast stream and Postmark's approval",
  method: "POST",
  path: "/bulk-emails",
  body: BulkEmail,
  success: BulkStatus,
  example: {
    body: {
      from: "news@example.com",
      subject: "News for {{name}}",
      textBody: "Hello {{name}}",
      messageStream: "news",
      messages: [
        { to: "ann@example.org", templateModel: { name: "Ann" } },
        { to: "bob@example.org", templateModel: { name: "Bob" } }
      ]
    },
    success: accepted
  },
  run: ({ body }, client) => client.bulk.send(body)
})

/**
 * @since 0.1.0
 * @category operations
 */
export const list = Operation.make("postmark/list-bulk-emails", Operation.reads, {
  ...Operation.empty,
  group: "bulkEmails",
  member: "list",
  title: "List bulk requests",
  description: "Bulk requests, newest first; paginationKey is the key of the next page",
  method: "GET",
  path: "/bulk-emails",
  query: BulkQuery,
  success: BulkPage,
  example: { query: { count: 10 }, success: { requests: [completed], paginationKey: null } },
  run: ({ query }, client) => client.bulk.list(query)
})

/**
 * @since 0.1.0
 * @category operations
 */
export const get = Operation.make("postmark/get-bulk-email", Operation.reads, {
  ...Operation.empty,
  group: "bulkEmails",
  member: "get",
  title: "Get the status of a bulk request",
  description: "The progress of a bulk request",
  method: "GET",
  path: "/bulk-emails/:bulkId",
  params: BulkParams,
  success: BulkStatus,
  example: { params: { bulkId: "f24af63c-533d-4b7a-ad65-4a7b3202d3a7" }, success: completed },
  run: ({ params }, client) => client.bulk.status(params.bulkId)
})
