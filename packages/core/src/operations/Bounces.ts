/**
 * The operations on bounces. See https://postmarkapp.com/developer/api/bounce-api.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { Activation, Bounce, BouncesPage, BouncesQuery, DeliveryStats } from "../Bounces.ts"
import * as Operation from "../Operation.ts"
import { BounceParams } from "./parameters.ts"

const bounce = {
  id: "692560173",
  type: "HardBounce",
  typeCode: 1,
  name: "Hard bounce",
  tag: "welcome",
  messageId: "2c1b63fe-43f2-4db5-91b0-8bdfa44a9316",
  messageStream: "outbound",
  description: "The server was unable to deliver your message.",
  email: "ann@example.org",
  bouncedAt: "2026-09-30T12:00:00Z",
  dumpAvailable: true,
  inactive: true,
  canActivate: true,
  subject: "Welcome"
}

const read = { ...Operation.empty, group: "bounces", method: "GET" } as const

/**
 * @since 0.1.0
 * @category operations
 */
export const list = Operation.make("postmark/list-bounces", Operation.reads, {
  ...read,
  member: "list",
  title: "List bounces",
  description: "Bounces and spam complaints, newest first; without messageStream, the stream outbound only",
  path: "/bounces",
  query: BouncesQuery,
  success: Operation.response(BouncesPage, "BouncesPage"),
  example: { query: { count: 1, type: "HardBounce" }, success: { totalCount: 1, bounces: [bounce] } },
  run: ({ query }, client) => client.bounces.list(query)
})

/**
 * @since 0.1.0
 * @category operations
 */
export const get = Operation.make("postmark/get-bounce", Operation.reads, {
  ...read,
  member: "get",
  title: "Get a bounce",
  description: "One bounce, with the reason that the recipient's server gave",
  path: "/bounces/:bounceId",
  params: BounceParams,
  success: Operation.response(Bounce, "Bounce"),
  example: { params: { bounceId: "692560173" }, success: bounce },
  run: ({ params }, client) => client.bounces.get(params.bounceId)
})

/**
 * The source of a bounce; null if Postmark no longer has it.
 *
 * @since 0.1.0
 * @category models
 */
export const Source = Schema.Struct({ body: Schema.NullOr(Schema.String) }).annotations({ identifier: "Source" })

/**
 * @since 0.1.0
 * @category operations
 */
export const dump = Operation.make("postmark/get-bounce-dump", Operation.reads, {
  ...read,
  member: "dump",
  title: "Get the source of a bounce",
  description: "The raw source of a bounce, which Postmark stores for 30 days; afterwards body is null",
  path: "/bounces/:bounceId/dump",
  params: BounceParams,
  success: Source,
  example: {
    params: { bounceId: "692560173" },
    success: { body: "From: mailer-daemon@example.org\r\n\r\nNo such user" }
  },
  run: ({ params }, client) => Effect.map(client.bounces.dump(params.bounceId), (body) => ({ body: body ?? null }))
})

/**
 * @since 0.1.0
 * @category operations
 */
export const activate = Operation.make("postmark/activate-bounce", Operation.changes, {
  ...Operation.empty,
  group: "bounces",
  member: "activate",
  title: "Activate a bounced address",
  description: "Reactivates the bounce's address, so that Postmark sends to it again",
  method: "POST",
  path: "/bounces/:bounceId/activate",
  params: BounceParams,
  success: Operation.response(Activation, "Activation"),
  example: {
    params: { bounceId: "692560173" },
    success: { message: "OK", bounce: { ...bounce, inactive: false } }
  },
  run: ({ params }, client) => client.bounces.activate(params.bounceId)
})

/**
 * @since 0.1.0
 * @category operations
 */
export const deliveryStats = Operation.make("postmark/get-delivery-stats", Operation.reads, {
  ...read,
  member: "deliveryStats",
  title: "Count the bounces by type",
  description: "The number of inactive addresses, and the number of bounces by type",
  path: "/delivery-stats",
  success: Operation.response(DeliveryStats, "DeliveryStats"),
  example: {
    success: {
      inactiveMails: 1,
      bounces: [{ name: "All", count: 2 }, { type: "HardBounce", name: "Hard bounce", count: 2 }]
    }
  },
  run: (_, client) => client.bounces.deliveryStats
})
