/**
 * Postmark, faked faithfully: one engine, and three ways into it.
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
 * The token of the server that a double has if no servers are named.
 *
 * @since 0.1.0
 * @category constants
 */
export const demoServerToken: string = setup.demoServerToken

/**
 * The token of the account that owns all servers of a double, if no other is named.
 *
 * @since 0.1.0
 * @category constants
 */
export const demoAccountToken: string = setup.demoAccountToken

/**
 * How a double behaves. Everything has a default.
 *
 * - `seed`: the same seed, clock and calls give the same bytes
 * - `servers`: one server with {@link demoServerToken} if left out
 * - `accountToken`: opens `/servers`, `/domains`, `/senders` and so on; {@link demoAccountToken}
 * - `allowRealLookingTokens`: whether a token may be a UUID, as Postmark's own are; false
 * - `startTime`: the time at which the double's clock starts; the clock in force if left out
 * - `paused`: whether its clock stands still until it is moved on; false
 * - `scripts`: what becomes of messages; see `Script`
 * - `faults`: what goes wrong; see `Fault`
 * - `firstBounceId`: may lie above 2^53; bounce ids count up from it
 * - `autoDeliver`: whether each recipient is delivered (or bounces, at a magic address) without being told; true
 * - `deliveryDelay`: how long after the send that happens; 50 ms
 * - `indexLag`: how long after its acceptance a message is found by a search of the history; at once
 * - `retention`: how long messages, their activity and bounces are found; 45 days, and an add-on of Postmark's sells 7 to
 *   365. Statistics stay for ever, and so does what the control handle gives; no memory is freed
 * - `archiveDelay`: how long after its creation a message stream cannot be archived yet, which is refused with 1241; at
 *   once, and Postmark itself sometimes needs some seconds
 * - `senderVerification`: whether From must be a confirmed sender signature of the account, or an address on one of its
 *   domains whose DKIM is verified, or one of the server's `allowedSenders`; else the send is refused with 400. False
 * - `templateAliases`: which templates get an alias when the API makes them without one: `layouts`, or `all`, on which the
 *   suite of Postmark's command line relies
 * - `inboundWebhookCode`: the code that refuses a webhook on an inbound stream; 1351, as documented, and 1301 is what
 *   Postmark answered in 2024
 * - `retryLadder`: when failed webhooks are posted again; `2026-9`
 * - `pauseTriggerAfter`: after so many events in a row that a webhook's trigger could not get rid of, it is no longer
 *   verified, and gets no events; 10, as Postmark's own figure is not published
 * - `webhookHosts`: hosts besides the loopback to which webhooks may be posted
 * - `webhookSender`: who posts the webhooks; `fetch` without redirects
 * - `webhookProbes`: whether a webhook's URL is probed when the webhook is made or changed, as Postmark does since 2026;
 *   false, because clients' own tests name URLs that nobody answers
 * - `webhookTimeout`: how long a receiver may take; 10 s, as Postmark's own figure is not published
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
 * The service: the double's control handle.
 *
 * @since 0.1.0
 * @category models
 */
export class PostmarkDouble
  extends Context.Tag("@effect-postmark/test-double/PostmarkDouble")<PostmarkDouble, Control>()
{}

/**
 * Makes a double that lives as long as the scope. Its clock is the one in force here, so `TestClock` drives it. A token
 * in the options that looks like a real one is a defect: a `ControlError` with the reason `TokenLooksReal`.
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
 * A double, by its control handle. Without a way in, nothing reaches it yet.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (options: Options = {}): Layer.Layer<PostmarkDouble> => Layer.scoped(PostmarkDouble, make(options))

/**
 * An `HttpClient` whose every request, to whatever host, is answered by the double in the caller's own fiber. A broken
 * connection is a `RequestError` with the reason `Transport` and a cause whose code is `ECONNRESET`.
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
 * A double and an `HttpClient` that reaches it, for tests: each build is a double of its own, and messages are delivered
 * as soon as they are sent (`deliveryDelay` 0), so that `settled` is all the waiting a test needs, on either clock.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerTest = (options: Options = {}): Layer.Layer<PostmarkDouble | HttpClient.HttpClient> =>
  Layer.provideMerge(layerHttpClient, layer({ deliveryDelay: 0, ...options }))

/**
 * A `fetch` function that the double answers, for clients that are not Effect. It follows redirects as `fetch` does, and
 * they lead to the double again, whatever their host. A broken connection is a `TypeError` with a cause whose code is
 * `ECONNRESET`.
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
