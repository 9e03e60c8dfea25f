/**
 * The control API of a double's server: the payload and the response of each route under `/_double`. The handlers are in
 * `internal/control/controlHandlers.ts`.
 *
 * @since 0.1.0
 */
import * as HttpApi from "@effect/platform/HttpApi"
import * as HttpApiEndpoint from "@effect/platform/HttpApiEndpoint"
import * as HttpApiError from "@effect/platform/HttpApiError"
import * as HttpApiGroup from "@effect/platform/HttpApiGroup"
import * as HttpApiMiddleware from "@effect/platform/HttpApiMiddleware"
import * as HttpApiSchema from "@effect/platform/HttpApiSchema"
import * as OpenApi from "@effect/platform/OpenApi"
import * as Schema from "effect/Schema"
import * as Control from "./Control.ts"
import * as Fault from "./Fault.ts"
import * as InboundMail from "./InboundMail.ts"
import { optional, text } from "./internal/http/optional.ts"
import { bounceTypeNames } from "./internal/state/bounceTypes.ts"
import * as PostmarkServer from "./PostmarkServer.ts"
import * as Reader from "./Reader.ts"
import * as Scenario from "./Scenario.ts"
import * as Script from "./Script.ts"
import { SentMessage } from "./SentMessage.ts"
import { WebhookAttempt } from "./WebhookAttempt.ts"

/**
 * The error (415) of a POST without the content type `application/json`. A browser page cannot send that type to another
 * origin without a preflight request.
 *
 * @since 0.1.0
 * @category errors
 */
export class NotJson extends Schema.TaggedError<NotJson>("@effect-postmark/test-double/NotJson")(
  "NotJson",
  { message: Schema.String },
  HttpApiSchema.annotations({ status: 415, description: "The Content-Type of a POST must be application/json" })
) {}

/**
 * Rejects a POST that is not JSON, before its body is read.
 *
 * @since 0.1.0
 * @category middleware
 */
export class JsonBody extends HttpApiMiddleware.Tag<JsonBody>()("@effect-postmark/test-double/JsonBody", {
  failure: Schema.Union(NotJson, HttpApiError.HttpApiDecodeError)
}) {}

const reader = optional(Reader.Choice)
const done = Schema.Struct({}).annotations({ description: "It is done." })
const Email = Schema.Struct({ email: Schema.String })
const Target = Schema.Struct({ messageId: Schema.String, recipient: Schema.String })

const BounceTarget = Schema.Struct({
  ...Target.fields,
  type: optional(Schema.Literal(...bounceTypeNames)),
  details: text
})

const ClickTarget = Schema.Struct({
  ...Target.fields,
  link: text,
  location: optional(Schema.Literal("HTML", "Text")),
  reader
})

const Suppression = Schema.Struct({ ...PostmarkServer.Suppression.fields, token: text })

const refusal = { status: 409 } as const

const century = 36_525 * 24 * 3_600_000

const Advance = Schema.Struct({
  by: Script.Time.pipe(Schema.lessThanOrEqualTo(century, { message: () => "by is at most 100 years (36525 days)" }))
})

/**
 * Every route, named as in `Control`. Routes that take a server token use the first server if it is omitted.
 *
 * @since 0.1.0
 * @category groups
 */
export const group = HttpApiGroup.make("control", { topLevel: true })
  .add(
    HttpApiEndpoint.get("sent", "/messages")
      .addSuccess(Schema.Struct({ messages: Schema.Array(SentMessage) }))
      .annotate(OpenApi.Description, "Accepted messages of all servers, oldest first, with what happened to each")
  )
  .add(
    HttpApiEndpoint.get("requests", "/requests")
      .addSuccess(Schema.Struct({ requests: Schema.Array(Control.RequestLog) }))
      .annotate(OpenApi.Description, "Requests that came in, and their statuses")
  )
  .add(
    HttpApiEndpoint.get("webhookAttempts", "/webhook-attempts")
      .addSuccess(Schema.Struct({ attempts: Schema.Array(WebhookAttempt) }))
      .annotate(OpenApi.Description, "Every attempt to post a webhook, without secrets")
  )
  .add(
    HttpApiEndpoint.get("servers", "/servers")
      .addSuccess(Schema.Struct({ servers: Schema.Array(Control.ServerHandle) }))
      .annotate(OpenApi.Description, "The servers, with their tokens")
  )
  .add(
    HttpApiEndpoint.post("addServer", "/servers").setPayload(PostmarkServer.Settings)
      .addSuccess(Control.ServerHandle).addError(Control.ControlError, refusal)
      .annotate(OpenApi.Description, "Adds a server, which has its own token and shares nothing")
  )
  .add(
    HttpApiEndpoint.post("addTemplate", "/templates")
      .setPayload(Schema.Struct({ ...PostmarkServer.Template.fields, token: text }))
      .addSuccess(Schema.Struct({ id: Schema.Number })).addError(Control.ControlError, refusal)
      .annotate(OpenApi.Description, "Adds a template or a layout to a server")
  )
  .add(
    HttpApiEndpoint.post("deliver", "/deliver").setPayload(Target)
      .addSuccess(done).addError(Control.ControlError, refusal)
      .annotate(OpenApi.Description, "Delivers a message to one of its recipients")
  )
  .add(
    HttpApiEndpoint.post("bounce", "/bounce").setPayload(BounceTarget)
      .addSuccess(done).addError(Control.ControlError, refusal)
      .annotate(OpenApi.Description, "Bounces a message at a recipient, with HardBounce if no type is given")
  )
  .add(
    HttpApiEndpoint.post("open", "/open").setPayload(Schema.Struct({ ...Target.fields, reader }))
      .addSuccess(done).addError(Control.ControlError, refusal)
      .annotate(OpenApi.Description, "Opens a message, which needs open tracking and an HTML body")
  )
  .add(
    HttpApiEndpoint.post("click", "/click").setPayload(ClickTarget)
      .addSuccess(done).addError(Control.ControlError, refusal)
      .annotate(OpenApi.Description, "Follows a tracked link of a message: the first one if none is named")
  )
  .add(
    HttpApiEndpoint.post("receiveInbound", "/inbound")
      .setPayload(Schema.Struct({ ...InboundMail.InboundMail.fields, token: text }))
      .addSuccess(Schema.Struct({ messageId: Schema.String })).addError(Control.ControlError, refusal)
      .annotate(OpenApi.Description, "Delivers a message to a server's inbound stream")
  )
  .add(
    HttpApiEndpoint.post("confirmSender", "/confirm-sender").setPayload(Email)
      .addSuccess(done).addError(Control.ControlError, refusal)
      .annotate(OpenApi.Description, "Follows the link in the confirmation email of a sender signature")
  )
  .add(
    HttpApiEndpoint.post("spamComplaint", "/spam-complaint").setPayload(Target)
      .addSuccess(done).addError(Control.ControlError, refusal)
      .annotate(OpenApi.Description, "Lets a recipient complain about a message")
  )
  .add(
    HttpApiEndpoint.post("unsubscribe", "/unsubscribe").setPayload(Target)
      .addSuccess(done).addError(Control.ControlError, refusal)
      .annotate(OpenApi.Description, "Lets a recipient of a broadcast follow Postmark's unsubscribe link")
  )
  .add(
    HttpApiEndpoint.post("suppress", "/suppress").setPayload(Suppression)
      .addSuccess(done).addError(Control.ControlError, refusal)
      .annotate(OpenApi.Description, "Puts an address on the suppression list of a stream")
  )
  .add(
    HttpApiEndpoint.post("injectFault", "/faults").setPayload(Fault.Rule)
      .addSuccess(done)
      .annotate(OpenApi.Description, "Injects a fault between the clients and the double")
  )
  .add(
    HttpApiEndpoint.del("clearFaults", "/faults")
      .addSuccess(done)
      .annotate(OpenApi.Description, "Removes all faults")
  )
  .add(
    HttpApiEndpoint.post("addScript", "/scripts").setPayload(Script.Script)
      .addSuccess(done)
      .annotate(OpenApi.Description, "Decides what happens to messages sent from now on, by recipient or by rule")
  )
  .add(
    HttpApiEndpoint.del("clearScripts", "/scripts")
      .addSuccess(done)
      .annotate(OpenApi.Description, "Removes all scripts; steps in progress continue")
  )
  .add(
    HttpApiEndpoint.get("skippedSteps", "/skipped-steps")
      .addSuccess(Schema.Struct({ steps: Schema.Array(Script.SkippedStep) }))
      .annotate(OpenApi.Description, "Steps of scripts that Postmark could not reach, with the reason")
  )
  .add(
    HttpApiEndpoint.get("clock", "/clock")
      .addSuccess(Control.ClockState)
      .annotate(OpenApi.Description, "The double's time, and whether its clock is paused")
  )
  .add(
    HttpApiEndpoint.post("pause", "/pause")
      .addSuccess(Control.ClockState)
      .annotate(OpenApi.Description, "Stops the clock")
  )
  .add(
    HttpApiEndpoint.post("resume", "/resume")
      .addSuccess(Control.ClockState)
      .annotate(OpenApi.Description, "Resumes the clock from its current time")
  )
  .add(
    HttpApiEndpoint.post("advance", "/advance").setPayload(Advance)
      .addSuccess(Control.ClockState)
      .annotate(OpenApi.Description, "Advances the clock, and does in order everything that falls due on the way")
  )
  .add(
    HttpApiEndpoint.post("snapshot", "/snapshots")
      .addSuccess(Schema.Struct({ id: Schema.Number, messages: Schema.Number }))
      .annotate(OpenApi.Description, "Saves the whole state once nothing is in progress, and returns its id")
  )
  .add(
    HttpApiEndpoint.post("restore", "/restore").setPayload(Schema.Struct({ id: Schema.Number }))
      .addSuccess(done).addError(Control.ControlError, refusal)
      .annotate(OpenApi.Description, "Returns to a snapshot")
  )
  .add(
    HttpApiEndpoint.post("load", "/scenario").setPayload(Scenario.Scenario)
      .addSuccess(done).addError(Control.ControlError, refusal)
      .annotate(OpenApi.Description, "Restarts the double with a scenario")
  )
  .add(
    HttpApiEndpoint.post("settled", "/settled")
      .addSuccess(done)
      .annotate(OpenApi.Description, "Responds when no delivery or webhook call is due at this moment")
  )
  .add(
    HttpApiEndpoint.post("reset", "/reset")
      .addSuccess(done)
      .annotate(OpenApi.Description, "Returns to the start, without messages, faults and logs")
  )
  .middleware(JsonBody)
  .prefix("/_double")

/**
 * The control API. A server returns its OpenAPI document at `GET /_double/openapi.json`.
 *
 * @since 0.1.0
 * @category api
 */
export const ControlApi = HttpApi.make("control").add(group)
  .annotate(OpenApi.Title, "Control API of the Postmark double")
  .annotate(
    OpenApi.Description,
    "Directs a double in tests of any language. A command that cannot be done is rejected with 409."
  )
