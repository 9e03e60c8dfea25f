/**
 * The HTTP adapter over core's services: routes, documentation and graceful shutdown.
 *
 * @since 0.1.0
 */
import type { RelayTargets } from "@effect-postmark/automation/RelayTargets"
import { ActionRegistry } from "@effect-postmark/core/ActionRegistry"
import { Connections } from "@effect-postmark/core/Connections"
import type { EventLog } from "@effect-postmark/core/EventLog"
import type { Subscriptions } from "@effect-postmark/core/Subscriptions"
import { TriggerRegistry } from "@effect-postmark/core/TriggerRegistry"
import { WebhookReceiver } from "@effect-postmark/core/WebhookReceiver"
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import * as NodeHttpServerRequest from "@effect/platform-node/NodeHttpServerRequest"
import * as HttpApiScalar from "@effect/platform/HttpApiScalar"
import type * as HttpApp from "@effect/platform/HttpApp"
import * as HttpLayerRouter from "@effect/platform/HttpLayerRouter"
import * as HttpMiddleware from "@effect/platform/HttpMiddleware"
import type * as HttpServer from "@effect/platform/HttpServer"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as OpenApi from "@effect/platform/OpenApi"
import * as Arr from "effect/Array"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type * as Redacted from "effect/Redacted"
import { IncomingMessage } from "node:http"
import * as Api from "./Api.ts"
import * as ActionsApi from "./api/ActionsApi.ts"
import { ApiKeys } from "./ApiKeys.ts"
import { AuditLog } from "./AuditLog.ts"
import type * as Automation from "./Automation.ts"
import * as Actions from "./handlers/Actions.ts"
import * as ApiKeysHandlers from "./handlers/ApiKeys.ts"
import * as AuditHandlers from "./handlers/Audit.ts"
import * as Authorization from "./handlers/Authorization.ts"
import * as ConnectionsHandlers from "./handlers/Connections.ts"
import * as Events from "./handlers/Events.ts"
import * as Messages from "./handlers/Messages.ts"
import * as Operations from "./handlers/Operations.ts"
import * as ProvisioningHandlers from "./handlers/Provisioning.ts"
import * as Quarantine from "./handlers/Quarantine.ts"
import * as Reconciliations from "./handlers/Reconciliations.ts"
import * as RelayTargetsHandlers from "./handlers/RelayTargets.ts"
import * as Runs from "./handlers/Runs.ts"
import * as SubscribersHandlers from "./handlers/Subscribers.ts"
import * as System from "./handlers/System.ts"
import * as Tasks from "./handlers/Tasks.ts"
import * as Triggers from "./handlers/Triggers.ts"
import * as Webhooks from "./handlers/Webhooks.ts"
import { Idempotency } from "./Idempotency.ts"
import * as ClientAddress from "./internal/clientAddress.ts"
import * as Drain from "./internal/drain.ts"
import * as Edge from "./internal/edge.ts"
import * as Front from "./internal/front.ts"
import * as Audit from "./internal/guard/audit.ts"
import * as AuditTrail from "./internal/guard/auditTrail.ts"
import * as Authentication from "./internal/guard/authentication.ts"
import * as Guard from "./internal/guard/guard.ts"
import * as IdempotencyGuard from "./internal/guard/idempotency.ts"
import * as Permission from "./internal/guard/permission.ts"
import * as RateLimit from "./internal/guard/rateLimit.ts"
import * as ProblemPages from "./internal/problemPages.ts"
import * as RouteTable from "./internal/routeTable.ts"
import * as Background from "./internal/tasks/background.ts"
import * as WebHandler from "./internal/webHandler.ts"
import { RateLimitStore } from "./RateLimitStore.ts"

/**
 * The server's options. Each has a default.
 *
 * - `publicUrl`: where Postmark reaches this server; without it, receiver URLs are null
 * - `maxWebhookBytes`: the limit of a webhook, 16 MB; a bounce can contain the message
 * - `maxActionBytes`: the limit of an action's payload, 60 MB
 * - `trustedProxies`: addresses and CIDR ranges of proxies; only they are believed about who the client is
 * - `readTimeout`: how long a GET may take, 75 seconds; then it is interrupted, and the answer is a 504
 * - `changeTimeout`: the same for other requests, 2 minutes; they go on, and the 504 says that the outcome is unknown
 * - `drainTimeout`: how long a shutdown waits for requests in flight, 10 seconds
 * - `events`: the heartbeat and the intervals of event streams and exports
 * - `rateLimit`: the requests per minute of each API key that has no limit of its own, 6,000; null means no limit
 * - `metricsToken`: the bearer token of `/metrics`; without it, only the server's own machine can read them
 *
 * @since 0.1.0
 * @category models
 */
export interface Options {
  readonly publicUrl?: string | undefined
  readonly maxWebhookBytes?: number | undefined
  readonly maxActionBytes?: number | undefined
  readonly trustedProxies?: ReadonlyArray<string> | undefined
  readonly readTimeout?: Duration.DurationInput | undefined
  readonly changeTimeout?: Duration.DurationInput | undefined
  readonly drainTimeout?: Duration.DurationInput | undefined
  readonly events?: Events.Options | undefined
  readonly rateLimit?: number | null | undefined
  readonly metricsToken?: Redacted.Redacted | undefined
}

/**
 * The services that the routes use. With `Provisioning` as well, which needs a public URL, the server can create webhooks in
 * Postmark.
 *
 * @since 0.1.0
 * @category models
 */
export type Services =
  | Connections
  | Subscriptions
  | ApiKeys
  | Idempotency
  | AuditLog
  | RateLimitStore
  | ActionRegistry
  | TriggerRegistry
  | EventLog
  | RelayTargets
  | WebhookReceiver
  | Automation.Services

/**
 * Serves the API until the layer's scope closes. Then it rejects new requests and finishes those in flight. The layer
 * reads the registries' actions and triggers when it is built.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (options: Options = {}): Layer.Layer<never, never, Services | HttpServer.HttpServer> =>
  Layer.unwrapScoped(Effect.gen(function*() {
    const drain = yield* Drain.make
    const front = yield* Effect.serviceOption(Front.Front)
    const webhooks = {
      maxBytes: options.maxWebhookBytes ?? 16 * megabyte,
      client: yield* Effect.orDieWith(
        ClientAddress.make(options.trustedProxies ?? []),
        (problem) => new Error(`trustedProxies: ${problem}`)
      )
    }
    const api = Api.make(yield* ActionRegistry, yield* TriggerRegistry)
    // Made before the routes, so that it ends after them.
    const trail = yield* AuditTrail.make(yield* AuditLog)
    const perMinute = options.rateLimit === undefined ? defaultRateLimit : options.rateLimit
    const guard = Guard.all([
      Authentication.make(yield* ApiKeys),
      yield* RateLimit.make(yield* RateLimitStore, { perMinute }),
      Audit.make(trail),
      Permission.guard,
      // The innermost: a request that another guard refuses does not use its key up.
      IdempotencyGuard.make({
        idempotency: yield* Idempotency,
        connections: yield* Connections,
        track: drain.track,
        // Each handler has a limit of its own.
        maxBytes: actionLimit(options)
      })
    ])
    const edge = Edge.make(drain, RouteTable.make(api, [openApiPath, docsPath, ...ProblemPages.paths]), guard, {
      read: options.readTimeout ?? "75 seconds",
      change: options.changeTimeout ?? "2 minutes"
    })
    const served = HttpLayerRouter.serve(
      Layer.mergeAll(
        routes(options, drain, trail, webhooks),
        actionRoutes(options),
        Operations.layer({ maxBytes: actionLimit(options) }),
        Webhooks.trailingSlash(webhooks),
        documentation,
        ProblemPages.layer,
        HttpLayerRouter.middleware(edge, { global: true })
      ),
      {
        disableLogger: true,
        disableListenLog: true,
        // Each route has one spelling, the one in OpenAPI.
        routerConfig: { caseSensitive: true, ignoreDuplicateSlashes: false, ignoreTrailingSlash: false },
        // This middleware runs until the response is written.
        middleware: untilClosed(drain)
      }
    )
    // On a server that has a place in front of the routes, webhooks go a shorter way with the same answers.
    const ahead = Layer.scopedDiscard(Effect.gen(function*() {
      if (Option.isNone(front)) return
      const handler = yield* Front.make({ ...webhooks, drain, receiver: yield* WebhookReceiver })
      front.value.install(handler)
      yield* Effect.addFinalizer(() => Effect.sync(() => front.value.remove(handler)))
    }))
    // Built after the routes, so that it ends before them.
    const draining = Layer.scopedDiscard(
      Effect.addFinalizer(() =>
        // A finalizer cannot be interrupted, and neither could what waits in it.
        Effect.timeoutOption(Effect.interruptible(drain.drain), Duration.decode(options.drainTimeout ?? "10 seconds"))
      )
    )
    return draining.pipe(
      Layer.provideMerge(ahead),
      Layer.provideMerge(served),
      Layer.provide(NodeHttpServer.layerContext),
      // The platform's own span contains the query and every header.
      HttpMiddleware.withTracerDisabledWhen(() => true)
    )
  }))

/**
 * Serves the API to another HTTP server, such as Hono, Bun or Deno, that has requests as `Request`. The first request
 * builds the services. `dispose` finishes the requests in flight, and then closes the services; meanwhile, others get a 503.
 *
 * Without a socket, nobody knows the caller's address, so `/metrics` requires `metricsToken`.
 *
 * @since 0.1.0
 * @category constructors
 */
export const toWebHandler = <E>(
  services: Layer.Layer<Services, E>,
  options: Options = {}
): {
  readonly handler: (request: Request) => Promise<Response>
  readonly dispose: () => Promise<void>
} => WebHandler.make(Layer.provide(layer(options), services))

/**
 * Counts a request as in flight until its response is closed. The platform waits for the end of a response for ever when
 * its client has gone, so its fiber is no measure.
 */
const untilClosed = (drain: Drain.Drain) => <E, R>(app: HttpApp.Default<E, R>) =>
  Effect.flatMap(HttpServerRequest.HttpServerRequest, (request) => {
    if (!(request.source instanceof IncomingMessage)) return drain.track(app)
    const response = NodeHttpServerRequest.toServerResponse(request)
    if (!response.destroyed) {
      drain.enter()
      response.once("close", drain.exit)
    }
    return app
  })

const routes = (
  options: Options,
  drain: Drain.Drain,
  trail: AuditTrail.AuditTrail,
  webhooks: Webhooks.Options
) =>
  HttpLayerRouter.addHttpApi(Api.Api).pipe(
    Layer.provide(Layer.mergeAll(
      ConnectionsHandlers.layer,
      Triggers.layer({ publicUrl: options.publicUrl }),
      Events.layer(drain, options.events),
      ApiKeysHandlers.layer,
      AuditHandlers.layer(trail),
      Webhooks.layer(webhooks),
      Quarantine.layer,
      Reconciliations.layer,
      RelayTargetsHandlers.layer,
      Messages.layer({ stopping: drain.started }),
      ProvisioningHandlers.layer,
      Runs.layer,
      Layer.provide(Tasks.layer, Background.layer()),
      SubscribersHandlers.layer,
      System.layer({ metricsToken: options.metricsToken, isDraining: drain.isDraining })
    )),
    Layer.provide(Authorization.layer)
  )

const actionLimit = (options: Options): number => options.maxActionBytes ?? 60 * megabyte

const actionRoutes = (options: Options) =>
  Layer.unwrapEffect(Effect.map(ActionRegistry, (registry) => {
    const routed = ActionsApi.routed(registry)
    if (!Arr.isNonEmptyReadonlyArray(routed)) return Layer.empty
    const api = Api.actions(registry)
    return HttpLayerRouter.addHttpApi(api).pipe(
      Layer.provide(Actions.layer(api, routed, { maxBytes: actionLimit(options) })),
      Layer.provide(Authorization.layer)
    )
  }))

const openApiPath = "/openapi.json"
const docsPath = "/docs"

const documentation = Layer.unwrapEffect(Effect.gen(function*() {
  const api = Api.make(yield* ActionRegistry, yield* TriggerRegistry)
  return Layer.mergeAll(
    HttpLayerRouter.add("GET", openApiPath, Effect.succeed(HttpServerResponse.unsafeJson(OpenApi.fromApi(api)))),
    HttpApiScalar.layerHttpLayerRouter({ api, path: docsPath, scalar: { withDefaultFonts: false } }).pipe(
      Layer.provide(selfContained)
    )
  )
}))

/** Lets the page run only its own scripts; the browser blocks all other loads. */
const selfContained =
  HttpLayerRouter.middleware((page) =>
    Effect.map(page, HttpServerResponse.setHeader("content-security-policy", contentSecurityPolicy))
  ).layer

const contentSecurityPolicy =
  "default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval'; style-src 'unsafe-inline'; " +
  "img-src 'self' data:; font-src data:; connect-src 'self'; worker-src blob:; base-uri 'none'; form-action 'none'; " +
  "frame-ancestors 'none'"

const megabyte = 1024 * 1024

const defaultRateLimit = 6_000
