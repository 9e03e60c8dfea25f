/**
 * The history of sent messages in Postmark's API.
 *
 * @since 0.1.0
 */
import * as HttpApiEndpoint from "@effect/platform/HttpApiEndpoint"
import * as HttpApiGroup from "@effect/platform/HttpApiGroup"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type { WithRaw } from "./ApiResponse.ts"
import { MessageId } from "./Ids.ts"
import { decoded, valueOf, withRaw } from "./internal/http/resourceCalls.ts"
import type { Transport } from "./internal/http/transport.ts"
import { optionalText } from "./internal/wire/fields.ts"
import { QueryText } from "./internal/wire/query.ts"
import { wire } from "./internal/wire/wire.ts"
import { outboundMessageDetailsFields, OutboundMessages, OutboundMessagesQuery } from "./OutboundMessage.ts"
import type { OutboundMessageDetails } from "./OutboundMessage.ts"
import type { ReadError } from "./PostmarkError.ts"

/**
 * One page of `GET /messages/outbound`. See https://postmarkapp.com/developer/api/messages-api.
 *
 * @since 0.1.0
 * @category models
 */
export const OutboundMessagesResponse = wire(OutboundMessages)

/**
 * `GET /messages/outbound/{id}/details`. See https://postmarkapp.com/developer/api/messages-api.
 *
 * @since 0.1.0
 * @category models
 */
export const OutboundMessageDetailsResponse = wire(Schema.Struct(outboundMessageDetailsFields))

/** Lower-case keys, and `metadata_<name>` for the one metadata field of a search. */
const searchParameters = Schema.transform(QueryText, Schema.typeSchema(OutboundMessagesQuery), {
  strict: true,
  decode: ({ count, offset, fromemail, fromdate, todate, messagestream, ...rest }) => ({
    ...rest,
    count: Number(count ?? 50),
    offset: Number(offset ?? 0),
    fromEmail: fromemail,
    fromDate: fromdate,
    toDate: todate,
    messageStream: messagestream,
    status: statuses.find((status) => status === rest["status"])
  }),
  encode: ({ metadata, ...query }) => ({
    count: String(query.count),
    offset: String(query.offset),
    recipient: query.recipient,
    fromemail: query.fromEmail,
    tag: query.tag,
    status: query.status,
    fromdate: query.fromDate,
    todate: query.toDate,
    subject: query.subject,
    messagestream: query.messageStream,
    ...Object.fromEntries(Object.entries(metadata ?? {}).map(([name, value]) => [`metadata_${name}`, value]))
  })
})

const statuses = ["queued", "sent", "processed"] as const

const MessagePath = Schema.Struct({ messageId: MessageId })

/**
 * `GET /messages/outbound`. See https://postmarkapp.com/developer/api/messages-api.
 *
 * @since 0.1.0
 * @category contracts
 */
export const listOutboundMessages = HttpApiEndpoint.get("listOutboundMessages", "/messages/outbound")
  .setUrlParams(searchParameters).addSuccess(OutboundMessagesResponse)

/**
 * `GET /messages/outbound/{messageId}/details`. See https://postmarkapp.com/developer/api/messages-api.
 *
 * @since 0.1.0
 * @category contracts
 */
export const getOutboundMessageDetails = HttpApiEndpoint
  .get("getOutboundMessageDetails", "/messages/outbound/:messageId/details")
  .setPath(MessagePath).addSuccess(OutboundMessageDetailsResponse)

/**
 * `GET /messages/outbound/{messageId}/dump`. See https://postmarkapp.com/developer/api/messages-api.
 *
 * @since 0.1.0
 * @category contracts
 */
export const getOutboundMessageDump = HttpApiEndpoint
  .get("getOutboundMessageDump", "/messages/outbound/:messageId/dump")
  .setPath(MessagePath).addSuccess(wire(Schema.Struct({ body: optionalText })))

/**
 * The API endpoints for sent messages. See https://postmarkapp.com/developer/api/messages-api.
 *
 * @since 0.1.0
 * @category contracts
 */
export const group = HttpApiGroup.make("messages").add(listOutboundMessages).add(getOutboundMessageDetails)
  .add(getOutboundMessageDump)

/**
 * The operations on sent messages. See https://postmarkapp.com/developer/api/messages-api.
 *
 * @since 0.1.0
 * @category models
 */
export interface Service {
  readonly list: (query?: typeof OutboundMessagesQuery.Encoded) => Effect.Effect<OutboundMessages, ReadError>
  readonly details: (messageId: MessageId) => Effect.Effect<WithRaw<OutboundMessageDetails>, ReadError>
  /** The message's raw source; undefined when Postmark no longer has it. */
  readonly dump: (messageId: MessageId) => Effect.Effect<string | undefined, ReadError>
}

/**
 * The sent messages of a client's server.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (transport: Transport): Service => {
  const list = transport.read(listOutboundMessages)
  const details = transport.read(getOutboundMessageDetails)
  const dump = transport.read(getOutboundMessageDump)
  return {
    list: (query = {}) =>
      decoded(OutboundMessagesQuery, "listOutboundMessages", query).pipe(
        Effect.flatMap((urlParams) => list({ urlParams })),
        valueOf
      ),
    details: (messageId) => withRaw(details({ path: { messageId } })),
    // An empty source is how Postmark says that it has none.
    dump: (messageId) => Effect.map(dump({ path: { messageId } }), ({ value }) => value.body || undefined)
  }
}
