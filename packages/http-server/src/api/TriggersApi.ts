/**
 * Trigger subscriptions, and the secret that Postmark's webhooks must carry.
 *
 * @since 0.1.0
 */
import { RelayTarget } from "@effect-postmark/core/RelayTarget"
import { Subscription } from "@effect-postmark/core/SubscriptionStore"
import * as HttpApiEndpoint from "@effect/platform/HttpApiEndpoint"
import * as HttpApiGroup from "@effect/platform/HttpApiGroup"
import * as OpenApi from "@effect/platform/OpenApi"
import * as Schema from "effect/Schema"
import { Access } from "./Access.ts"
import { Authorization } from "./Authorization.ts"
import { ConnectionPath } from "./ConnectionsApi.ts"
import * as Problem from "./Problem.ts"
import { Provision, Provisioned } from "./ProvisioningApi.ts"

/**
 * The trigger to subscribe, and the secret. If a connection's first subscription has no secret, the server generates one.
 * `relay` also relays the trigger's events to a URL. `provision` also creates or repairs the webhook in Postmark; `{}` means
 * the defaults.
 *
 * @since 0.1.0
 * @category models
 */
export const Subscribe = Schema.Struct({
  trigger: Schema.String.annotations({
    description: "a trigger's id or name, such as postmark/email-bounced; GET /v1/triggers lists them"
  }),
  secret: Schema.optional(
    Schema.Redacted(Schema.String.annotations({
      description: "the full value of the Authorization header of Postmark's webhooks"
    }))
  ),
  rotate: Schema.optional(
    Schema.Boolean.annotations({ description: "starts a rotation: the connection accepts this secret and the old one" })
  ),
  relay: Schema.optional(
    Schema.Struct({ url: Schema.String.annotations({ description: "an http or https URL that receives the events" }) })
  ),
  provision: Schema.optional(Provision)
}).annotations({ identifier: "Subscribe" })

/**
 * A subscription, and what to enter in Postmark. Only this response contains `generatedSecret`, and the `secret` of a new
 * relay target. If the webhook could not be created in Postmark, `provisioningProblem` says why, and everything else is done.
 *
 * @since 0.1.0
 * @category models
 */
export const Subscribed = Schema.Struct({
  subscription: Subscription,
  receiverUrl: Schema.NullOr(Schema.String),
  note: Schema.optional(Schema.String),
  generatedSecret: Schema.optional(Schema.String),
  rotating: Schema.Boolean,
  warnings: Schema.Array(Schema.String).annotations({ description: "why events may never arrive" }),
  relayTarget: Schema.optional(Schema.Struct({
    target: RelayTarget,
    secret: Schema.optional(
      Schema.String.annotations({ description: "verifies the webhook-signature header; only for a new target" })
    )
  })),
  provisioning: Schema.optional(Provisioned),
  provisioningProblem: Schema.optional(Problem.Problem)
}).annotations({ identifier: "Subscribed" })

/**
 * A connection's subscriptions, oldest first.
 *
 * @since 0.1.0
 * @category models
 */
export const SubscriptionList = Schema.Struct({
  subscriptions: Schema.Array(Subscription),
  receiverUrl: Schema.NullOr(Schema.String)
}).annotations({ identifier: "SubscriptionList" })

/**
 * A trigger that can be subscribed. `event` is the JSON Schema of its events.
 *
 * @since 0.1.0
 * @category models
 */
export const TriggerDefinition = Schema.Struct({
  id: Schema.String,
  name: Schema.String,
  title: Schema.String,
  description: Schema.String,
  recordType: Schema.String.annotations({ description: "the RecordType of Postmark's webhooks that fire it" }),
  event: Schema.Unknown.annotations({ description: "the JSON Schema of its events" })
}).annotations({ identifier: "TriggerDefinition" })

/**
 * All triggers of the server.
 *
 * @since 0.1.0
 * @category models
 */
export const TriggerList = Schema.Struct({ triggers: Schema.Array(TriggerDefinition) }).annotations({
  identifier: "TriggerList"
})

/**
 * The routes of triggers.
 *
 * @since 0.1.0
 * @category groups
 */
export class TriggersApi extends HttpApiGroup.make("triggers")
  .add(
    HttpApiEndpoint.get("definitions", "/v1/triggers")
      .annotate(Access, "read")
      .addSuccess(TriggerList)
      .annotate(OpenApi.Summary, "List the triggers")
      .annotate(OpenApi.Description, "Lists each trigger with its description and the JSON Schema of its events.")
  )
  .add(
    HttpApiEndpoint.post("subscribe", "/v1/connections/:id/triggers")
      .annotate(Access, "manage")
      .setPath(ConnectionPath)
      .setPayload(Subscribe)
      .addSuccess(Subscribed, { status: 201 })
      .addError(
        Schema.Union(
          Problem.BadRequest,
          Problem.NotFound,
          Problem.Conflict,
          Problem.Gone,
          Problem.TooLarge,
          Problem.Invalid,
          Problem.Broken
        )
      )
      .annotate(OpenApi.Summary, "Subscribe a trigger")
      .annotate(
        OpenApi.Description,
        "Enter receiverUrl in Postmark as a webhook, and the secret as its Authorization header, or let the server do it " +
          "with `provision`. The call can be repeated: it never makes a second subscription, target or webhook."
      )
  )
  .add(
    HttpApiEndpoint.get("list", "/v1/connections/:id/triggers")
      .annotate(Access, "read")
      .setPath(ConnectionPath)
      .addSuccess(SubscriptionList)
      .addError(Problem.NotFound)
      .annotate(OpenApi.Summary, "List a connection's subscriptions")
  )
  .add(
    HttpApiEndpoint.post("finishRotation", "/v1/connections/:id/triggers/finish-rotation")
      .annotate(Access, "manage")
      .setPath(ConnectionPath)
      .addSuccess(Schema.Void)
      .addError(Problem.NotFound)
      .annotate(OpenApi.Summary, "Finish the rotation: only the newer secret stays valid")
  )
  .add(
    HttpApiEndpoint.del("unsubscribe", "/v1/connections/:id/triggers/:subscriptionId")
      .annotate(Access, "manage")
      .setPath(Schema.Struct({ ...ConnectionPath.fields, subscriptionId: Schema.String }))
      .addSuccess(Schema.Void)
      .addError(Problem.NotFound)
      .annotate(OpenApi.Summary, "Delete a subscription")
  )
  .annotate(OpenApi.Title, "Triggers").annotate(
    OpenApi.Description,
    "Subscriptions to kinds of events, and the secret of Postmark's webhooks."
  )
  .middleware(Authorization)
{}
