/**
 * A client of one Postmark server. It validates each message before it sends, follows no redirects, and sends the
 * token to one host only. It reports success only for a response that Postmark wrote.
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
import * as Option from "effect/Option"
import type * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import type * as Stream from "effect/Stream"
import * as Bounces from "./Bounces.ts"
import * as Bulk from "./Bulk.ts"
import { Email, TemplateEmail } from "./Email.ts"
import * as Engagement from "./Engagement.ts"
import * as InboundMessages from "./InboundMessages.ts"
import * as InboundRules from "./InboundRules.ts"
import { validMessage } from "./internal/http/inputCheck.ts"
import { knownOptions } from "./internal/http/knownOptions.ts"
import * as Transport from "./internal/http/transport.ts"
import { maximumBatchMessages } from "./internal/send/batchLimits.ts"
import { makeSends } from "./internal/send/sendMethods.ts"
import * as MessageStreams from "./MessageStreams.ts"
import * as OutboundMessages from "./OutboundMessages.ts"
import * as Pacing from "./Pacing.ts"
import type { SendError, ValidationFailure } from "./PostmarkError.ts"
import type * as PreparedBatch from "./PreparedBatch.ts"
import type { Receipt } from "./Receipt.ts"
import type * as SendOutcome from "./SendOutcome.ts"
import * as Server from "./Server.ts"
import * as Statistics from "./Statistics.ts"
import * as Suppressions from "./Suppressions.ts"
import * as Templates from "./Templates.ts"
import * as Webhooks from "./Webhooks.ts"

/**
 * The methods of a client. A send is retried only when Postmark certainly did not accept it (`RetryPolicy`). If that
 * is unknown, the client searches for the message (`Correlation`, `Reconciliation`). Every method is safe to
 * interrupt, but Postmark may have accepted an interrupted send.
 *
 * @since 0.1.0
 * @category models
 */
export interface Service {
  /** The error's `disposition` says what became of the message. */
  readonly sendEmail: (email: Email) => Effect.Effect<Receipt, SendError>
  /**
   * Sends 1–500 messages, at most 50 MB. The outcomes are in the order of the messages. Fails only if the input is
   * invalid; then nothing was sent.
   */
  readonly sendEmailBatch: (
    emails: ReadonlyArray<Email>
  ) => Effect.Effect<ReadonlyArray<SendOutcome.SendOutcome>, ValidationFailure>
  /**
   * Sends any number of messages, with an outcome for each. An invalid message is rejected, and the rest are sent.
   * Fails only if the stream of messages fails, after the outcomes of the messages before the failure.
   */
  readonly sendEmailStream: <E, R>(
    emails: Stream.Stream<Email, E, R>,
    options?: SendOutcome.StreamOptions
  ) => Stream.Stream<SendOutcome.Indexed, E, R>
  readonly sendEmailWithTemplate: (email: TemplateEmail) => Effect.Effect<Receipt, SendError>
  /** As `sendEmailBatch`, for messages made by templates. */
  readonly sendEmailBatchWithTemplates: (
    emails: ReadonlyArray<TemplateEmail>
  ) => Effect.Effect<ReadonlyArray<SendOutcome.SendOutcome>, ValidationFailure>
  readonly bounces: Bounces.Service
  readonly bulk: Bulk.Service
  readonly clicks: Engagement.Service["clicks"]
  readonly inboundMessages: InboundMessages.Service
  readonly inboundRules: InboundRules.Service
  readonly messageStreams: MessageStreams.Service
  /** Batches that were encoded earlier: one call or one search at a time. */
  readonly prepared: PreparedBatch.Service
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
 * Options of a client:
 * - `timeout`: the time limit for one try of a call, 30 seconds by default
 * - `maxResponseBytes`: the largest response that is read, 64 MB by default
 * - `connection`: the client's name for a `Pacing` of the context
 *
 * Without a `Pacing` in the context, the client has its own pacer in memory, which slows down after a 429.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options {
  readonly serverToken: Redacted.Redacted
  readonly apiUrl?: string | undefined
  readonly timeout?: Duration.DurationInput | undefined
  readonly maxResponseBytes?: number | undefined
  readonly connection?: string | undefined
}

/**
 * The address of Postmark's API.
 *
 * @since 0.1.0
 * @category constants
 */
export const defaultApiUrl = "https://api.postmarkapp.com"

/**
 * Creates a client that uses the `HttpClient` of the context. The client reads `RetryPolicy`, `CorrelationNames` and
 * `Reconciliation` at each call, not when it is created.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (options: Options): Effect.Effect<Service, never, HttpClient.HttpClient> =>
  Effect.gen(function*() {
    yield* knownOptions(
      "PostmarkClient",
      ["serverToken", "apiUrl", "timeout", "maxResponseBytes", "connection"],
      options
    )
    const pacing = yield* Effect.serviceOption(Pacing.Pacing)
    const transport = Transport.make(yield* HttpClient.HttpClient, {
      serverToken: options.serverToken,
      apiUrl: options.apiUrl ?? defaultApiUrl,
      timeout: Duration.decode(options.timeout ?? "30 seconds"),
      maxResponseBytes: options.maxResponseBytes ?? 64 * 1024 * 1024,
      pacer: yield* Option.match(pacing, {
        onNone: () => Pacing.makePacer,
        onSome: ({ pacer }) => pacer(options.connection ?? "")
      })
    })

    return {
      ...makeSends(
        transport,
        options.serverToken,
        validMessage(EmailBatch, "sendEmailBatch"),
        validMessage(TemplateEmailBatch, "sendEmailBatchWithTemplates")
      ),
      ...Engagement.make(transport),
      bounces: Bounces.make(transport),
      bulk: Bulk.make(transport),
      inboundMessages: InboundMessages.make(transport),
      inboundRules: InboundRules.make(transport),
      messageStreams: MessageStreams.make(transport),
      outboundMessages: OutboundMessages.make(transport),
      server: Server.make(transport),
      statistics: Statistics.make(transport),
      suppressions: Suppressions.make(transport),
      templates: Templates.make(transport),
      webhooks: Webhooks.make(transport)
    }
  })

/**
 * @since 0.1.0
 * @category layers
 */
export const layer = (options: Options): Layer.Layer<PostmarkClient, never, HttpClient.HttpClient> =>
  Layer.effect(PostmarkClient, make(options))

/**
 * A client with options from configuration: `PostmarkClient.layerConfig({ serverToken:
 * Config.redacted("POSTMARK_SERVER_TOKEN") })`.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerConfig = (
  options: Config.Config.Wrap<Options>
): Layer.Layer<PostmarkClient, ConfigError.ConfigError, HttpClient.HttpClient> =>
  Layer.effect(PostmarkClient, Effect.flatMap(Config.unwrap(options), make))

const batchOf = <Message, MessageJson>(message: Schema.Schema<Message, MessageJson>) =>
  Schema.Array(message).pipe(
    Schema.filter((emails) =>
      emails.length >= 1 && emails.length <= maximumBatchMessages ||
      `a batch must contain 1 to ${maximumBatchMessages} messages, got ${emails.length}`
    )
  )

/**
 * The messages of one batch call, 1–500. See https://postmarkapp.com/developer/api/email-api#send-batch-emails.
 *
 * @since 0.1.0
 * @category models
 */
export const EmailBatch = batchOf(Email).annotations({ identifier: "EmailBatch" })

/**
 * The messages of one batch call with templates, 1–500. See
 * https://postmarkapp.com/developer/api/templates-api#send-batch-with-templates.
 *
 * @since 0.1.0
 * @category models
 */
export const TemplateEmailBatch = batchOf(TemplateEmail).annotations({ identifier: "TemplateEmailBatch" })
