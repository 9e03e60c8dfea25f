/** Whether the API key of a long response is still valid: it may be revoked, here or by another process. */
import type { StoreUnavailable } from "@effect-postmark/core/StoreUnavailable"
import type * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import type * as ApiKeys from "../ApiKeys.ts"
import * as Incoming from "./incoming.ts"

/**
 * Looks the key up again when the last look is older than `every` milliseconds. None when the key is no longer valid. It
 * begins with the caller that the request was authorized as.
 */
export const make = (
  apiKeys: ApiKeys.Service,
  request: HttpServerRequest.HttpServerRequest,
  caller: ApiKeys.ApiKey,
  every: number
): Effect.Effect<Effect.Effect<Option.Option<ApiKeys.ApiKey>, StoreUnavailable>> =>
  Effect.map(Clock.currentTimeMillis, (start) => {
    let checkedAt = start
    let current = Option.some(caller)
    const key = Incoming.bearer(request)
    return Effect.gen(function*() {
      const now = yield* Clock.currentTimeMillis
      if (key !== undefined && Option.isSome(current) && now - checkedAt >= every) {
        current = yield* apiKeys.verify(Redacted.make(key))
        checkedAt = now
      }
      return current
    })
  })
