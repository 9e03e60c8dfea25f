/**
 * A client of one Postmark account: its servers, domains, sender signatures, data removals, and templates across
 * servers. It needs an account token, which cannot send email.
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
import * as DataRemovals from "./DataRemovals.ts"
import * as Domains from "./Domains.ts"
import { knownOptions } from "./internal/http/knownOptions.ts"
import * as Transport from "./internal/http/transport.ts"
import * as Pacing from "./Pacing.ts"
import { defaultApiUrl } from "./PostmarkClient.ts"
import * as SenderSignatures from "./SenderSignatures.ts"
import * as Servers from "./Servers.ts"
import * as Templates from "./Templates.ts"

/**
 * The methods of an account client. Every method is tried once and is safe to interrupt. See
 * https://postmarkapp.com/developer.
 *
 * @since 0.1.0
 * @category models
 */
export interface Service {
  readonly dataRemovals: DataRemovals.Service
  readonly domains: Domains.Service
  readonly senderSignatures: SenderSignatures.Service
  readonly servers: Servers.Service
  readonly templates: Templates.AccountService
}

/**
 * @since 0.1.0
 * @category tags
 */
export class AccountClient extends Context.Tag("@effect-postmark/core/AccountClient")<AccountClient, Service>() {}

/**
 * Options of an account client. `timeout` is the time limit for one call, 30 seconds by default. `maxResponseBytes`
 * is the largest response that is read, 64 MB by default.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options {
  readonly accountToken: Redacted.Redacted
  readonly apiUrl?: string | undefined
  readonly timeout?: Duration.DurationInput | undefined
  readonly maxResponseBytes?: number | undefined
}

/**
 * Creates an account client that uses the `HttpClient` of the context.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (options: Options): Effect.Effect<Service, never, HttpClient.HttpClient> =>
  Effect.gen(function*() {
    yield* knownOptions("AccountClient", ["accountToken", "apiUrl", "timeout", "maxResponseBytes"], options)
    const transport = Transport.make(yield* HttpClient.HttpClient, {
      accountToken: options.accountToken,
      apiUrl: options.apiUrl ?? defaultApiUrl,
      timeout: Duration.decode(options.timeout ?? "30 seconds"),
      maxResponseBytes: options.maxResponseBytes ?? 64 * 1024 * 1024,
      pacer: yield* Pacing.makePacer
    })
    return {
      dataRemovals: DataRemovals.make(transport),
      domains: Domains.make(transport),
      senderSignatures: SenderSignatures.make(transport),
      servers: Servers.make(transport),
      templates: Templates.makeAccount(transport)
    }
  })

/**
 * @since 0.1.0
 * @category layers
 */
export const layer = (options: Options): Layer.Layer<AccountClient, never, HttpClient.HttpClient> =>
  Layer.effect(AccountClient, make(options))

/**
 * An account client with options from configuration: `AccountClient.layerConfig({ accountToken:
 * Config.redacted("POSTMARK_ACCOUNT_TOKEN") })`.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerConfig = (
  options: Config.Config.Wrap<Options>
): Layer.Layer<AccountClient, ConfigError.ConfigError, HttpClient.HttpClient> =>
  Layer.effect(AccountClient, Effect.flatMap(Config.unwrap(options), make))
