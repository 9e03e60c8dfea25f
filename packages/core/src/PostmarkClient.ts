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
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as ParseResult from "effect/ParseResult"
import type * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import { Email, TemplateEmail } from "./Email.ts"
import type { MessageId } from "./Ids.ts"
import { type Answered, sendFailure, validationFailure } from "./internal/answer.ts"
import { inactiveRecipients } from "./internal/inactiveRecipients.ts"
import * as Transport from "./internal/transport.ts"
import * as Issues from "./Issues.ts"
import { type OutboundMessageDetails, type OutboundMessages, OutboundMessagesQuery } from "./OutboundMessage.ts"
import { type OutboundStats, OutboundStatsQuery, rates } from "./OutboundStats.ts"
import * as PostmarkApi from "./PostmarkApi.ts"
import type { ReadError, SendError, ValidationFailure } from "./PostmarkError.ts"
import type { Receipt, SendOutcome } from "./Receipt.ts"
import type { Server } from "./Server.ts"
import { NewWebhook, type Webhook, WebhookChange } from "./Webhook.ts"

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
  readonly listOutboundMessages: (
    query: typeof OutboundMessagesQuery.Encoded
  ) => Effect.Effect<OutboundMessages, ReadError>
  readonly getOutboundMessageDetails: (messageId: MessageId) => Effect.Effect<OutboundMessageDetails, ReadError>
  readonly getOutboundStats: (query: OutboundStatsQuery) => Effect.Effect<OutboundStats, ReadError>
  readonly getServer: Effect.Effect<Server, ReadError>
  readonly listWebhooks: (
    query: { readonly messageStream?: string | undefined }
  ) => Effect.Effect<ReadonlyArray<Webhook>, ReadError>
  readonly getWebhook: (id: number) => Effect.Effect<Webhook, ReadError>
  readonly createWebhook: (webhook: NewWebhook) => Effect.Effect<Webhook, ReadError>
  readonly updateWebhook: (id: number, change: WebhookChange) => Effect.Effect<Webhook, ReadError>
  readonly deleteWebhook: (id: number) => Effect.Effect<void, ReadError>
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
    const listOutboundMessages = transport.read(PostmarkApi.listOutboundMessages)
    const getOutboundMessageDetails = transport.read(PostmarkApi.getOutboundMessageDetails)
    const getOutboundStats = transport.read(PostmarkApi.getOutboundStats)
    const getServer = transport.read(PostmarkApi.getServer)
    const listWebhooks = transport.read(PostmarkApi.listWebhooks)
    const getWebhook = transport.read(PostmarkApi.getWebhook)
    const createWebhook = transport.read(PostmarkApi.createWebhook)
    const updateWebhook = transport.read(PostmarkApi.updateWebhook)
    const deleteWebhook = transport.read(PostmarkApi.deleteWebhook)

    return {
      sendEmail: (email) =>
        valid(Email, "sendEmail", email).pipe(
          Effect.flatMap((payload) => sendEmail({ payload })),
          Effect.flatMap((answer) => receiptOf("sendEmail", answer))
        ),
      sendEmailBatch: (emails) =>
        valid(EmailBatch, "sendEmailBatch", emails).pipe(
          Effect.flatMap((payload) => sendEmailBatch({ payload })),
          Effect.flatMap(({ raw, value }) => outcomesOf(emails.length, value, raw))
        ),
      sendEmailWithTemplate: (email) =>
        valid(TemplateEmail, "sendEmailWithTemplate", email).pipe(
          Effect.flatMap((payload) => sendEmailWithTemplate({ payload })),
          Effect.flatMap((answer) => receiptOf("sendEmailWithTemplate", answer))
        ),
      listOutboundMessages: (query) =>
        decoded(OutboundMessagesQuery, "listOutboundMessages", query).pipe(
          Effect.flatMap((urlParams) => listOutboundMessages({ urlParams })),
          Effect.map(({ value }) => value)
        ),
      getOutboundMessageDetails: (messageId) =>
        Effect.map(getOutboundMessageDetails({ path: { messageId } }), ({ raw, value }) => ({ ...value, raw })),
      getOutboundStats: (query) =>
        valid(OutboundStatsQuery, "getOutboundStats", query).pipe(
          Effect.flatMap((urlParams) => getOutboundStats({ urlParams })),
          Effect.map(({ raw, value }) => ({ ...value, rates: rates(value), raw }))
        ),
      getServer: Effect.map(getServer({}), ({ value }) => value),
      listWebhooks: ({ messageStream }) =>
        Effect.map(listWebhooks({ urlParams: { MessageStream: messageStream } }), ({ value }) => value.webhooks),
      getWebhook: (id) => Effect.map(getWebhook({ path: { id } }), ({ value }) => value),
      createWebhook: (webhook) =>
        valid(NewWebhook, "createWebhook", webhook).pipe(
          Effect.flatMap((payload) => createWebhook({ payload })),
          Effect.map(({ value }) => value)
        ),
      updateWebhook: (id, change) =>
        valid(WebhookChange, "updateWebhook", change).pipe(
          Effect.flatMap((payload) => updateWebhook({ path: { id }, payload })),
          Effect.map(({ value }) => value)
        ),
      deleteWebhook: (id) => Effect.asVoid(deleteWebhook({ path: { id } }))
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

const valid = <A, I>(
  schema: Schema.Schema<A, I>,
  operation: string,
  input: A
): Effect.Effect<A, ValidationFailure> =>
  Either.mapLeft(
    ParseResult.validateEither(schema, { errors: "all" })(input),
    (issue) => Transport.invalid(operation, Issues.fromParseIssue(issue))
  )

const decoded = <A, I>(
  schema: Schema.Schema<A, I>,
  operation: string,
  input: I
): Effect.Effect<A, ValidationFailure> =>
  Either.mapLeft(
    ParseResult.decodeEither(schema, { errors: "all" })(input),
    (issue) => Transport.invalid(operation, Issues.fromParseIssue(issue))
  )

type SendResponse = typeof PostmarkApi.SendResponse.Type

const receiptOf = (operation: string, answer: Transport.Answer<SendResponse>): Effect.Effect<Receipt, SendError> => {
  const outcome = outcomeOf(operation, answer.value, answer.raw)
  if (outcome === undefined) {
    return Effect.fail(sendFailure(operation, Transport.unlikePostmark("the answer names no message")))
  }
  return outcome._tag === "Accepted" ? Effect.succeed(outcome.receipt) : Effect.fail(outcome.error)
}

const outcomesOf = (
  expected: number,
  responses: ReadonlyArray<SendResponse>,
  raw: unknown
): Effect.Effect<ReadonlyArray<SendOutcome>, SendError> => {
  const raws = Array.isArray(raw) ? raw : []
  const outcomes = responses.flatMap((response, index) => outcomeOf("sendEmailBatch", response, raws[index]) ?? [])
  return outcomes.length === expected && responses.length === expected ? Effect.succeed(outcomes) : Effect.fail(
    sendFailure(
      "sendEmailBatch",
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
