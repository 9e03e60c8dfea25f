/**
 * Webhooks that could not be read. Only admin keys can list them.
 *
 * @since 0.1.0
 */
import { ConnectionId } from "@effect-postmark/core/Ids"
import * as HttpApiEndpoint from "@effect/platform/HttpApiEndpoint"
import * as HttpApiGroup from "@effect/platform/HttpApiGroup"
import * as OpenApi from "@effect/platform/OpenApi"
import * as Schema from "effect/Schema"
import { Access } from "./Access.ts"
import { Authorization } from "./Authorization.ts"
import { parameter } from "./parameter.ts"
import * as Problem from "./Problem.ts"

/**
 * A body that came with the connection's secret but is not JSON. `reason` says why the server could not read it, and how
 * much of the body is stored if it was cut.
 *
 * @since 0.1.0
 * @category models
 */
export const QuarantinedBody = Schema.Struct({
  connectionId: ConnectionId,
  receivedAt: Schema.String,
  reason: Schema.String,
  encoding: Schema.Literal("text", "base64").annotations({ description: "base64 if the body is not text" }),
  body: Schema.String
}).annotations({ identifier: "QuarantinedBody" })

/**
 * The quarantined bodies, newest first. The server keeps the last 1,000.
 *
 * @since 0.1.0
 * @category models
 */
export const QuarantineList = Schema.Struct({ quarantined: Schema.Array(QuarantinedBody) }).annotations({
  identifier: "QuarantineList"
})

/**
 * The route of the quarantine.
 *
 * @since 0.1.0
 * @category groups
 */
export class QuarantineApi extends HttpApiGroup.make("quarantine")
  .add(
    HttpApiEndpoint.get("list", "/v1/quarantine")
      .annotate(Access, "admin")
      .setUrlParams(Schema.Struct({
        limit: parameter({
          type: "integer",
          minimum: 1,
          maximum: 1000,
          default: 100,
          description: "the maximum number of bodies"
        }),
        connection: parameter({ type: "string", description: "only this connection's bodies" })
      }))
      .addSuccess(QuarantineList)
      .addError(Schema.Union(Problem.Forbidden, Problem.NotFound, Problem.Invalid))
      .annotate(OpenApi.Summary, "List webhooks that could not be read")
      .annotate(
        OpenApi.Description,
        "Lists bodies that came with the connection's secret but are not JSON. Postmark does not post them again."
      )
  )
  .annotate(OpenApi.Title, "Quarantine").annotate(OpenApi.Description, "Bodies of webhooks that could not be read.")
  .middleware(Authorization)
{}
