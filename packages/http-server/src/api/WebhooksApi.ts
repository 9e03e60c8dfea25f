/**
 * The receiver of Postmark's webhooks.
 *
 * @since 0.1.0
 */
import * as HttpApiEndpoint from "@effect/platform/HttpApiEndpoint"
import * as HttpApiGroup from "@effect/platform/HttpApiGroup"
import * as OpenApi from "@effect/platform/OpenApi"
import * as Schema from "effect/Schema"
import * as Problem from "./Problem.ts"

/**
 * The webhook is stored durably (`stored`), or was stored before (`duplicate`).
 *
 * @since 0.1.0
 * @category models
 */
export const Received = Schema.Struct({ result: Schema.Literal("stored", "duplicate") }).annotations({
  identifier: "Received"
})

/**
 * The receiver's route. The whole value of the Authorization header must be the connection's secret.
 *
 * @since 0.1.0
 * @category groups
 */
export class WebhooksApi extends HttpApiGroup.make("webhooks")
  .add(
    HttpApiEndpoint.post("receive", "/v1/webhooks/:connectionId")
      .setPath(Schema.Struct({ connectionId: Schema.String }))
      .setPayload(Schema.Unknown.annotations({ description: "any Postmark webhook" }))
      .addSuccess(Received)
      .addError(
        Schema.Union(
          Problem.BadRequest,
          Problem.Unauthorized,
          Problem.TooLarge,
          Problem.RateLimited.annotations({ description: "Too many wrong secrets came from this address" }),
          Problem.Unavailable
        )
      )
      .annotate(OpenApi.Summary, "Receive a webhook from Postmark")
      .annotate(
        OpenApi.Description,
        "200 means that the event is stored durably. Postmark posts it again after 429 and 503, and drops it after other 4xx."
      )
  )
  .annotate(OpenApi.Title, "Webhooks").annotate(OpenApi.Description, "The receiver of Postmark's webhooks.")
{}
