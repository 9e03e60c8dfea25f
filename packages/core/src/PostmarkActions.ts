/**
 * The six actions.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Action from "./Action.ts"
import { Email, TemplateEmail } from "./Email.ts"
import { MessageId } from "./Ids.ts"
import { wholeFailure } from "./internal/send/wholeFailure.ts"
import { OutboundMessageDetails, OutboundMessages, OutboundMessagesQuery } from "./OutboundMessage.ts"
import { OutboundStats, OutboundStatsQuery } from "./OutboundStats.ts"
import { EmailBatch } from "./PostmarkClient.ts"
import { ReadError, SendError } from "./PostmarkError.ts"
import { Receipt } from "./Receipt.ts"
import { SendOutcome } from "./SendOutcome.ts"

/**
 * One message with an HTML body, a text body, or both.
 * See https://postmarkapp.com/developer/api/email-api#send-a-single-email.
 *
 * @since 0.1.0
 * @category actions
 */
export const SendEmail = Action.make("postmark/send-email", {
  title: "Send an email",
  description: "One message with an HTML body, a text body, or both",
  readOnly: false,
  idempotent: false,
  payload: Email,
  success: Receipt,
  error: SendError
})

/**
 * Up to 500 messages in one call, with an outcome for each.
 * See https://postmarkapp.com/developer/api/email-api#send-batch-emails.
 *
 * @since 0.1.0
 * @category actions
 */
export const SendEmailBatch = Action.make("postmark/send-email-batch", {
  title: "Send a batch of emails",
  description: "Up to 500 messages in one call; the outcomes stand in the order of the messages",
  readOnly: false,
  idempotent: false,
  payload: Schema.Struct({ messages: EmailBatch }),
  success: Schema.Struct({ outcomes: Schema.Array(SendOutcome) }),
  error: SendError
})

/**
 * One message made by a template, by id or by alias.
 * See https://postmarkapp.com/developer/api/templates-api#send-email-with-template.
 *
 * @since 0.1.0
 * @category actions
 */
export const SendEmailWithTemplate = Action.make("postmark/send-email-with-template", {
  title: "Send an email with a template",
  description: "One message made by a template, named by id or by alias, with a template model",
  readOnly: false,
  idempotent: false,
  payload: TemplateEmail,
  success: Receipt,
  error: SendError
})

/**
 * Searches sent messages, with pages and filters. See https://postmarkapp.com/developer/api/messages-api.
 *
 * @since 0.1.0
 * @category actions
 */
export const ListOutboundMessages = Action.make("postmark/list-outbound-messages", {
  title: "List outbound messages",
  description: "The history of sent mail, newest first; without messageStream, the stream outbound only",
  readOnly: true,
  idempotent: true,
  payload: OutboundMessagesQuery,
  success: OutboundMessages,
  error: ReadError
})

/**
 * One message's full delivery and engagement timeline. See https://postmarkapp.com/developer/api/messages-api.
 *
 * @since 0.1.0
 * @category actions
 */
export const GetOutboundMessageDetails = Action.make("postmark/get-outbound-message-details", {
  title: "Get an outbound message's details",
  description: "One message with its full delivery and engagement timeline",
  readOnly: true,
  idempotent: true,
  payload: Schema.Struct({ messageId: MessageId }),
  success: OutboundMessageDetails,
  error: ReadError
})

/**
 * Counts and rates. See https://postmarkapp.com/developer/api/stats-api.
 *
 * @since 0.1.0
 * @category actions
 */
export const GetOutboundStats = Action.make("postmark/get-outbound-stats", {
  title: "Get outbound statistics",
  description:
    "Counts and rates of sends, bounces, spam complaints and opens; without messageStream, all streams together",
  readOnly: true,
  idempotent: true,
  payload: OutboundStatsQuery,
  success: OutboundStats,
  error: ReadError
})

/**
 * The six actions with their handlers.
 *
 * @since 0.1.0
 * @category actions
 */
export const handlers: ReadonlyArray<Action.Handled> = [
  Action.handle(SendEmail, (email, client) => client.sendEmail(email)),
  Action.handle(
    SendEmailBatch,
    ({ messages }, client) => Effect.flatMap(client.sendEmailBatch(messages), wholeFailure)
  ),
  Action.handle(SendEmailWithTemplate, (email, client) => client.sendEmailWithTemplate(email)),
  Action.handle(ListOutboundMessages, (query, client) => client.outboundMessages.list(query)),
  Action.handle(GetOutboundMessageDetails, ({ messageId }, client) => client.outboundMessages.details(messageId)),
  Action.handle(GetOutboundStats, (query, client) => client.statistics.overview(query))
]
