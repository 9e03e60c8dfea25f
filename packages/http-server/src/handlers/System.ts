/**
 * Handles liveness, readiness and metrics.
 *
 * @since 0.1.0
 */
import { EventLog } from "@effect-postmark/core/EventLog"
import * as HttpApiBuilder from "@effect/platform/HttpApiBuilder"
import type * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { Api } from "../Api.ts"
import { type CheckResult, Health, ReadinessReport } from "../api/SystemApi.ts"
import { isLoopback, sameText } from "../internal/callerAddress.ts"
import { MetricsRefused, NotReady } from "../internal/failures.ts"
import * as Incoming from "../internal/incoming.ts"
import * as Responses from "../internal/responses.ts"
import * as PrometheusMetrics from "../PrometheusMetrics.ts"
import { type Check, Readiness } from "../Readiness.ts"

/**
 * With `metricsToken`, the metrics require it. Without it, they are for the machine itself only.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (
  options: { readonly metricsToken?: Redacted.Redacted | undefined; readonly isDraining: () => boolean }
) =>
  HttpApiBuilder.group(Api, "system", (handlers) =>
    Effect.gen(function*() {
      const log = yield* EventLog
      const checks: ReadonlyArray<Check> = [
        {
          name: "store",
          check: Effect.mapError(log.read({ after: 0, limit: 1 }), () => ({ message: "the store is unavailable" }))
        },
        ...yield* Readiness
      ]
      const shuttingDown: CheckResult = { name: "shutdown", status: "failed", detail: "the server is shutting down" }
      return handlers
        .handleRaw("health", () => health({ status: "ok" }))
        .handleRaw("readiness", () =>
          Effect.forEach(checks, resultOf, { concurrency: "unbounded" }).pipe(
            Effect.flatMap((results) => {
              const all = options.isDraining() ? [shuttingDown, ...results] : results
              const failed = all.filter(({ status }) => status === "failed")
              if (failed.length > 0) return Effect.fail(new NotReady({ checks: all }))
              return readiness({
                status: all.some(({ status }) => status === "degraded") ? "degraded" : "ready",
                checks: all
              })
            }),
            Responses.orProblem
          ))
        .handleRaw("metrics", ({ request }) =>
          Effect.if(mayReadMetrics(request, options.metricsToken), {
            onFalse: () => Effect.fail(new MetricsRefused()),
            onTrue: () =>
              Effect.map(
                PrometheusMetrics.text,
                (text) => HttpServerResponse.text(text, { contentType: PrometheusMetrics.contentType })
              )
          }).pipe(Responses.orProblem))
    }))

const resultOf = ({ check, isOptional = false, name }: Check): Effect.Effect<CheckResult> =>
  check.pipe(
    Effect.timeoutFail({ duration: "3 seconds", onTimeout: () => ({ message: "no answer within 3 seconds" }) }),
    Effect.match({
      onSuccess: (): CheckResult => ({ name, status: "ok" }),
      onFailure: ({ message }): CheckResult => ({
        name,
        status: isOptional ? "degraded" : "failed",
        detail: message
      })
    })
  )

const mayReadMetrics = (
  request: HttpServerRequest.HttpServerRequest,
  token: Redacted.Redacted | undefined
): Effect.Effect<boolean> =>
  Effect.sync(() => {
    if (token === undefined) return isLoopback(request)
    const [given, ...more] = Incoming.authorization(request)
    const presented = /^bearer (\S+)$/i.exec(given ?? "")?.[1]
    return presented !== undefined && more.length === 0 && sameText(presented, Redacted.value(token))
  })

const health = Responses.json(Health)
const readiness = Responses.json(ReadinessReport)
