/**
 * The HTTP adapter over core's services: routes, documentation and graceful shutdown.
 *
 * @since 0.1.0
 */
import type { RelayTargets } from "@effect-postmark/automation/RelayTargets"
import { ActionRegistry } from "@effect-postmark/core/ActionRegistry"
import type { Connections } from "@effect-postmark/core/Connections"
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
import { IncomingMessage } from "node:http"
import * as Api from "./Api.ts"
import * as ActionsApi from "./api/ActionsApi.ts"
import type { ApiKeys } from "./ApiKeys.ts"
import * as Actions from "./handlers/Actions.ts"
import * as ApiKeysHandlers from "./handlers/ApiKeys.ts"
import * as Authorization from "./handlers/Authorization.ts"
import * as ConnectionsHandlers from "./handlers/Connections.ts"
import * as Events from "./handlers/Events.ts"
import * as Quarantine from "./handlers/Quarantine.ts"
import * as RelayTargetsHandlers from "./handlers/RelayTargets.ts"
import * as System from "./handlers/System.ts"
import * as Triggers from "./handlers/Triggers.ts"
import * as Webhooks from "./handlers/Webhooks.ts"
import * as ClientAddress from "./internal/clientAddress.ts"
import * as Drain from "./internal/drain.ts"
import * as Edge from "./internal/edge.ts"
import * as Front from "./internal/front.ts"
import * as RouteTable from "./internal/routeTable.ts"

/**
 * The server's options. Each has a default.
 *
 * - `publicUrl`: where Postmark reaches this server; without it, receiver URLs are null
 * - `maxWebhookBytes`: the limit of a webhook, 16 MB; a bounce can contain the message
 * - `maxActionBytes`: the limit of an action's payload, 60 MB
 * - `trustedProxies`: addresses and CIDR ranges of proxies; only they are believed about who the client is
 * - `readTimeout`: how long a GET may take, 60 seconds; then it is interrupted, and the answer is a 504
 * - `changeTimeout`: the same for other requests, 2 minutes; they go on, and the 504 says that the outcome is unknown
 * - `drainTimeout`: how long a shutdown waits for requests in flight, 10 seconds
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
}

/**
 * The services that the routes use.
 *
 * @since 0.1.0
 * @category models
 */
export type Services =
  | Connections
  | Subscriptions
  | ApiKeys
  | ActionRegistry
  | TriggerRegistry
  | EventLog
  | RelayTargets
  | WebhookReceiver

/**
 * Serves the API until the layer's scope closes. Then it rejects new requests and finishes those in flight. The layer
 * reads the registries' actions and triggers when it is built.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (options: Options = {}): Layer.Layer<never, never, Services | HttpServer.HttpServer> =>
  Layer.unwrapEffect(Effect.gen(function*() {
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
    const edge = Edge.make(drain, RouteTable.make(api, [openApiPath, docsPath]), {
      read: options.readTimeout ?? "60 seconds",
      change: options.changeTimeout ?? "2 minutes"
    })
    const served = HttpLayerRouter.serve(
      Layer.mergeAll(
        routes(options, webhooks),
        actionRoutes(options),
        Webhooks.trailingSlash(webhooks),
        documentation,
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

const routes = (options: Options, webhooks: Webhooks.Options) =>
  HttpLayerRouter.addHttpApi(Api.Api).pipe(
    Layer.provide(Layer.mergeAll(
      ConnectionsHandlers.layer,
      Triggers.layer({ publicUrl: options.publicUrl }),
      Events.layer,
      ApiKeysHandlers.layer,
      Webhooks.layer(webhooks),
      Quarantine.layer,
      RelayTargetsHandlers.layer,
      System.layer
    )),
    Layer.provide(Authorization.layer)
  )

const actionRoutes = (options: Options) =>
  Layer.unwrapEffect(Effect.map(ActionRegistry, (registry) => {
    const routed = ActionsApi.routed(registry)
    if (!Arr.isNonEmptyReadonlyArray(routed)) return Layer.empty
    const api = Api.actions(registry)
    return HttpLayerRouter.addHttpApi(api).pipe(
      Layer.provide(Actions.layer(api, routed, { maxBytes: options.maxActionBytes ?? 60 * megabyte })),
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
