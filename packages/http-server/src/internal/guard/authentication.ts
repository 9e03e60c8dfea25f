/** Finds the caller of each request whose endpoint asks for an API key. */
import type * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { Caller } from "../../api/Authorization.ts"
import type * as ApiKeys from "../../ApiKeys.ts"
import { Unauthorized } from "../failures.ts"
import * as Incoming from "../incoming.ts"
import * as Problems from "../problems.ts"
import type { Guard } from "./guard.ts"
import { Judged } from "./judged.ts"

export const make = (apiKeys: ApiKeys.Service): Guard => {
  const callerOf = (request: HttpServerRequest.HttpServerRequest) =>
    Effect.gen(function*() {
      const key = Incoming.bearer(request)
      if (key === undefined) return yield* new Unauthorized({ reason: "unknown" })
      return yield* Effect.catchTag(
        apiKeys.check(Redacted.make(key)),
        "ApiKeyInvalid",
        ({ reason }) => new Unauthorized({ reason })
      )
    })
  return ({ endpoint, request, requestId, route }) => (handler) =>
    endpoint.access === undefined
      ? handler
      : Effect.matchEffect(callerOf(request), {
        onFailure: (failure) => Effect.succeed(Problems.response(failure, requestId)),
        onSuccess: (caller) =>
          Effect.provide(
            handler,
            Context.make(Caller, caller).pipe(Context.add(Judged, { path: route.path, method: request.method }))
          )
      })
}
