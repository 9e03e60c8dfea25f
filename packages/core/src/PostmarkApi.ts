/**
 * Postmark's REST API, described once, in wire terms. The client is derived from it, and the test double's answers are
 * typed by it. The endpoints stand beside their resources (`Bounces.ts`, `Templates.ts`, …); here are those that send, and
 * the whole.
 *
 * @since 0.1.0
 */
import * as HttpApi from "@effect/platform/HttpApi"
import * as HttpApiEndpoint from "@effect/platform/HttpApiEndpoint"
import * as HttpApiGroup from "@effect/platform/HttpApiGroup"
import * as Schema from "effect/Schema"
import * as Bounces from "./Bounces.ts"
import * as Bulk from "./Bulk.ts"
import * as DataRemovals from "./DataRemovals.ts"
import * as Domains from "./Domains.ts"
import { emailFields, templateEmailFields } from "./Email.ts"
import { MailboxFromText, RecipientsFromText } from "./EmailAddress.ts"
import * as Engagement from "./Engagement.ts"
import { MessageId } from "./Ids.ts"
import * as InboundMessages from "./InboundMessages.ts"
import * as InboundRules from "./InboundRules.ts"
import { wire } from "./internal/wire/wire.ts"
import * as MessageStreams from "./MessageStreams.ts"
import * as OutboundMessages from "./OutboundMessages.ts"
import * as SenderSignatures from "./SenderSignatures.ts"
import * as Server from "./Server.ts"
import * as Servers from "./Servers.ts"
import * as Statistics from "./Statistics.ts"
import * as Suppressions from "./Suppressions.ts"
import * as Templates from "./Templates.ts"
import * as Webhooks from "./Webhooks.ts"

export { Acknowledgement } from "./ApiResponse.ts"
export {
  getOutboundMessageDetails,
  listOutboundMessages,
  OutboundMessageDetailsResponse,
  OutboundMessagesResponse
} from "./OutboundMessages.ts"
export { getServer, ServerResponse } from "./Server.ts"
export { getOutboundStats, OutboundStatsResponse } from "./Statistics.ts"
export { createWebhook, deleteWebhook, getWebhook, listWebhooks, updateWebhook, WebhookResponse } from "./Webhooks.ts"

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
 * a delayed one has no error code (https://postmarkapp.com/developer/api/email-api#send-a-single-email).
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
 * `POST /email`. See https://postmarkapp.com/developer/api/email-api#send-a-single-email.
 *
 * @since 0.1.0
 * @category contracts
 */
export const sendEmail = HttpApiEndpoint.post("sendEmail", "/email").setPayload(EmailRequest).addSuccess(SendResponse)

/**
 * `POST /email/batch`. See https://postmarkapp.com/developer/api/email-api#send-batch-emails.
 *
 * @since 0.1.0
 * @category contracts
 */
export const sendEmailBatch = HttpApiEndpoint.post("sendEmailBatch", "/email/batch")
  .setPayload(Schema.Array(EmailRequest)).addSuccess(Schema.Array(SendResponse))

/**
 * `POST /email/withTemplate`. See https://postmarkapp.com/developer/api/templates-api#send-email-with-template.
 *
 * @since 0.1.0
 * @category contracts
 */
export const sendEmailWithTemplate = HttpApiEndpoint.post("sendEmailWithTemplate", "/email/withTemplate")
  .setPayload(TemplateEmailRequest).addSuccess(SendResponse)

/**
 * `POST /email/batchWithTemplates`. See https://postmarkapp.com/developer/api/templates-api#send-batch-with-templates.
 *
 * @since 0.1.0
 * @category contracts
 */
export const sendEmailBatchWithTemplates = HttpApiEndpoint
  .post("sendEmailBatchWithTemplates", "/email/batchWithTemplates")
  .setPayload(Schema.Struct({ Messages: Schema.Array(TemplateEmailRequest) })).addSuccess(Schema.Array(SendResponse))

/**
 * The endpoints for a server token. See https://postmarkapp.com/developer/api/overview.
 *
 * @since 0.1.0
 * @category contracts
 */
export class PostmarkApi extends HttpApi.make("postmark")
  .add(
    HttpApiGroup.make("email").add(sendEmail).add(sendEmailBatch).add(sendEmailWithTemplate)
      .add(sendEmailBatchWithTemplates)
  )
  .add(Bulk.group)
  .add(OutboundMessages.group)
  .add(Engagement.opensGroup)
  .add(Engagement.clicksGroup)
  .add(InboundMessages.group)
  .add(InboundRules.group)
  .add(Bounces.group)
  .add(Suppressions.group)
  .add(MessageStreams.group)
  .add(Templates.group)
  .add(Statistics.group)
  .add(Server.group)
  .add(Webhooks.group)
{}

/**
 * The endpoints for an account token. See https://postmarkapp.com/developer/api/overview.
 *
 * @since 0.1.0
 * @category contracts
 */
export class PostmarkAccountApi extends HttpApi.make("postmarkAccount")
  .add(Servers.group)
  .add(Domains.group)
  .add(SenderSignatures.group)
  .add(Templates.accountGroup)
  .add(DataRemovals.group)
{}
