/**
 * A faithful fake of Postmark: one engine, and three ways to reach it.
 *
 * @since 0.1.0
 */
import * as HttpClient from "@effect/platform/HttpClient"
import * as Context from "effect/Context"
import type * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Runtime from "effect/Runtime"
import type * as Scope from "effect/Scope"
import type { Control } from "./Control.ts"
import * as controls from "./internal/control/controls.ts"
import * as tokenGuard from "./internal/control/tokenGuard.ts"
import { makeEngine } from "./internal/engine/engine.ts"
import * as setup from "./internal/engine/setup.ts"
import { exchangeWithClient, exchangeWithFetch } from "./internal/http/inProcess.ts"
import type { Scenario } from "./Scenario.ts"
import * as WebhookSender from "./WebhookSender.ts"

/**
 * The token of the default server.
 *
 * @since 0.1.0
 * @category constants
 */
export const demoServerToken: string = setup.demoServerToken

/**
 * The default token of the account to which all servers of a double belong.
 *
 * @since 0.1.0
 * @category constants
 */
export const demoAccountToken: string = setup.demoAccountToken

/**
 * The options of a double. Every option has a default.
 *
 * Identity and access:
 *
 * - `seed`: the same seed, clock and calls produce the same bytes
 * - `servers`: the servers; by default one with {@link demoServerToken}
 * - `accountToken`: opens `/servers`, `/domains`, `/senders` and the other account endpoints; default
 *   {@link demoAccountToken}
 * - `allowRealLookingTokens`: whether a token can be a UUID, as Postmark's own tokens are; default false
 * - `firstBounceId`: the first bounce id, from which ids count up; it can exceed 2^53
 *
 * Time and behaviour:
 *
 * - `startTime`: the initial time of the double's clock; default the time of the clock in force
 * - `paused`: whether the clock starts paused; default false
 * - `scripts`: what happens to messages; see `Script`
 * - `faults`: the faults to inject; see `Fault`
 * - `autoDeliver`: whether each recipient is delivered automatically (or bounces, at a magic address); default true
 * - `deliveryDelay`: the time from a send to its automatic delivery; default 50 ms
 * - `indexLag`: how long after it is accepted a message appears in searches; default 0
 * - `retention`: how long searches find messages, their activity and bounces; default 45 days, and Postmark sells 7 to
 *   365. Statistics and the data of the control handle remain, so no memory is freed
 * - `archiveDelay`: how long a new message stream rejects archiving with error code 1241; default 0. Postmark sometimes
 *   rejects it for some seconds
 * - `senderVerification`: whether From must be a confirmed sender signature, an address on a domain with verified DKIM, or
 *   one of the server's `allowedSenders`; other sends are rejected with error code 400. Default false
 * - `templateAliases`: which templates get an alias when the API creates them without one: `layouts` (default) or `all`,
 *   which the test suite of Postmark's command line needs
 * - `inboundWebhookCode`: the error code that rejects a webhook on an inbound stream; default 1351, as documented.
 *   Postmark returned 1301 in 2024
 *
 * Webhooks:
 *
 * - `retryLadder`: when failed webhooks are retried; default `2026-9`
 * - `pauseTriggerAfter`: the number of undeliverable events in a row after which a webhook's trigger is no longer verified
 *   and gets no events; default 10. Postmark does not publish its number
 * - `webhookHosts`: hosts besides the loopback to which webhooks can be posted
 * - `webhookSender`: posts the webhooks; default `fetch` without redirects
 * - `webhookProbes`: whether a webhook's URL is probed when the webhook is created or changed, as Postmark does since
 *   2026. Default false, because clients' own tests use URLs that nobody serves
 * - `webhookTimeout`: the time limit for a receiver; default 10 s. Postmark does not publish its limit
 *
 * @since 0.1.0
 * @category models
 */
export interface Options
  extends Omit<Scenario, "startTime" | "deliveryDelay" | "indexLag" | "retention" | "archiveDelay">
{
  readonly firstBounceId?: bigint
  readonly startTime?: DateTime.DateTime.Input
  readonly deliveryDelay?: Duration.DurationInput
  readonly indexLag?: Duration.DurationInput
  readonly retention?: Duration.DurationInput
  readonly archiveDelay?: Duration.DurationInput
  readonly webhookSender?: WebhookSender.WebhookSender
  readonly webhookTimeout?: Duration.DurationInput
}

/**
 * The control handle of a double.
 *
 * @since 0.1.0
 * @category models
 */
export class PostmarkDouble
  extends Context.Tag("@effect-postmark/test-double/PostmarkDouble")<PostmarkDouble, Control>()
{}

/**
 * Makes a double that stops when the scope closes. It uses the clock in force, so `TestClock` drives it.
 *
 * Dies with a `ControlError` with the reason `TokenLooksReal` if a token in the options looks like a real one.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (options: Options = {}): Effect.Effect<Control, never, Scope.Scope> =>
  Effect.gen(function*() {
    const initial = setup.setupOf(options)
    const problem = tokenGuard.settingsProblem(initial)
    if (problem !== undefined) return yield* Effect.die(problem)
    const engine = yield* makeEngine(initial, {
      sender: options.webhookSender ?? (yield* WebhookSender.makeFetch),
      timeout: Duration.toMillis(options.webhookTimeout ?? "10 seconds")
    })
    return controls.make(engine, options)
  })

/**
 * Provides a double by its control handle. Add `layerHttpClient`, `fetch` or a server to send requests to it.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (options: Options = {}): Layer.Layer<PostmarkDouble> => Layer.scoped(PostmarkDouble, make(options))

/**
 * Provides an `HttpClient` that sends every request, whatever its host, to the double in the caller's own fiber.
 *
 * A connection that is reset fails with a `RequestError` with the reason `Transport`; the code of its cause is
 * `ECONNRESET`.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerHttpClient: Layer.Layer<HttpClient.HttpClient, never, PostmarkDouble> = Layer.effect(
  HttpClient.HttpClient,
  Effect.map(
    PostmarkDouble,
    ({ handle }) => HttpClient.make((request, url, signal) => exchangeWithClient(handle, request, url, signal))
  )
)

/**
 * Provides a double and an `HttpClient` that reaches it, for tests. Each build makes a new double.
 *
 * Messages are delivered as soon as they are sent (`deliveryDelay` 0). A test needs to wait only for `settled`, on the
 * test clock or the live one.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerTest = (options: Options = {}): Layer.Layer<PostmarkDouble | HttpClient.HttpClient> =>
  Layer.provideMerge(layerHttpClient, layer({ deliveryDelay: 0, ...options }))

/**
 * Returns a `fetch` function that sends every request to the double, for clients that do not use Effect.
 *
 * It follows redirects as `fetch` does, but they lead back to the double, whatever their host. A connection that is reset
 * rejects with a `TypeError`; the code of its cause is `ECONNRESET`.
 *
 * @since 0.1.0
 * @category constructors
 */
export const fetch: Effect.Effect<typeof globalThis.fetch, never, PostmarkDouble> = Effect.gen(function*() {
  const { handle } = yield* PostmarkDouble
  const runtime = yield* Effect.runtime<never>()
  return (input, init) => {
    const request = new Request(input, init)
    return exchangeWithFetch(handle, request, Runtime.runPromise(runtime))
  }
})
