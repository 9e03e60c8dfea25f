/**
 * Checks API keys.
 *
 * @since 0.1.0
 */
import * as HttpApp from "@effect/platform/HttpApp"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import { Authorization } from "../api/Authorization.ts"
import { ApiKeys } from "../ApiKeys.ts"
import { type Failure, Unauthorized } from "../internal/failures.ts"
import * as Incoming from "../internal/incoming.ts"
import * as Problems from "../internal/problems.ts"
import { RequestId } from "../internal/requestId.ts"

/**
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<Authorization, never, ApiKeys> = Layer.effect(
  Authorization,
  Effect.map(ApiKeys, (apiKeys) => ({
    apiKey: () =>
      Effect.gen(function*() {
        // The platform accepts any first seven characters as `Bearer `, and ignores a second header.
        const presented = Incoming.authorization(yield* HttpServerRequest.HttpServerRequest)
        const key = presented.length === 1 ? /^bearer +(\S+)$/i.exec(presented[0] ?? "")?.[1] : undefined
        if (key === undefined) return yield* new Unauthorized()
        const caller = yield* apiKeys.verify(Redacted.make(key))
        return Option.isSome(caller) ? caller.value : yield* new Unauthorized()
      }).pipe(
        Effect.catchTags({
          Unauthorized: (error) => refuse(error, 401),
          StoreUnavailable: (error) => refuse(error, 503)
        })
      )
  }))
)

/** Fails with the problem, which the contract encodes, and adds the problem's headers to the response. */
const refuse = <const Status extends 401 | 503>(failure: Failure, status: Status) =>
  Effect.gen(function*() {
    const { headers, problem } = Problems.of(failure, yield* RequestId)
    yield* HttpApp.appendPreResponseHandler((_, response) =>
      Effect.succeed(HttpServerResponse.setHeaders(response, headers))
    )
    return yield* Effect.fail({ ...problem, status })
  })
