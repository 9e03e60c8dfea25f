/**
 * Limits the requests of each API key: a bucket of one minute's requests that fills up again steadily. When the shared store
 * does not answer, this process limits the key by itself, so the API neither stops nor opens.
 */
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Metric from "effect/Metric"
import * as Option from "effect/Option"
import { Caller } from "../../api/Authorization.ts"
import * as ApiMetrics from "../../ApiMetrics.ts"
import * as RateLimitStore from "../../RateLimitStore.ts"
import { RateLimitExceeded } from "../failures.ts"
import * as Problems from "../problems.ts"
import type { Guard } from "./guard.ts"

/** `perMinute` null limits only keys that have a limit of their own. */
export const make = (
  store: RateLimitStore.Service,
  { perMinute }: { readonly perMinute: number | null }
): Effect.Effect<Guard> =>
  Effect.map(RateLimitStore.makeMemory, (local) => {
    let warnedAt = Number.NEGATIVE_INFINITY

    const warn = Effect.flatMap(Clock.currentTimeMillis, (now) => {
      const isDue = now - warnedAt >= 60_000
      if (isDue) warnedAt = now
      return Effect.zipRight(
        Metric.increment(ApiMetrics.rateLimitFallbacks),
        isDue
          ? Effect.logWarning("the store of rate limits did not answer: this process limits each API key by itself")
          : Effect.void
      )
    })

    const take = (options: RateLimitStore.Take) =>
      store.take(options).pipe(
        Effect.timeoutFail({ duration: "1 second", onTimeout: () => "slow" as const }),
        Effect.catchAll(() => Effect.zipRight(warn, local.take(options)))
      )

    return ({ endpoint, requestId }) => (handler) =>
      endpoint.access === undefined ? handler : Effect.flatMap(Effect.serviceOption(Caller), (caller) => {
        const limit = Option.isSome(caller) ? caller.value.rateLimit ?? perMinute : null
        if (Option.isNone(caller) || limit === null) return handler
        return Effect.gen(function*() {
          const now = (yield* Clock.currentTimeMillis) * 1_000
          const cost = Math.max(1, Math.round(windowMicros / limit))
          const capacity = cost * limit
          const { fullAt, isTaken } = yield* take({ name: caller.value.id, now, cost, capacity })
          const state = {
            "ratelimit-policy": `"api-key";q=${limit};w=${windowSeconds}`,
            ratelimit: `"api-key";r=${remaining(now, fullAt, cost, capacity)};t=${seconds(fullAt - now)}`
          }
          if (isTaken) return HttpServerResponse.setHeaders(yield* handler, state)
          yield* Metric.increment(ApiMetrics.rateLimited)
          const refusal = new RateLimitExceeded({ limit, retryAfter: seconds(fullAt + cost - now - capacity) })
          return HttpServerResponse.setHeaders(Problems.response(refusal, requestId), state)
        })
      })
  })

const windowSeconds = 60
const windowMicros = windowSeconds * 1_000_000

const remaining = (now: number, fullAt: number, cost: number, capacity: number) =>
  Math.max(0, Math.floor((capacity - Math.max(0, fullAt - now)) / cost))

const seconds = (micros: number) => Math.max(0, Math.ceil(micros / 1_000_000))
