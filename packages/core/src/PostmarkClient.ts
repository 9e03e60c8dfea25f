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
import { Email, type TemplateEmail } from "./Email.ts"
import type { MessageId } from "./Ids.ts"
import { makeSends } from "./internal/sends.ts"
import * as Transport from "./internal/transport.ts"
import { decoded, valid } from "./internal/valid.ts"
import { type OutboundMessageDetails, type OutboundMessages, OutboundMessagesQuery } from "./OutboundMessage.ts"
import { type OutboundStats, OutboundStatsQuery, rates } from "./OutboundStats.ts"
import * as Pacing from "./Pacing.ts"
import * as PostmarkApi from "./PostmarkApi.ts"
import type { ReadError, SendError, ValidationFailure } from "./PostmarkError.ts"
import type { Receipt } from "./Receipt.ts"
import type * as SendOutcome from "./SendOutcome.ts"
import type { Server } from "./Server.ts"
import { NewWebhook, type Webhook, WebhookChange } from "./Webhook.ts"

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
    const sends = makeSends(transport, options.serverToken, valid(EmailBatch, "sendEmailBatch"))
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
      ...sends,
      listOutboundMessages: (query) =>
        decoded(OutboundMessagesQuery, "listOutboundMessages")(query).pipe(
          Effect.flatMap((urlParams) => listOutboundMessages({ urlParams })),
          Effect.map(({ value }) => value)
        ),
      getOutboundMessageDetails: (messageId) =>
        Effect.map(getOutboundMessageDetails({ path: { messageId } }), ({ raw, value }) => ({ ...value, raw })),
      getOutboundStats: (query) =>
        valid(OutboundStatsQuery, "getOutboundStats")(query).pipe(
          Effect.flatMap((urlParams) => getOutboundStats({ urlParams })),
          Effect.map(({ raw, value }) => ({ ...value, rates: rates(value), raw }))
        ),
      getServer: Effect.map(getServer({}), ({ value }) => value),
      listWebhooks: ({ messageStream }) =>
        Effect.map(listWebhooks({ urlParams: { MessageStream: messageStream } }), ({ value }) => value.webhooks),
      getWebhook: (id) => Effect.map(getWebhook({ path: { id } }), ({ value }) => value),
      createWebhook: (webhook) =>
        valid(NewWebhook, "createWebhook")(webhook).pipe(
          Effect.flatMap((payload) => createWebhook({ payload })),
          Effect.map(({ value }) => value)
        ),
      updateWebhook: (id, change) =>
        valid(WebhookChange, "updateWebhook")(change).pipe(
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
