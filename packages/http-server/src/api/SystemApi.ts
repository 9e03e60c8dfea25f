/**
 * Liveness, readiness and metrics.
 *
 * @since 0.1.0
 */
import * as HttpApiEndpoint from "@effect/platform/HttpApiEndpoint"
import * as HttpApiGroup from "@effect/platform/HttpApiGroup"
import * as HttpApiSchema from "@effect/platform/HttpApiSchema"
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
export const CheckResult = Problem.CheckResult

/**
 * @since 0.1.0
 * @category models
 */
export interface CheckResult extends Schema.Schema.Type<typeof CheckResult> {}

/**
 * What the server's readiness depends on. It is `degraded` if only optional parts have failed.
 *
 * @since 0.1.0
 * @category models
 */
export const ReadinessReport = Schema.Struct({
  status: Schema.Literal("ready", "degraded"),
  checks: Schema.Array(CheckResult)
}).annotations({ identifier: "Readiness" })

/**
 * The routes for health checks and metrics.
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
      .addSuccess(ReadinessReport)
      .addError(Problem.Unavailable)
      .annotate(OpenApi.Summary, "Check that the store is available and the server is not shutting down")
  )
  .add(
    HttpApiEndpoint.get("metrics", "/metrics")
      .addSuccess(HttpApiSchema.Text({ contentType: "text/plain" }))
      .addError(Problem.Unauthorized)
      .annotate(OpenApi.Summary, "Read the metrics in Prometheus's text format")
  )
  .annotate(OpenApi.Title, "System").annotate(OpenApi.Description, "Liveness, readiness and metrics.")
{}
