/**
 * Bulk sending: one message to many recipients. Postmark accepts it in one call and sends it in the background.
 *
 * @since 0.1.0
 */
import * as HttpApiEndpoint from "@effect/platform/HttpApiEndpoint"
import * as HttpApiGroup from "@effect/platform/HttpApiGroup"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type { WithRaw } from "./ApiResponse.ts"
import { emailFields, Header, Metadata, templateEmailFields } from "./Email.ts"
import * as EmailAddress from "./EmailAddress.ts"
import { decoded, valid, valueOf, withRaw } from "./internal/http/resourceCalls.ts"
import { bodyEncoder, type Transport } from "./internal/http/transport.ts"
import { limitIssues } from "./internal/wire/emailLimits.ts"
import { optionalNumber, optionalText, text } from "./internal/wire/fields.ts"
import { parameters } from "./internal/wire/query.ts"
import { wire } from "./internal/wire/wire.ts"
import { pagingFields } from "./Paging.ts"
import type { ReadError, SendError } from "./PostmarkError.ts"

const { cc, from, replyTo, subject, to } = emailFields
const { bcc, tag, trackLinks, trackOpens } = emailFields
const { attachments, headers, htmlBody, messageStream, metadata, textBody } = emailFields
const { inlineCss, templateAlias, templateId } = templateEmailFields

const messageFields = {
  templateModel: Schema.optional(Schema.Record({ key: Schema.String, value: Schema.Unknown })),
  metadata: Schema.optional(Metadata),
  headers: Schema.optional(Schema.Array(Header))
}

const bulkFields = {
  from,
  subject,
  htmlBody,
  textBody,
  templateId,
  templateAlias,
  inlineCss,
  tag,
  metadata,
  headers,
  messageStream,
  trackOpens,
  trackLinks,
  attachments
}

/**
 * One message of a bulk request: up to 50 recipients each in `to`, `cc` and `bcc`, and the content for this message
 * only. See https://postmarkapp.com/developer/api/bulk-email.
 *
 * @since 0.1.0
 * @category models
 */
export const BulkMessage = Schema.Struct({ to, cc, bcc, ...messageFields }).annotations({ identifier: "BulkMessage" })

/**
 * @since 0.1.0
 * @category models
 */
export interface BulkMessage extends Schema.Schema.Type<typeof BulkMessage> {}

/**
 * A bulk request: subject and bodies, or a template, with a model for each message. It needs a broadcast stream and
 * Postmark's approval. See https://postmarkapp.com/developer/api/bulk-email.
 *
 * @since 0.1.0
 * @category models
 */
export const BulkEmail = Schema.Struct({ ...bulkFields, replyTo, messages: Schema.Array(BulkMessage) }).pipe(
  Schema.filter((bulk): ReadonlyArray<Schema.FilterIssue> => [
    // Recipients are counted for each message below.
    ...limitIssues(bulk).filter(({ path }) => path[0] !== "to"),
    ...contentIssues(bulk),
    ...(bulk.messages.length === 0 ? [{ path: ["messages"], message: "at least 1 message is needed" }] : []),
    ...bulk.messages.flatMap((message, index) =>
      [
        ...recipientIssues(message),
        ...limitIssues({ from: "", metadata: message.metadata }).filter(({ path }) => path[0] === "metadata")
      ].map(({ message, path }) => ({ path: ["messages", index, ...path], message }))
    )
  ])
).annotations({ identifier: "BulkEmail" })

/**
 * @since 0.1.0
 * @category models
 */
export interface BulkEmail extends Schema.Schema.Type<typeof BulkEmail> {}

/**
 * The progress of a bulk request. `status` is `Accepted`, `Processing`, `Completed`, `Cancelled`, or a word that
 * Postmark adds later. See https://postmarkapp.com/developer/api/bulk-email.
 *
 * @since 0.1.0
 * @category models
 */
export const BulkStatus = Schema.Struct({
  bulkId: Schema.String.pipe(Schema.minLength(1)),
  status: text,
  submittedAt: optionalText,
  totalMessages: optionalNumber,
  percentageCompleted: optionalNumber,
  releasedCount: optionalNumber,
  failedCount: optionalNumber,
  subject: optionalText
}).annotations({ identifier: "BulkStatus" })

/**
 * @since 0.1.0
 * @category models
 */
export interface BulkStatus extends Schema.Schema.Type<typeof BulkStatus> {}

/**
 * One page of bulk requests, newest first. A `paginationKey` means that there is another page. See
 * https://postmarkapp.com/developer/api/bulk-email.
 *
 * @since 0.1.0
 * @category models
 */
export const BulkPage = Schema.Struct({ requests: Schema.Array(BulkStatus), paginationKey: optionalText })
  .annotations({ identifier: "BulkPage" })

/**
 * @since 0.1.0
 * @category models
 */
export interface BulkPage extends Schema.Schema.Type<typeof BulkPage> {}

/**
 * The page of bulk requests to return. The key comes from the previous page. See
 * https://postmarkapp.com/developer/api/bulk-email.
 *
 * @since 0.1.0
 * @category models
 */
export const BulkQuery = Schema.Struct({ count: pagingFields.count, paginationKey: Schema.optional(text) })
  .annotations({ identifier: "BulkQuery" })

/**
 * @since 0.1.0
 * @category models
 */
export interface BulkQuery extends Schema.Schema.Type<typeof BulkQuery> {}

// Postmark writes `Id`; one of its own clients also reads `ID`.
const { bulkId: _, ...statusFields } = BulkStatus.fields
const Status = Schema.transform(
  Schema.Struct({ ...statusFields, plainId: Schema.optional(text), id: Schema.optional(text) }),
  Schema.typeSchema(BulkStatus),
  {
    strict: true,
    decode: ({ id = "", plainId = id, ...status }) => ({ ...status, bulkId: plainId }),
    encode: ({ bulkId, ...status }) => ({ ...status, plainId: bulkId })
  }
)

const recipientsText = Schema.optional(EmailAddress.RecipientsFromText)
const Request = wire(Schema.Struct({
  ...bulkFields,
  from: EmailAddress.MailboxFromText,
  replyTo: recipientsText,
  messages: Schema.Array(
    Schema.Struct({ to: recipientsText, cc: recipientsText, bcc: recipientsText, ...messageFields })
  )
}))

/**
 * `POST /email/bulk`. See https://postmarkapp.com/developer/api/bulk-email.
 *
 * @since 0.1.0
 * @category contracts
 */
export const sendBulkEmail = HttpApiEndpoint.post("sendBulkEmail", "/email/bulk").setPayload(Request)
  .addSuccess(wire(Status))

/**
 * `GET /email/bulk/{id}`. See https://postmarkapp.com/developer/api/bulk-email.
 *
 * @since 0.1.0
 * @category contracts
 */
export const getBulkEmail = HttpApiEndpoint.get("getBulkEmail", "/email/bulk/:bulkId")
  .setPath(Schema.Struct({ bulkId: Schema.String.pipe(Schema.minLength(1)) })).addSuccess(wire(Status))

/**
 * `GET /email/bulk`. See https://postmarkapp.com/developer/api/bulk-email.
 *
 * @since 0.1.0
 * @category contracts
 */
export const listBulkEmails = HttpApiEndpoint.get("listBulkEmails", "/email/bulk").setUrlParams(parameters(BulkQuery))
  .addSuccess(wire(Schema.Struct({ requests: Schema.Array(Status), paginationKey: optionalText })))

/**
 * The API endpoints for bulk sending. See https://postmarkapp.com/developer/api/bulk-email.
 *
 * @since 0.1.0
 * @category contracts
 */
export const group = HttpApiGroup.make("bulk").add(sendBulkEmail).add(getBulkEmail).add(listBulkEmails)

/**
 * The operations on bulk requests. See https://postmarkapp.com/developer/api/bulk-email.
 *
 * @since 0.1.0
 * @category models
 */
export interface Service {
  /** Sends a bulk request. It is tried once, and its outcome can be unknown. */
  readonly send: (email: BulkEmail) => Effect.Effect<WithRaw<BulkStatus>, SendError>
  readonly status: (bulkId: string) => Effect.Effect<WithRaw<BulkStatus>, ReadError>
  readonly list: (query?: typeof BulkQuery.Encoded) => Effect.Effect<BulkPage, ReadError>
}

/**
 * The bulk requests of a client's server.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (transport: Transport): Service => {
  const encode = bodyEncoder(sendBulkEmail)
  const send = transport.send(sendBulkEmail)
  const status = transport.read(getBulkEmail)
  const list = transport.read(listBulkEmails)
  return {
    send: (email) =>
      valid(BulkEmail, "sendBulkEmail", email).pipe(Effect.flatMap(encode), Effect.flatMap(send), withRaw),
    status: (bulkId) => withRaw(status({ path: { bulkId } })),
    list: (query = {}) =>
      decoded(BulkQuery, "listBulkEmails", query).pipe(Effect.flatMap((urlParams) => list({ urlParams })), valueOf)
  }
}

const contentIssues = (bulk: {
  readonly htmlBody?: string | undefined
  readonly textBody?: string | undefined
  readonly templateId?: number | undefined
  readonly templateAlias?: string | undefined
}): ReadonlyArray<Schema.FilterIssue> => {
  const inline = (bulk.htmlBody ?? "") !== "" || (bulk.textBody ?? "") !== ""
  const templates = [bulk.templateId, bulk.templateAlias].filter((template) => template !== undefined).length
  return inline !== (templates === 1) && templates <= 1
    ? []
    : [{ path: ["htmlBody"], message: "give an htmlBody, a textBody or both, or else one template" }]
}

const recipientIssues = (message: BulkMessage): ReadonlyArray<Schema.FilterIssue> => {
  const counted = [["to", EmailAddress.count(message.to)], ["cc", EmailAddress.count(message.cc)], [
    "bcc",
    EmailAddress.count(message.bcc)
  ]] as const
  return [
    ...(counted.every(([, count]) => count === 0)
      ? [{ path: ["to"], message: "at least 1 recipient is needed in to, cc or bcc" }]
      : []),
    ...counted.flatMap(([field, count]) =>
      count > 50 ? [{ path: [field], message: `at most 50 recipients, got ${count}` }] : []
    )
  ]
}
