/**
 * The middleware of every request: its id, a span without private data, the 503 response during a shutdown, and the
 * problem for each failure.
 */
import type * as HttpApp from "@effect/platform/HttpApp"
import type * as HttpServerError from "@effect/platform/HttpServerError"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as HttpTraceContext from "@effect/platform/HttpTraceContext"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as ServerMetrics from "../ServerMetrics.ts"
import type { Drain } from "./drain.ts"
import { Defect, Draining, type Failure, HandlerTimedOut, MethodNotAllowed, NoSuchRoute } from "./failures.ts"
import type { Guard } from "./guard/guard.ts"
import * as HandlerLimit from "./handlerLimit.ts"
import * as Problems from "./problems.ts"
import * as RequestId from "./requestId.ts"
import type { Route, RouteTable } from "./routeTable.ts"

export const make =
  (drain: Drain, routes: RouteTable, guard: Guard, limits: HandlerLimit.Limits) => <E, R>(app: HttpApp.Default<E, R>) =>
    Effect.gen(function*() {
      const request = yield* HttpServerRequest.HttpServerRequest
      const requestId = yield* RequestId.fromHeader(request.headers[RequestId.headerName])
      const route = routes.find(request.url)
      const endpoint = route?.endpoints.get(request.method)
      // The router never sees a path that this table does not know: it would run unguarded.
      const guarded = route === undefined || endpoint === undefined
        ? Effect.succeed(Problems.response(notServed(route), requestId))
        : guard({ request, requestId, route, endpoint })(app)
      const begun = yield* nanos
      const responded = drain.isDraining() && route?.path !== "/healthz" && route?.path !== "/readyz"
        ? Effect.succeed(Problems.response(new Draining(), requestId))
        // Tracked here as well: a change that goes on after its answer is finished before a shutdown ends.
        : HandlerLimit.withLimit(
          drain.track(guarded),
          request.method,
          endpoint !== undefined && uploads.has(endpoint.name) ? { ...limits, change: "16 minutes" } : limits,
          () => timedOut(request.method, route, requestId)
        ).pipe(
          Effect.provideService(RequestId.RequestId, requestId),
          Effect.catchAllCause((cause) =>
            Cause.isInterruptedOnly(cause)
              ? Effect.failCause(cause)
              : Effect.map(failureOf(cause), (failure) => Problems.response(failure, requestId))
          )
        )
      return yield* responded.pipe(
        Effect.map((response) => withHeaders(response, requestId)),
        Effect.tap((response) =>
          Effect.map(
            nanos,
            (ended) => ServerMetrics.record(route, request.method, response.status, Number(ended - begun) / 1e9)
          )
        ),
        Effect.tap((response) =>
          Effect.all([
            Effect.annotateCurrentSpan("http.response.status_code", response.status),
            Effect.annotateLogs(Effect.logDebug("responded to a request"), {
              method: request.method,
              route: route?.path ?? "none",
              status: response.status
            })
          ], { discard: true })
        ),
        Effect.annotateLogs({ requestId }),
        Effect.withSpan(`http.server ${request.method}`, {
          kind: "server",
          captureStackTrace: false,
          parent: Option.getOrUndefined(HttpTraceContext.fromHeaders(request.headers)),
          attributes: { "http.request.method": request.method, "http.route": route?.path ?? "none", requestId }
        })
      )
    })

/** Endpoints whose body may take a quarter of an hour to come. */
const uploads = new Set(["runs.start"])

const timedOut = (method: string, route: { readonly path: string } | undefined, requestId: string) =>
  Effect.as(
    Effect.annotateLogs(Effect.logWarning("a request had no answer in time"), { method, route: route?.path ?? "none" }),
    Problems.response(new HandlerTimedOut({ isRead: HandlerLimit.isRead(method) }), requestId)
  )

const nanos = Effect.clockWith((clock) => clock.currentTimeNanos)

const withHeaders = (response: HttpServerResponse.HttpServerResponse, requestId: string) =>
  HttpServerResponse.setHeaders(response, {
    [RequestId.headerName]: requestId,
    "x-content-type-options": "nosniff",
    ...(response.headers["cache-control"] === undefined ? { "cache-control": "no-store" } : {})
  })

const notServed = (route: Route | undefined): Failure =>
  route === undefined ? new NoSuchRoute() : new MethodNotAllowed({ allow: route.methods })

/** The message of a defect may quote private data; the stack is enough to find it. */
const failureOf = (cause: Cause.Cause<unknown>): Effect.Effect<Failure> => {
  const failure = Cause.squash(cause)
  // The router rejects a path that it cannot decode.
  if (isRouteNotFound(failure)) return Effect.succeed(new NoSuchRoute())
  return Effect.as(
    Effect.annotateLogs(Effect.logError("a request ended in a defect"), {
      defect: failure instanceof Error ? failure.name : typeof failure,
      at: failure instanceof Error ? failure.stack?.match(/^ {4}at .*$/gm)?.slice(0, 5).join("\n") ?? "" : ""
    }),
    new Defect()
  )
}

const isRouteNotFound = (failure: unknown): failure is HttpServerError.RouteNotFound =>
  typeof failure === "object" && failure !== null && "_tag" in failure && failure._tag === "RouteNotFound"
