/**
 * Inbound messages: finds them, releases blocked ones, and retries failed ones.
 *
 * @since 0.1.0
 */
import * as HttpApiEndpoint from "@effect/platform/HttpApiEndpoint"
import * as HttpApiGroup from "@effect/platform/HttpApiGroup"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { Acknowledgement, type WithRaw } from "./ApiResponse.ts"
import { MessageId } from "./Ids.ts"
import { acknowledged, decoded, valueOf, withRaw } from "./internal/http/resourceCalls.ts"
import type { Transport } from "./internal/http/transport.ts"
import { list, optionalNumber, optionalText, text } from "./internal/wire/fields.ts"
import { parameters } from "./internal/wire/query.ts"
import { wire } from "./internal/wire/wire.ts"
import { EasternTime } from "./OutboundMessage.ts"
import { pagingFields, withinWindow } from "./Paging.ts"
import type { ChangeError, ReadError } from "./PostmarkError.ts"

const Participant = Schema.Struct({ email: optionalText, name: optionalText, mailboxHash: optionalText })

/**
 * One inbound message, with the names of its attachments but not their content. See
 * https://postmarkapp.com/developer/api/messages-api.
 *
 * @since 0.1.0
 * @category models
 */
export const InboundMessage = Schema.Struct({
  messageId: MessageId,
  messageStream: optionalText,
  status: optionalText,
  from: optionalText,
  fromName: optionalText,
  fromFull: Schema.optional(Schema.NullOr(Participant)),
  to: optionalText,
  toFull: list(Participant),
  cc: optionalText,
  ccFull: list(Participant),
  bcc: optionalText,
  bccFull: list(Participant),
  replyTo: optionalText,
  originalRecipient: optionalText,
  subject: optionalText,
  date: optionalText,
  mailboxHash: optionalText,
  tag: optionalText,
  attachments: list(
    Schema.Struct({ name: text, contentId: optionalText, contentType: optionalText, contentLength: optionalNumber })
  )
}).annotations({ identifier: "InboundMessage" })

/**
 * @since 0.1.0
 * @category models
 */
export interface InboundMessage extends Schema.Schema.Type<typeof InboundMessage> {}

/**
 * One page of inbound messages. See https://postmarkapp.com/developer/api/messages-api.
 *
 * @since 0.1.0
 * @category models
 */
export const InboundMessagesPage = Schema.Struct({
  totalCount: Schema.Int,
  inboundMessages: Schema.Array(InboundMessage)
}).annotations({ identifier: "InboundMessagesPage" })

/**
 * @since 0.1.0
 * @category models
 */
export interface InboundMessagesPage extends Schema.Schema.Type<typeof InboundMessagesPage> {}

/**
 * The inbound messages to find. Without `status`, Postmark finds processed messages. See
 * https://postmarkapp.com/developer/api/messages-api.
 *
 * @since 0.1.0
 * @category models
 */
export const InboundMessagesQuery = Schema.Struct({
  ...pagingFields,
  recipient: Schema.optional(text),
  fromEmail: Schema.optional(text),
  tag: Schema.optional(text),
  subject: Schema.optional(text),
  mailboxHash: Schema.optional(text),
  status: Schema.optional(Schema.Literal("blocked", "processed", "queued", "failed", "scheduled")),
  fromDate: Schema.optional(EasternTime),
  toDate: Schema.optional(EasternTime)
}).pipe(Schema.filter(withinWindow)).annotations({ identifier: "InboundMessagesQuery" })

/**
 * @since 0.1.0
 * @category models
 */
export interface InboundMessagesQuery extends Schema.Schema.Type<typeof InboundMessagesQuery> {}

/**
 * One inbound message with its content, its headers, and the reason why it was blocked. See
 * https://postmarkapp.com/developer/api/messages-api.
 *
 * @since 0.1.0
 * @category models
 */
export const InboundMessageDetails = Schema.Struct({
  ...InboundMessage.fields,
  textBody: optionalText,
  htmlBody: optionalText,
  strippedTextReply: optionalText,
  headers: list(Schema.Struct({ name: text, value: text })),
  blockedReason: optionalText
}).annotations({ identifier: "InboundMessageDetails" })

/**
 * @since 0.1.0
 * @category models
 */
export interface InboundMessageDetails extends Schema.Schema.Type<typeof InboundMessageDetails> {}

const MessagePath = Schema.Struct({ messageId: MessageId })

/**
 * `GET /messages/inbound`. See https://postmarkapp.com/developer/api/messages-api.
 *
 * @since 0.1.0
 * @category contracts
 */
export const listInboundMessages = HttpApiEndpoint.get("listInboundMessages", "/messages/inbound")
  .setUrlParams(
    parameters(InboundMessagesQuery, {
      fromEmail: "fromemail",
      mailboxHash: "mailboxhash",
      fromDate: "fromdate",
      toDate: "todate"
    })
  )
  .addSuccess(wire(InboundMessagesPage))

/**
 * `GET /messages/inbound/{messageId}/details`. See https://postmarkapp.com/developer/api/messages-api.
 *
 * @since 0.1.0
 * @category contracts
 */
export const getInboundMessageDetails = HttpApiEndpoint
  .get("getInboundMessageDetails", "/messages/inbound/:messageId/details")
  .setPath(MessagePath).addSuccess(wire(InboundMessageDetails))

/**
 * `PUT /messages/inbound/{messageId}/bypass`. See https://postmarkapp.com/developer/api/messages-api.
 *
 * @since 0.1.0
 * @category contracts
 */
export const bypassInboundMessage = HttpApiEndpoint
  .put("bypassInboundMessage", "/messages/inbound/:messageId/bypass")
  .setPath(MessagePath).addSuccess(Acknowledgement)

/**
 * `PUT /messages/inbound/{messageId}/retry`. See https://postmarkapp.com/developer/api/messages-api.
 *
 * @since 0.1.0
 * @category contracts
 */
export const retryInboundMessage = HttpApiEndpoint.put("retryInboundMessage", "/messages/inbound/:messageId/retry")
  .setPath(MessagePath).addSuccess(Acknowledgement)

/**
 * The API endpoints for inbound messages. See https://postmarkapp.com/developer/api/messages-api.
 *
 * @since 0.1.0
 * @category contracts
 */
export const group = HttpApiGroup.make("inboundMessages").add(listInboundMessages).add(getInboundMessageDetails)
  .add(bypassInboundMessage).add(retryInboundMessage)

/**
 * The operations on inbound messages. See https://postmarkapp.com/developer/api/messages-api.
 *
 * @since 0.1.0
 * @category models
 */
export interface Service {
  readonly list: (query?: typeof InboundMessagesQuery.Encoded) => Effect.Effect<InboundMessagesPage, ReadError>
  readonly details: (messageId: MessageId) => Effect.Effect<WithRaw<InboundMessageDetails>, ReadError>
  /** Releases a blocked message. */
  readonly bypass: (messageId: MessageId) => Effect.Effect<void, ChangeError>
  /** Posts a failed message to the inbound webhook again. */
  readonly retry: (messageId: MessageId) => Effect.Effect<void, ChangeError>
}

/**
 * The inbound messages of a client's server.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (transport: Transport): Service => {
  const page = transport.read(listInboundMessages)
  const details = transport.read(getInboundMessageDetails)
  const bypass = transport.change(bypassInboundMessage)
  const retry = transport.change(retryInboundMessage)
  return {
    list: (query = {}) =>
      decoded(InboundMessagesQuery, "listInboundMessages", query).pipe(
        Effect.flatMap((urlParams) => page({ urlParams })),
        valueOf
      ),
    details: (messageId) => withRaw(details({ path: { messageId } })),
    bypass: (messageId) => acknowledged("bypassInboundMessage", bypass({ path: { messageId } })),
    retry: (messageId) => acknowledged("retryInboundMessage", retry({ path: { messageId } }))
  }
}
