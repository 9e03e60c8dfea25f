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
import type { Drain } from "./drain.ts"
import { Defect, Draining, type Failure, HandlerTimedOut, MethodNotAllowed, NoSuchRoute } from "./failures.ts"
import * as HandlerLimit from "./handlerLimit.ts"
import * as Problems from "./problems.ts"
import * as RequestId from "./requestId.ts"
import type { RouteTable } from "./routeTable.ts"

export const make =
  (drain: Drain, routes: RouteTable, limits: HandlerLimit.Limits) => <E, R>(app: HttpApp.Default<E, R>) =>
    Effect.gen(function*() {
      const request = yield* HttpServerRequest.HttpServerRequest
      const requestId = yield* RequestId.fromHeader(request.headers[RequestId.headerName])
      const route = routes.find(request.url)
      const responded = drain.isDraining() && route?.path !== "/healthz"
        ? Effect.succeed(Problems.response(new Draining(), requestId))
        // Tracked here as well: a change that goes on after its answer is finished before a shutdown ends.
        : HandlerLimit.withLimit(
          drain.track(app),
          request.method,
          limits,
          () => timedOut(request.method, route, requestId)
        ).pipe(
          Effect.provideService(RequestId.RequestId, requestId),
          Effect.catchAllCause((cause) =>
            Cause.isInterruptedOnly(cause)
              ? Effect.failCause(cause)
              : Effect.map(failureOf(cause, request, route), (failure) => Problems.response(failure, requestId))
          )
        )
      return yield* responded.pipe(
        Effect.map((response) => withHeaders(response, requestId)),
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

const timedOut = (method: string, route: { readonly path: string } | undefined, requestId: string) =>
  Effect.as(
    Effect.annotateLogs(Effect.logWarning("a request had no answer in time"), { method, route: route?.path ?? "none" }),
    Problems.response(new HandlerTimedOut({ isRead: HandlerLimit.isRead(method) }), requestId)
  )

const withHeaders = (response: HttpServerResponse.HttpServerResponse, requestId: string) =>
  HttpServerResponse.setHeaders(response, {
    [RequestId.headerName]: requestId,
    "x-content-type-options": "nosniff",
    ...(response.headers["cache-control"] === undefined ? { "cache-control": "no-store" } : {})
  })

const failureOf = (
  cause: Cause.Cause<unknown>,
  request: HttpServerRequest.HttpServerRequest,
  route: { readonly methods: ReadonlyArray<string> } | undefined
): Effect.Effect<Failure> => {
  const failure = Cause.squash(cause)
  if (isRouteNotFound(failure)) {
    return Effect.succeed(
      route === undefined || route.methods.includes(request.method)
        ? new NoSuchRoute()
        : new MethodNotAllowed({ allow: route.methods })
    )
  }
  // The message of a defect may quote private data; the stack is enough to find it.
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
