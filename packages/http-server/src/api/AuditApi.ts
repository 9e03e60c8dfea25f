/**
 * The audit log.
 *
 * @since 0.1.0
 */
import * as HttpApiEndpoint from "@effect/platform/HttpApiEndpoint"
import * as HttpApiGroup from "@effect/platform/HttpApiGroup"
import * as OpenApi from "@effect/platform/OpenApi"
import * as Schema from "effect/Schema"
import { AuditEntry } from "../AuditLog.ts"
import { Access } from "./Access.ts"
import { Authorization } from "./Authorization.ts"
import { parameter } from "./parameter.ts"
import * as Problem from "./Problem.ts"

/**
 * A page of entries, newest first. `nextCursor` is where the older entries begin, or null on the last page.
 *
 * @since 0.1.0
 * @category models
 */
export const AuditPage = Schema.Struct({
  entries: Schema.Array(AuditEntry),
  nextCursor: Schema.NullOr(Schema.String)
}).annotations({ identifier: "AuditPage" })

/**
 * The route of the audit log.
 *
 * @since 0.1.0
 * @category groups
 */
export class AuditApi extends HttpApiGroup.make("audit")
  .add(
    HttpApiEndpoint.get("list", "/v1/audit")
      .annotate(Access, "read")
      .setUrlParams(Schema.Struct({
        after: parameter({ type: "string", description: "the nextCursor of the previous page" }),
        limit: parameter({
          type: "integer",
          minimum: 1,
          maximum: 500,
          default: 100,
          description: "the maximum number of entries"
        }),
        connection: parameter({ type: "string", description: "only changes of this connection" }),
        key: parameter({ type: "string", description: "only changes by the API key with this id" }),
        from: parameter({
          type: "string",
          format: "date-time",
          description: "only changes that began at this time or later"
        }),
        to: parameter({ type: "string", format: "date-time", description: "only changes that began before this time" })
      }))
      .addSuccess(AuditPage)
      .addError(Schema.Union(Problem.NotFound, Problem.Invalid))
      .annotate(OpenApi.Summary, "Read the audit log, newest first")
      .annotate(
        OpenApi.Description,
        "Lists every request that could change something. A key that is not an admin key sees the entries of its " +
          "connections."
      )
  )
  .annotate(OpenApi.Title, "Audit log")
  .middleware(Authorization)
{}
