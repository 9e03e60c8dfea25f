/**
 * Postmark's REST API, described once, in wire terms. The client is derived from it, and the test double's answers are
 * typed by it.
 *
 * @since 0.1.0
 */
import * as HttpApi from "@effect/platform/HttpApi"
import * as HttpApiEndpoint from "@effect/platform/HttpApiEndpoint"
import * as HttpApiGroup from "@effect/platform/HttpApiGroup"
import * as Schema from "effect/Schema"
import { emailFields, templateEmailFields } from "./Email.ts"
import { MailboxFromText, RecipientsFromText } from "./EmailAddress.ts"
import { MessageId } from "./Ids.ts"
import { wire } from "./internal/wire.ts"
import { outboundMessageDetailsFields, OutboundMessages, OutboundMessagesQuery } from "./OutboundMessage.ts"
import { outboundStatsFields, OutboundStatsQuery } from "./OutboundStats.ts"
import { Server } from "./Server.ts"
import { NewWebhook, Webhook, WebhookChange } from "./Webhook.ts"

const addresses = {
  from: MailboxFromText,
  to: Schema.optional(RecipientsFromText),
  cc: Schema.optional(RecipientsFromText),
  bcc: Schema.optional(RecipientsFromText),
  replyTo: Schema.optional(RecipientsFromText)
}

/**
 * The body of `POST /email`, and one item of `POST /email/batch`.
 *
 * @since 0.1.0
 * @category models
 */
export const EmailRequest = wire(Schema.Struct({ ...emailFields, ...addresses }))

/**
 * The body of `POST /email/withTemplate`.
 *
 * @since 0.1.0
 * @category models
 */
export const TemplateEmailRequest = wire(Schema.Struct({ ...templateEmailFields, ...addresses }))

/**
 * Postmark's answer to one message, taken or refused: a refused item of a batch has an error code and a text only, and
 * a delayed one has no error code (Postmark API, B.2).
 *
 * @since 0.1.0
 * @category models
 */
export const SendResponse = wire(Schema.Struct({
  to: Schema.optional(Schema.NullOr(Schema.String)),
  submittedAt: Schema.optional(Schema.NullOr(Schema.String)),
  messageId: Schema.optional(Schema.NullOr(MessageId)),
  errorCode: Schema.optional(Schema.Int),
  message: Schema.String
}))

/**
 * An error, or the acknowledgement of a deletion (Postmark API, A.3).
 *
 * @since 0.1.0
 * @category models
 */
export const Acknowledgement = wire(Schema.Struct({ errorCode: Schema.Int, message: Schema.String }))

/**
 * One page of `GET /messages/outbound`.
 *
 * @since 0.1.0
 * @category models
 */
export const OutboundMessagesResponse = wire(OutboundMessages)

/**
 * `GET /messages/outbound/{id}/details`.
 *
 * @since 0.1.0
 * @category models
 */
export const OutboundMessageDetailsResponse = wire(Schema.Struct(outboundMessageDetailsFields))

/**
 * `GET /stats/outbound`.
 *
 * @since 0.1.0
 * @category models
 */
export const OutboundStatsResponse = wire(Schema.Struct(outboundStatsFields))

/**
 * `GET /server`.
 *
 * @since 0.1.0
 * @category models
 */
export const ServerResponse = wire(Server)

/**
 * One webhook of `/webhooks`.
 *
 * @since 0.1.0
 * @category models
 */
export const WebhookResponse = wire(Webhook)

/** A query in Postmark's spelling: lower-case keys, and `metadata_<name>` for the one metadata field of a search. */
const QueryText = Schema.Record({ key: Schema.String, value: Schema.Union(Schema.String, Schema.Undefined) })

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

const statsParameters = Schema.transform(QueryText, Schema.typeSchema(OutboundStatsQuery), {
  strict: true,
  decode: ({ fromdate, messagestream, tag, todate }) => ({
    tag,
    fromDate: fromdate,
    toDate: todate,
    messageStream: messagestream
  }),
  encode: (query) => ({
    tag: query.tag,
    fromdate: query.fromDate,
    todate: query.toDate,
    messagestream: query.messageStream
  })
})

const WebhookPath = Schema.Struct({ id: Schema.NumberFromString })

/**
 * `POST /email`. Source: Postmark API, Email, B.1.
 *
 * @since 0.1.0
 * @category contracts
 */
export const sendEmail = HttpApiEndpoint.post("sendEmail", "/email").setPayload(EmailRequest).addSuccess(SendResponse)

/**
 * `POST /email/batch`. Source: Postmark API, Email, B.4.
 *
 * @since 0.1.0
 * @category contracts
 */
export const sendEmailBatch = HttpApiEndpoint.post("sendEmailBatch", "/email/batch")
  .setPayload(Schema.Array(EmailRequest)).addSuccess(Schema.Array(SendResponse))

/**
 * `POST /email/withTemplate`. Source: Postmark API, Email, B.5.
 *
 * @since 0.1.0
 * @category contracts
 */
export const sendEmailWithTemplate = HttpApiEndpoint.post("sendEmailWithTemplate", "/email/withTemplate")
  .setPayload(TemplateEmailRequest).addSuccess(SendResponse)

/**
 * `GET /messages/outbound`. Source: Postmark API, Messages, C.1.
 *
 * @since 0.1.0
 * @category contracts
 */
export const listOutboundMessages = HttpApiEndpoint.get("listOutboundMessages", "/messages/outbound")
  .setUrlParams(searchParameters).addSuccess(OutboundMessagesResponse)

/**
 * `GET /messages/outbound/{messageId}/details`. Source: Postmark API, Messages, C.2.
 *
 * @since 0.1.0
 * @category contracts
 */
export const getOutboundMessageDetails = HttpApiEndpoint
  .get("getOutboundMessageDetails", "/messages/outbound/:messageId/details")
  .setPath(Schema.Struct({ messageId: MessageId })).addSuccess(OutboundMessageDetailsResponse)

/**
 * `GET /stats/outbound`. Source: Postmark API, Stats, D.1.
 *
 * @since 0.1.0
 * @category contracts
 */
export const getOutboundStats = HttpApiEndpoint.get("getOutboundStats", "/stats/outbound")
  .setUrlParams(statsParameters).addSuccess(OutboundStatsResponse)

/**
 * `GET /server`. Source: Postmark API, Server, F.4.
 *
 * @since 0.1.0
 * @category contracts
 */
export const getServer = HttpApiEndpoint.get("getServer", "/server").addSuccess(ServerResponse)

/**
 * `GET /webhooks`. Source: Postmark API, Webhooks, E.2.
 *
 * @since 0.1.0
 * @category contracts
 */
export const listWebhooks = HttpApiEndpoint.get("listWebhooks", "/webhooks")
  .setUrlParams(Schema.Struct({ MessageStream: Schema.optional(Schema.String) }))
  .addSuccess(wire(Schema.Struct({ webhooks: Schema.Array(Webhook) })))

/**
 * `GET /webhooks/{id}`. Source: Postmark API, Webhooks, E.2.
 *
 * @since 0.1.0
 * @category contracts
 */
export const getWebhook = HttpApiEndpoint.get("getWebhook", "/webhooks/:id").setPath(WebhookPath)
  .addSuccess(WebhookResponse)

/**
 * `POST /webhooks`. Source: Postmark API, Webhooks, E.2.
 *
 * @since 0.1.0
 * @category contracts
 */
export const createWebhook = HttpApiEndpoint.post("createWebhook", "/webhooks").setPayload(wire(NewWebhook))
  .addSuccess(WebhookResponse)

/**
 * `PUT /webhooks/{id}`. Source: Postmark API, Webhooks, E.2.
 *
 * @since 0.1.0
 * @category contracts
 */
export const updateWebhook = HttpApiEndpoint.put("updateWebhook", "/webhooks/:id").setPath(WebhookPath)
  .setPayload(wire(WebhookChange)).addSuccess(WebhookResponse)

/**
 * `DELETE /webhooks/{id}`. Source: Postmark API, Webhooks, E.2.
 *
 * @since 0.1.0
 * @category contracts
 */
export const deleteWebhook = HttpApiEndpoint.del("deleteWebhook", "/webhooks/:id").setPath(WebhookPath)
  .addSuccess(Acknowledgement)

/**
 * The part of Postmark's API that the six actions, the connections and the webhooks need.
 *
 * @since 0.1.0
 * @category contracts
 */
export class PostmarkApi extends HttpApi.make("postmark")
  .add(HttpApiGroup.make("email").add(sendEmail).add(sendEmailBatch).add(sendEmailWithTemplate))
  .add(HttpApiGroup.make("messages").add(listOutboundMessages).add(getOutboundMessageDetails))
  .add(HttpApiGroup.make("stats").add(getOutboundStats))
  .add(HttpApiGroup.make("server").add(getServer))
  .add(
    HttpApiGroup.make("webhooks").add(listWebhooks).add(getWebhook).add(createWebhook).add(updateWebhook)
      .add(deleteWebhook)
  )
{}
