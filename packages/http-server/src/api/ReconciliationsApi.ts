/**
 * Looks for the messages of a send whose outcome is unknown.
 *
 * @since 0.1.0
 */
import { Receipt } from "@effect-postmark/core/Receipt"
import * as HttpApiEndpoint from "@effect/platform/HttpApiEndpoint"
import * as HttpApiGroup from "@effect/platform/HttpApiGroup"
import * as OpenApi from "@effect/platform/OpenApi"
import * as Schema from "effect/Schema"
import { Access } from "./Access.ts"
import { Authorization } from "./Authorization.ts"
import { ConnectionPath } from "./ConnectionsApi.ts"
import { parameter } from "./parameter.ts"
import * as Problem from "./Problem.ts"

/**
 * A message of the send: `accepted` if it is in Postmark's history. One that is `stillUnknown` may have been accepted too,
 * because the history lags.
 *
 * @since 0.1.0
 * @category models
 */
export const ReconciledMessage = Schema.Union(
  Schema.Struct({ index: Schema.NonNegativeInt, state: Schema.Literal("accepted"), receipt: Receipt }),
  Schema.Struct({ index: Schema.NonNegativeInt, state: Schema.Literal("stillUnknown") })
).annotations({ identifier: "ReconciledMessage" })

/**
 * The result of a search, with an entry for each message in the order of the send.
 *
 * @since 0.1.0
 * @category models
 */
export const ReconciliationReport = Schema.Struct({
  correlation: Schema.Struct({ name: Schema.String, value: Schema.String }),
  accepted: Schema.NonNegativeInt,
  stillUnknown: Schema.NonNegativeInt,
  messages: Schema.Array(ReconciledMessage)
}).annotations({ identifier: "ReconciliationReport" })

/**
 * The route that searches. Problems with an unknown outcome link to it.
 *
 * @since 0.1.0
 * @category groups
 */
export class ReconciliationsApi extends HttpApiGroup.make("reconciliations")
  .add(
    HttpApiEndpoint.get("search", "/v1/connections/:id/reconciliations")
      .annotate(Access, "read")
      .setPath(ConnectionPath)
      .setUrlParams(Schema.Struct({
        correlation: parameter({
          type: "string",
          minLength: 1,
          maxLength: 80,
          description: "the value of the correlation, as the problem or outcome has it; required"
        }),
        messages: parameter({
          type: "integer",
          minimum: 1,
          maximum: 500,
          default: 1,
          description: "how many messages the request had"
        }),
        messageStream: parameter({
          type: "string",
          default: "outbound",
          description: "the message stream; repeat it for a batch with several"
        }),
        since: parameter({
          type: "string",
          format: "date-time",
          description: "when the request was made, in UTC; 45 days ago by default"
        })
      }))
      .addSuccess(ReconciliationReport)
      .addError(Problem.ReadProblems)
      .addError(Schema.Union(Problem.NotFound, Problem.Gone, Problem.Broken))
      .annotate(OpenApi.Summary, "Search for the messages of a send whose outcome is unknown")
      .annotate(
        OpenApi.Description,
        "Searches Postmark's history by the metadata that the server adds to each message. A message appears there with a " +
          "delay, so `stillUnknown` does not prove that it was not accepted."
      )
  )
  .annotate(OpenApi.Title, "Reconciliations")
  .middleware(Authorization)
{}
