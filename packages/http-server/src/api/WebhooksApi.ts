/**
 * Where Postmark posts its webhooks.
 *
 * @since 0.1.0
 */
import * as HttpApiEndpoint from "@effect/platform/HttpApiEndpoint"
import * as HttpApiGroup from "@effect/platform/HttpApiGroup"
import * as OpenApi from "@effect/platform/OpenApi"
import * as Schema from "effect/Schema"
import * as Problem from "./Problem.ts"

/**
 * The webhook was taken: it is stored for good, or was stored before.
 *
 * @since 0.1.0
 * @category models
 */
export const Received = Schema.Struct({ result: Schema.Literal("stored", "duplicate") }).annotations({
  identifier: "Received"
})

/**
 * The receiver's route. Its credential is the connection's secret, as the whole value of the Authorization header.
 *
 * @since 0.1.0
 * @category groups
 */
export class WebhooksApi extends HttpApiGroup.make("webhooks")
  .add(
    HttpApiEndpoint.post("receive", "/v1/webhooks/:connectionId")
      .setPath(Schema.Struct({ connectionId: Schema.String }))
      .setPayload(Schema.Unknown.annotations({ description: "any webhook of Postmark's" }))
      .addSuccess(Received)
      .addError(Schema.Union(Problem.BadRequest, Problem.Unauthorized, Problem.TooLarge, Problem.Unavailable))
      .annotate(OpenApi.Summary, "Receive a webhook from Postmark")
      .annotate(
        OpenApi.Description,
        "200 means that the event is durable. Postmark tries again after 503, and drops the event after 4xx."
      )
  )
  .annotate(OpenApi.Title, "Webhooks")
{}
