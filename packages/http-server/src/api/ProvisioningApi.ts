/**
 * The webhooks of a connection in Postmark.
 *
 * @since 0.1.0
 */
import * as HttpApiEndpoint from "@effect/platform/HttpApiEndpoint"
import * as HttpApiGroup from "@effect/platform/HttpApiGroup"
import * as OpenApi from "@effect/platform/OpenApi"
import * as Schema from "effect/Schema"
import { Access } from "./Access.ts"
import { Authorization } from "./Authorization.ts"
import { ConnectionPath } from "./ConnectionsApi.ts"
import * as Problem from "./Problem.ts"

/**
 * What to provision. `messageStreams` is by default `outbound`. `verify`, by default true, lets Postmark test the receiver;
 * without it a new webhook gets no events until it is verified. `openTracking` turns open tracking on for the server.
 *
 * @since 0.1.0
 * @category models
 */
export const Provision = Schema.Struct({
  messageStreams: Schema.optional(
    Schema.Array(Schema.String.pipe(Schema.minLength(1), Schema.maxLength(100))).pipe(
      Schema.minItems(1),
      Schema.maxItems(20)
    )
  ),
  verify: Schema.optional(Schema.Boolean),
  openTracking: Schema.optional(
    Schema.Boolean.annotations({ description: "turns open tracking on for the Postmark server; never off" })
  )
}).annotations({ identifier: "Provision" })

/**
 * What became of the webhook of one message stream. `changes` names the settings that were repaired, without their values.
 *
 * @since 0.1.0
 * @category models
 */
export const ProvisionedStream = Schema.Struct({
  messageStream: Schema.String,
  webhookId: Schema.NullOr(Schema.Int),
  action: Schema.Literal("created", "repaired", "replaced", "unchanged", "failed"),
  changes: Schema.Array(Schema.String),
  verification: Schema.NullOr(Schema.Struct({
    success: Schema.Boolean,
    failed: Schema.Array(Schema.Struct({ trigger: Schema.String, status: Schema.NullOr(Schema.Int) }))
  })).annotations({
    description: "the result of Postmark's own test, with the triggers whose probe was not answered 200"
  }),
  failure: Schema.NullOr(Schema.Struct({ tag: Schema.String, message: Schema.String }))
}).annotations({ identifier: "ProvisionedStream" })

/**
 * The webhooks after provisioning. `isComplete` is false when a step failed: repeat the call. `notes` say what is left to do
 * by hand.
 *
 * @since 0.1.0
 * @category models
 */
export const Provisioned = Schema.Struct({
  receiverUrl: Schema.String,
  streams: Schema.Array(ProvisionedStream),
  openTracking: Schema.Literal("on", "off", "turnedOn", "failed"),
  isComplete: Schema.Boolean,
  notes: Schema.Array(Schema.String)
}).annotations({ identifier: "Provisioned" })

/**
 * The webhooks as Postmark has them. `paused`: Postmark posts no events of some trigger, because its probe or its posts
 * failed. `differences` names what is not as it should be.
 *
 * @since 0.1.0
 * @category models
 */
export const ProvisioningState = Schema.Struct({
  streams: Schema.Array(Schema.Struct({
    messageStream: Schema.String,
    webhookId: Schema.NullOr(Schema.Int),
    state: Schema.Literal("ok", "missing", "edited", "paused"),
    differences: Schema.Array(Schema.String)
  }))
}).annotations({ identifier: "ProvisioningState" })

/**
 * The next secret. If it is left out, the server generates one.
 *
 * @since 0.1.0
 * @category models
 */
export const RotateWebhookSecret = Schema.Struct({
  secret: Schema.optional(
    Schema.Redacted(Schema.String.annotations({
      description: "the full value of the Authorization header of Postmark's webhooks"
    }))
  )
}).annotations({ identifier: "RotateWebhookSecret" })

/**
 * A rotation. The receiver accepts both secrets until the rotation is finished, which is possible from `finishAt` on if
 * `isComplete`. Only this response contains `generatedSecret`.
 *
 * @since 0.1.0
 * @category models
 */
export const RotatedWebhookSecret = Schema.Struct({
  generatedSecret: Schema.optional(Schema.String),
  streams: Schema.Array(ProvisionedStream),
  isComplete: Schema.Boolean,
  finishAt: Schema.String
}).annotations({ identifier: "RotatedWebhookSecret" })

const base = "/v1/connections/:id/provisioning"

/**
 * The routes of provisioning.
 *
 * @since 0.1.0
 * @category groups
 */
export class ProvisioningApi extends HttpApiGroup.make("provisioning")
  .add(
    HttpApiEndpoint.post("provision", base)
      .annotate(Access, "manage")
      .setPath(ConnectionPath)
      .setPayload(Provision)
      .addSuccess(Provisioned)
      .addError(Problem.ReadProblems)
      .addError(
        Schema.Union(
          Problem.BadRequest,
          Problem.NotFound,
          Problem.Conflict,
          Problem.Gone,
          Problem.TooLarge,
          Problem.Broken
        )
      )
      .annotate(OpenApi.Summary, "Create or repair the connection's webhooks in Postmark")
      .annotate(
        OpenApi.Description,
        "The webhooks have the receiver's URL and secret, and the triggers that the connection is subscribed to. Other " +
          "webhooks are left alone. Repeat the call after a change of the subscriptions."
      )
  )
  .add(
    HttpApiEndpoint.get("check", base)
      .annotate(Access, "read")
      .setPath(ConnectionPath)
      .addSuccess(ProvisioningState)
      .addError(Problem.ReadProblems)
      .addError(Schema.Union(Problem.NotFound, Problem.Conflict, Problem.Gone, Problem.Broken))
      .annotate(OpenApi.Summary, "Compare the webhooks in Postmark with what they should be")
      .annotate(OpenApi.Description, "The server also does this each hour, and logs what is not as it should be.")
  )
  .add(
    HttpApiEndpoint.post("rotateSecret", `${base}/rotate-secret`)
      .annotate(Access, "manage")
      .setPath(ConnectionPath)
      .setPayload(RotateWebhookSecret)
      .addSuccess(RotatedWebhookSecret)
      .addError(Problem.ReadProblems)
      .addError(
        Schema.Union(
          Problem.BadRequest,
          Problem.NotFound,
          Problem.Conflict,
          Problem.Gone,
          Problem.TooLarge,
          Problem.Broken
        )
      )
      .annotate(OpenApi.Summary, "Replace the secret of the webhooks, here and in Postmark")
      .annotate(
        OpenApi.Description,
        "The receiver accepts the new secret before Postmark gets it, and the old one until the rotation is finished. " +
          "Repeat the call if a step failed."
      )
  )
  .add(
    HttpApiEndpoint.post("finishRotation", `${base}/finish-rotation`)
      .annotate(Access, "manage")
      .setPath(ConnectionPath)
      .addSuccess(Schema.Void)
      .addError(Problem.ReadProblems)
      .addError(Schema.Union(Problem.NotFound, Problem.Conflict, Problem.Gone, Problem.Broken))
      .annotate(OpenApi.Summary, "Finish the rotation once Postmark no longer uses the old secret")
      .annotate(OpenApi.Description, "The server does this by itself too, within an hour after `finishAt`.")
  )
  .annotate(OpenApi.Title, "Provisioning")
  .middleware(Authorization)
{}
