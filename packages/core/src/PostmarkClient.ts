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
import type { Receipt } from "./Receipt.ts"
import type * as SendOutcome from "./SendOutcome.ts"
import * as Server from "./Server.ts"
import * as Statistics from "./Statistics.ts"
import * as Suppressions from "./Suppressions.ts"
import * as Templates from "./Templates.ts"
import * as Webhooks from "./Webhooks.ts"

/**
 * What a client does. A send is made again only when it is proven that Postmark did not take it (`RetryPolicy`), and
 * when that is unknown, the message is searched for (`Correlation`, `Reconciliation`). Every method is safe to interrupt;
 * a send that is interrupted may have been taken.
 *
 * @since 0.1.0
 * @category models
 */
export interface Service {
  /** The error's `disposition` says what became of the message. */
  readonly sendEmail: (email: Email) => Effect.Effect<Receipt, SendError>
  /**
   * 1 to 500 messages and at most 50 MB; the outcomes stand in the order of the messages. It fails only if the input is
   * invalid, and nothing was sent then.
   */
  readonly sendEmailBatch: (
    emails: ReadonlyArray<Email>
  ) => Effect.Effect<ReadonlyArray<SendOutcome.SendOutcome>, ValidationFailure>
  /**
   * Any number of messages, with an outcome for each. It fails only as the stream of messages does, after the outcomes
   * of the messages that came before the failure. A message that is invalid is rejected, and the rest goes on.
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
 * How a client is set up. `timeout` is the time for one try of a call, 30 seconds by default; `maxResponseBytes` the
 * longest answer that is read, 64 MB by default. `connection` is the name under which a `Pacing` of the context knows the
 * client; without a `Pacing` in the context, the client has a pacer of its own in memory, which slows down after a 429.
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
 * Where Postmark's API is.
 *
 * @since 0.1.0
 * @category constants
 */
export const defaultApiUrl = "https://api.postmarkapp.com"

/**
 * A client over the `HttpClient` of the context. How often calls are made again, and how unknown outcomes are settled, is
 * read from `RetryPolicy`, `CorrelationNames` and `Reconciliation` when a call is made, not here.
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

const batchOf = <Message, MessageJson>(message: Schema.Schema<Message, MessageJson>) =>
  Schema.Array(message).pipe(
    Schema.filter((emails) =>
      emails.length >= 1 && emails.length <= maximumBatchMessages ||
      `a batch must contain 1 to ${maximumBatchMessages} messages, got ${emails.length}`
    )
  )

/**
 * The messages of one batch call: 1 to 500, as https://postmarkapp.com/developer/api/email-api#send-batch-emails
 * documents.
 *
 * @since 0.1.0
 * @category models
 */
export const EmailBatch = batchOf(Email).annotations({ identifier: "EmailBatch" })

/**
 * The messages of one batch call with templates: 1 to 500, as
 * https://postmarkapp.com/developer/api/templates-api#send-batch-with-templates documents.
 *
 * @since 0.1.0
 * @category models
 */
export const TemplateEmailBatch = batchOf(TemplateEmail).annotations({ identifier: "TemplateEmailBatch" })
