/**
 * Liveness and readiness.
 *
 * @since 0.1.0
 */
import * as HttpApiEndpoint from "@effect/platform/HttpApiEndpoint"
import * as HttpApiGroup from "@effect/platform/HttpApiGroup"
import * as OpenApi from "@effect/platform/OpenApi"
import * as Schema from "effect/Schema"
import * as Problem from "./Problem.ts"

/**
 * @since 0.1.0
 * @category models
 */
export const Health = Schema.Struct({ status: Schema.Literal("ok") }).annotations({ identifier: "Health" })

/**
 * @since 0.1.0
 * @category models
 */
export const Readiness = Schema.Struct({ status: Schema.Literal("ready") }).annotations({ identifier: "Readiness" })

/**
 * The routes for health checks.
 *
 * @since 0.1.0
 * @category groups
 */
export class SystemApi extends HttpApiGroup.make("system")
  .add(
    HttpApiEndpoint.get("health", "/healthz").addSuccess(Health).annotate(
      OpenApi.Summary,
      "Check that the process is running"
    )
  )
  .add(
    HttpApiEndpoint.get("readiness", "/readyz")
      .addSuccess(Readiness)
      .addError(Problem.Unavailable)
      .annotate(OpenApi.Summary, "Check that the store is available and the server is not shutting down")
  )
  .annotate(OpenApi.Title, "System").annotate(OpenApi.Description, "Liveness and readiness.")
{}
