/**
 * Provides the caller of a request to its handler.
 *
 * @since 0.1.0
 */
import * as HttpRouter from "@effect/platform/HttpRouter"
import * as HttpServerError from "@effect/platform/HttpServerError"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import { Authorization, Caller } from "../api/Authorization.ts"
import { Unauthorized } from "../internal/failures.ts"
import { Judged } from "../internal/guard/judged.ts"
import * as Problems from "../internal/problems.ts"
import { RequestId } from "../internal/requestId.ts"

/**
 * Reads the caller that the guards found before the request reached the router. The guards judged the request by the route
 * that they found in its URL: if the router found another, for whatever spelling, the answer is 404.
 *
 * @since 0.1.0
 * @category accessors
 */
export const caller = Effect.gen(function*() {
  const caller = yield* Effect.serviceOption(Caller)
  if (Option.isNone(caller)) return yield* new Unauthorized({ reason: "unknown" })
  const request = yield* HttpServerRequest.HttpServerRequest
  const routed = yield* Effect.serviceOption(HttpRouter.RouteContext)
  const judged = yield* Effect.serviceOption(Judged)
  if (Option.isNone(routed) || Option.isNone(judged) || !isSame(judged.value, routed.value.route)) {
    return yield* Effect.die(new HttpServerError.RouteNotFound({ request }))
  }
  return caller.value
})

/**
 * Provides the {@link caller} to the handlers of the contract.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<Authorization> = Layer.succeed(Authorization, {
  apiKey: () =>
    Effect.catchAll(
      caller,
      (failure) =>
        Effect.flatMap(RequestId, (requestId) =>
          Effect.fail({ ...Problems.of(failure, requestId).problem, status: 401 as const }))
    )
})

const isSame = (judged: Judged["Type"], route: { readonly path: string; readonly method: string }) =>
  judged.path === route.path && (judged.method === route.method || (judged.method === "HEAD" && route.method === "GET"))
