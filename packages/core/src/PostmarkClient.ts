/**
 * A client of one Postmark server. It validates before it sends, follows no redirect, gives the token to one host only,
 * and never takes an answer for a success that Postmark did not write.
 *
 * @since 0.1.0
 */
import * as HttpClient from "@effect/platform/HttpClient"
import * as Config from "effect/Config"
import type * as ConfigError from "effect/ConfigError"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import * as Bounces from "./Bounces.ts"
import * as Bulk from "./Bulk.ts"
import { Email, TemplateEmail } from "./Email.ts"
import * as Engagement from "./Engagement.ts"
import type { MessageId } from "./Ids.ts"
import * as InboundMessages from "./InboundMessages.ts"
import * as InboundRules from "./InboundRules.ts"
import { type Answered, sendFailure, validationFailure } from "./internal/answer.ts"
import { valid } from "./internal/calls.ts"
import { inactiveRecipients } from "./internal/inactiveRecipients.ts"
import * as Transport from "./internal/transport.ts"
import * as MessageStreams from "./MessageStreams.ts"
import type * as OutboundMessage from "./OutboundMessage.ts"
import * as OutboundMessages from "./OutboundMessages.ts"
import type { OutboundStats, OutboundStatsQuery } from "./OutboundStats.ts"
import * as PostmarkApi from "./PostmarkApi.ts"
import type { ChangeError, ReadError, SendError } from "./PostmarkError.ts"
import type { Receipt, SendOutcome } from "./Receipt.ts"
import * as Server from "./Server.ts"
import * as Statistics from "./Statistics.ts"
import * as Suppressions from "./Suppressions.ts"
import * as Templates from "./Templates.ts"
import type { NewWebhook, Webhook, WebhookChange } from "./Webhook.ts"
import * as Webhooks from "./Webhooks.ts"

/**
 * What a client does. Sends are tried once; every method is safe to interrupt.
 *
 * @since 0.1.0
 * @category models
 */
export interface Service {
  readonly sendEmail: (email: Email) => Effect.Effect<Receipt, SendError>
  /** At most 500 messages; the outcomes stand in the order of the messages. */
  readonly sendEmailBatch: (emails: ReadonlyArray<Email>) => Effect.Effect<ReadonlyArray<SendOutcome>, SendError>
  readonly sendEmailWithTemplate: (email: TemplateEmail) => Effect.Effect<Receipt, SendError>
  /** At most 500 messages; the outcomes stand in the order of the messages. */
  readonly sendEmailBatchWithTemplates: (
    emails: ReadonlyArray<TemplateEmail>
  ) => Effect.Effect<ReadonlyArray<SendOutcome>, SendError>
  readonly listOutboundMessages: (
    query: typeof OutboundMessage.OutboundMessagesQuery.Encoded
  ) => Effect.Effect<OutboundMessage.OutboundMessages, ReadError>
  readonly getOutboundMessageDetails: (
    messageId: MessageId
  ) => Effect.Effect<OutboundMessage.OutboundMessageDetails, ReadError>
  readonly getOutboundStats: (query: OutboundStatsQuery) => Effect.Effect<OutboundStats, ReadError>
  readonly getServer: Effect.Effect<Server.Server, ReadError>
  readonly listWebhooks: (
    query: { readonly messageStream?: string | undefined }
  ) => Effect.Effect<ReadonlyArray<Webhook>, ReadError>
  readonly getWebhook: (id: number) => Effect.Effect<Webhook, ReadError>
  readonly createWebhook: (webhook: NewWebhook) => Effect.Effect<Webhook, ChangeError>
  readonly updateWebhook: (id: number, change: WebhookChange) => Effect.Effect<Webhook, ChangeError>
  readonly deleteWebhook: (id: number) => Effect.Effect<void, ChangeError>
  readonly bounces: Bounces.Service
  readonly bulk: Bulk.Service
  readonly clicks: Engagement.Service["clicks"]
  readonly inboundMessages: InboundMessages.Service
  readonly inboundRules: InboundRules.Service
  readonly messageStreams: MessageStreams.Service
  readonly opens: Engagement.Service["opens"]
  readonly outboundMessages: OutboundMessages.Service
  readonly server: Server.Service
  readonly statistics: Statistics.Service
  readonly suppressions: Suppressions.Service
  readonly templates: Templates.Service
  readonly webhooks: Webhooks.Service
}

/**
 * @since 0.1.0
 * @category tags
 */
export class PostmarkClient extends Context.Tag("@effect-postmark/core/PostmarkClient")<PostmarkClient, Service>() {}

/**
 * How a client is set up. `timeout` is the time for one whole call, 30 seconds by default; `maxResponseBytes` the
 * longest answer that is read, 64 MB by default.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options {
  readonly serverToken: Redacted.Redacted
  readonly apiUrl?: string | undefined
  readonly timeout?: Duration.DurationInput | undefined
  readonly maxResponseBytes?: number | undefined
}

/**
 * Where Postmark's API is.
 *
 * @since 0.1.0
 * @category constants
 */
export const defaultApiUrl = "https://api.postmarkapp.com"

/**
 * A client over the `HttpClient` of the context.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (options: Options): Effect.Effect<Service, never, HttpClient.HttpClient> =>
  Effect.map(HttpClient.HttpClient, (httpClient) => {
    const transport = Transport.make(httpClient, {
      serverToken: options.serverToken,
      apiUrl: options.apiUrl ?? defaultApiUrl,
      timeout: Duration.decode(options.timeout ?? "30 seconds"),
      maxResponseBytes: options.maxResponseBytes ?? 64 * 1024 * 1024
    })
    const sendEmail = transport.send(PostmarkApi.sendEmail)
    const sendEmailBatch = transport.send(PostmarkApi.sendEmailBatch)
    const sendEmailWithTemplate = transport.send(PostmarkApi.sendEmailWithTemplate)
    const sendEmailBatchWithTemplates = transport.send(PostmarkApi.sendEmailBatchWithTemplates)
    const outboundMessages = OutboundMessages.make(transport)
    const server = Server.make(transport)
    const statistics = Statistics.make(transport)
    const webhooks = Webhooks.make(transport)

    return {
      sendEmail: (email) =>
        valid(Email, "sendEmail", email).pipe(
          Effect.flatMap((payload) => sendEmail({ payload })),
          Effect.flatMap((answer) => receiptOf("sendEmail", answer))
        ),
      sendEmailBatch: (emails) =>
        valid(EmailBatch, "sendEmailBatch", emails).pipe(
          Effect.flatMap((payload) => sendEmailBatch({ payload })),
          Effect.flatMap(({ raw, value }) => outcomesOf("sendEmailBatch", emails.length, value, raw))
        ),
      sendEmailWithTemplate: (email) =>
        valid(TemplateEmail, "sendEmailWithTemplate", email).pipe(
          Effect.flatMap((payload) => sendEmailWithTemplate({ payload })),
          Effect.flatMap((answer) => receiptOf("sendEmailWithTemplate", answer))
        ),
      sendEmailBatchWithTemplates: (emails) =>
        valid(TemplateEmailBatch, "sendEmailBatchWithTemplates", emails).pipe(
          Effect.flatMap((Messages) => sendEmailBatchWithTemplates({ payload: { Messages } })),
          Effect.flatMap(({ raw, value }) => outcomesOf("sendEmailBatchWithTemplates", emails.length, value, raw))
        ),
      listOutboundMessages: outboundMessages.list,
      getOutboundMessageDetails: outboundMessages.details,
      getOutboundStats: statistics.overview,
      getServer: server.get,
      listWebhooks: webhooks.list,
      getWebhook: webhooks.get,
      createWebhook: webhooks.create,
      updateWebhook: webhooks.update,
      deleteWebhook: webhooks.delete,
      ...Engagement.make(transport),
      bounces: Bounces.make(transport),
      bulk: Bulk.make(transport),
      inboundMessages: InboundMessages.make(transport),
      inboundRules: InboundRules.make(transport),
      messageStreams: MessageStreams.make(transport),
      outboundMessages,
      server,
      statistics,
      suppressions: Suppressions.make(transport),
      templates: Templates.make(transport),
      webhooks
    }
  })

/**
 * @since 0.1.0
 * @category layers
 */
export const layer = (options: Options): Layer.Layer<PostmarkClient, never, HttpClient.HttpClient> =>
  Layer.effect(PostmarkClient, make(options))

/**
 * A client whose options come from configuration: `PostmarkClient.layerConfig({ serverToken:
 * Config.redacted("POSTMARK_SERVER_TOKEN") })`.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerConfig = (
  options: Config.Config.Wrap<Options>
): Layer.Layer<PostmarkClient, ConfigError.ConfigError, HttpClient.HttpClient> =>
  Layer.effect(PostmarkClient, Effect.flatMap(Config.unwrap(options), make))

/**
 * The messages of one batch call: 1 to 500. Source: Postmark API, A.9.
 *
 * @since 0.1.0
 * @category models
 */
export const EmailBatch = Schema.Array(Email).pipe(
  Schema.filter((emails) =>
    emails.length >= 1 && emails.length <= 500 || `a batch has 1 to 500 messages, got ${emails.length}`
  )
).annotations({ identifier: "EmailBatch" })

/**
 * The messages of one batch call with templates: 1 to 500. Source: Postmark API, A.9.
 *
 * @since 0.1.0
 * @category models
 */
export const TemplateEmailBatch = Schema.Array(TemplateEmail).pipe(
  Schema.filter((emails) =>
    emails.length >= 1 && emails.length <= 500 || `a batch has 1 to 500 messages, got ${emails.length}`
  )
).annotations({ identifier: "TemplateEmailBatch" })

type SendResponse = typeof PostmarkApi.SendResponse.Type

const receiptOf = (operation: string, answer: Transport.Answer<SendResponse>): Effect.Effect<Receipt, SendError> => {
  const outcome = outcomeOf(operation, answer.value, answer.raw)
  if (outcome === undefined) {
    return Effect.fail(sendFailure(operation, Transport.unlikePostmark("the answer names no message")))
  }
  return outcome._tag === "Accepted" ? Effect.succeed(outcome.receipt) : Effect.fail(outcome.error)
}

const outcomesOf = (
  operation: string,
  expected: number,
  responses: ReadonlyArray<SendResponse>,
  raw: unknown
): Effect.Effect<ReadonlyArray<SendOutcome>, SendError> => {
  const raws = Array.isArray(raw) ? raw : []
  const outcomes = responses.flatMap((response, index) => outcomeOf(operation, response, raws[index]) ?? [])
  return outcomes.length === expected && responses.length === expected ? Effect.succeed(outcomes) : Effect.fail(
    sendFailure(
      operation,
      Transport.unlikePostmark(`the answer tells of ${outcomes.length} messages where ${expected} were sent`)
    )
  )
}

/** The outcome that an answer tells; undefined when it tells none. */
const outcomeOf = (operation: string, response: SendResponse, raw: unknown): SendOutcome | undefined => {
  const { errorCode = 0, message, messageId } = response
  if (errorCode !== 0) {
    const answered: Answered = {
      _tag: "Answered",
      status: 200,
      retryAfter: undefined,
      errorCode,
      postmarkMessage: message,
      problem: `Postmark error ${errorCode}`
    }
    return { _tag: "Rejected", error: validationFailure(operation, answered) }
  }
  if (messageId === undefined || messageId === null || messageId === "") return undefined
  return {
    _tag: "Accepted",
    receipt: {
      messageId,
      ...(typeof response.to === "string" ? { to: response.to } : {}),
      ...(typeof response.submittedAt === "string" ? { submittedAt: response.submittedAt } : {}),
      message,
      inactiveRecipients: inactiveRecipients(message),
      raw
    }
  }
}
