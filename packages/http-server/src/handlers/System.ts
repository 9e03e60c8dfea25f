/**
 * Handles liveness and readiness.
 *
 * @since 0.1.0
 */
import { EventLog } from "@effect-postmark/core/EventLog"
import * as HttpApiBuilder from "@effect/platform/HttpApiBuilder"
import * as Effect from "effect/Effect"
import { Api } from "../Api.ts"
import { Health, Readiness } from "../api/SystemApi.ts"
import * as Responses from "../internal/responses.ts"

/**
 * @since 0.1.0
 * @category layers
 */
export const layer = HttpApiBuilder.group(Api, "system", (handlers) =>
  Effect.map(EventLog, (log) =>
    handlers
      .handleRaw("health", () => health({ status: "ok" }))
      .handleRaw("readiness", () =>
        log.read({ after: 0, limit: 1 }).pipe(
          Effect.zipRight(readiness({ status: "ready" })),
          Responses.orProblem
        ))))

const health = Responses.json(Health)
const readiness = Responses.json(Readiness)
