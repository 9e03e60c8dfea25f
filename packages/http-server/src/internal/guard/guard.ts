/** What stands between the edge and a route's handler: each guard may answer in the handler's place. */
import type * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import type * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import type * as Effect from "effect/Effect"
import type { Endpoint, Route } from "../routeTable.ts"

/** A request to an endpoint of the API. */
export interface Call {
  readonly request: HttpServerRequest.HttpServerRequest
  readonly requestId: string
  readonly route: Route
  readonly endpoint: Endpoint
}

type Response = HttpServerResponse.HttpServerResponse

export type Guard = (call: Call) => <E, R>(handler: Effect.Effect<Response, E, R>) => Effect.Effect<Response, E, R>

/** The guards around the handler; the first is the outermost. */
export const all = (guards: ReadonlyArray<Guard>): Guard => (call) => (handler) =>
  guards.reduceRight((inner: typeof handler, guard) => guard(call)(inner), handler)
