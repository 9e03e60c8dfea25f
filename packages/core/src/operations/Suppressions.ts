/**
 * The operations on suppressions. See https://postmarkapp.com/developer/api/suppressions-api.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Operation from "../Operation.ts"
import { SuppressedAddresses, Suppression, SuppressionsQuery, SuppressionStatus } from "../Suppressions.ts"
import { StreamParams } from "./parameters.ts"

/**
 * The suppressions of a stream.
 *
 * @since 0.1.0
 * @category models
 */
export const SuppressionList = Schema.Struct({ suppressions: Schema.Array(Suppression) })
  .annotations({ identifier: "SuppressionList" })

/**
 * The result for each address.
 *
 * @since 0.1.0
 * @category models
 */
export const SuppressionStatuses = Schema.Struct({ suppressions: Schema.Array(SuppressionStatus) })
  .annotations({ identifier: "SuppressionStatuses" })

/**
 * The addresses to suppress, or to remove from the suppressions: 1–50.
 *
 * @since 0.1.0
 * @category models
 */
export const SuppressionsChange = Schema.Struct({ emailAddresses: SuppressedAddresses })
  .annotations({ identifier: "SuppressionsChange" })

const params = { streamId: "outbound" }
const body = { emailAddresses: ["ann@example.org"] }

/**
 * @since 0.1.0
 * @category operations
 */
export const list = Operation.make("postmark/list-suppressions", Operation.reads, {
  ...Operation.empty,
  group: "suppressions",
  member: "list",
  title: "List suppressions",
  description: "All addresses that a message stream no longer sends to, in one list",
  method: "GET",
  path: "/message-streams/:streamId/suppressions",
  params: StreamParams,
  query: SuppressionsQuery,
  success: SuppressionList,
  example: {
    params,
    query: { suppressionReason: "HardBounce" },
    success: {
      suppressions: [{
        emailAddress: "ann@example.org",
        suppressionReason: "HardBounce",
        origin: "Recipient",
        createdAt: "2026-09-30T12:00:00Z"
      }]
    }
  },
  run: ({ params, query }, client) =>
    Effect.map(client.suppressions.dump(params.streamId, query), (suppressions) => ({ suppressions }))
})

/**
 * @since 0.1.0
 * @category operations
 */
export const create = Operation.make("postmark/create-suppressions", Operation.changes, {
  ...Operation.empty,
  group: "suppressions",
  member: "create",
  title: "Suppress addresses",
  description: "Stops a message stream from sending to these addresses; each succeeds or fails on its own",
  method: "POST",
  path: "/message-streams/:streamId/suppressions",
  params: StreamParams,
  body: SuppressionsChange,
  success: SuppressionStatuses,
  example: {
    params,
    body,
    success: { suppressions: [{ emailAddress: "ann@example.org", status: "Suppressed", message: null }] }
  },
  run: ({ body, params }, client) =>
    Effect.map(client.suppressions.create(params.streamId, body.emailAddresses), (suppressions) => ({ suppressions }))
})

/**
 * @since 0.1.0
 * @category operations
 */
export const remove = Operation.make("postmark/delete-suppressions", Operation.changes, {
  ...Operation.empty,
  group: "suppressions",
  member: "delete",
  title: "Delete suppressions",
  description: "Lets a message stream send to these addresses again; a spam complaint cannot be deleted",
  method: "POST",
  path: "/message-streams/:streamId/suppressions/delete",
  params: StreamParams,
  body: SuppressionsChange,
  success: SuppressionStatuses,
  example: {
    params,
    body,
    success: { suppressions: [{ emailAddress: "ann@example.org", status: "Deleted", message: null }] }
  },
  run: ({ body, params }, client) =>
    Effect.map(client.suppressions.delete(params.streamId, body.emailAddresses), (suppressions) => ({ suppressions }))
})
