/**
 * Relay targets: the URLs that receive a connection's events, their deliveries and dead letters.
 *
 * @since 0.1.0
 */
import { Attempt, Delivery, DeliveryState } from "@effect-postmark/core/DeliveryStore"
import { RelayTarget } from "@effect-postmark/core/RelayTarget"
import * as HttpApiEndpoint from "@effect/platform/HttpApiEndpoint"
import * as HttpApiGroup from "@effect/platform/HttpApiGroup"
import * as OpenApi from "@effect/platform/OpenApi"
import * as Schema from "effect/Schema"
import { Access } from "./Access.ts"
import { Authorization } from "./Authorization.ts"
import { ConnectionPath } from "./ConnectionsApi.ts"
import { parameter } from "./parameter.ts"
import * as Problem from "./Problem.ts"
import { Repeat } from "./Repeat.ts"
import { Time } from "./time.ts"

/**
 * The path parameters of a target.
 *
 * @since 0.1.0
 * @category models
 */
export const TargetPath = Schema.Struct({ ...ConnectionPath.fields, targetId: Schema.String })

/**
 * The path parameters of a delivery. `sequence` is the event's number in the event log.
 *
 * @since 0.1.0
 * @category models
 */
export const DeliveryPath = Schema.Struct({
  ...TargetPath.fields,
  // Anything else than a number is NaN, which the handler rejects with a problem.
  sequence: Schema.transform(Schema.String, Schema.Number, { strict: true, decode: Number, encode: String })
    .annotations({ jsonSchema: { type: "integer" } })
})

/**
 * @since 0.1.0
 * @category models
 */
export const CreateRelayTarget = Schema.Struct({
  trigger: Schema.String.annotations({
    description: "a trigger's id or name, such as postmark/email-bounced; GET /v1/triggers lists them"
  }),
  url: Schema.String.annotations({ description: "an http or https URL that receives the events" })
}).annotations({ identifier: "CreateRelayTarget" })

/**
 * What to change: the URL, or whether the target is active. A disabled target's new events are held.
 *
 * @since 0.1.0
 * @category models
 */
export const ChangeRelayTarget = Schema.Struct({
  url: Schema.optional(Schema.String),
  state: Schema.optional(Schema.Literal("active", "disabled"))
}).annotations({ identifier: "ChangeRelayTarget" })

/**
 * A target with its signing secret. No other response contains the secret.
 *
 * @since 0.1.0
 * @category models
 */
export const RelayTargetWithSecret = Schema.Struct({
  target: RelayTarget,
  secret: Schema.String.annotations({ description: "verifies the webhook-signature header; shown only once" })
}).annotations({ identifier: "RelayTargetWithSecret" })

/**
 * A connection's targets, oldest first.
 *
 * @since 0.1.0
 * @category models
 */
export const RelayTargetList = Schema.Struct({ targets: Schema.Array(RelayTarget) }).annotations({
  identifier: "RelayTargetList"
})

/**
 * What became of a test event. `status` is null if no response came; `failure` is null on success.
 *
 * @since 0.1.0
 * @category models
 */
export const RelayTestResult = Schema.Struct({
  status: Attempt.fields.status,
  failure: Attempt.fields.failure,
  durationMs: Attempt.fields.durationMs,
  response: Attempt.fields.response
}).annotations({ identifier: "RelayTestResult" })

/**
 * A page of deliveries by sequence number. `nextAfter` is the `after` of the next page, or null on the last page.
 *
 * @since 0.1.0
 * @category models
 */
export const RelayDeliveryPage = Schema.Struct({
  deliveries: Schema.Array(Delivery),
  nextAfter: Schema.NullOr(Schema.Int)
}).annotations({ identifier: "RelayDeliveryPage" })

/**
 * A delivery's attempts, oldest first; the newest 100.
 *
 * @since 0.1.0
 * @category models
 */
export const RelayAttemptList = Schema.Struct({ attempts: Schema.Array(Attempt) }).annotations({
  identifier: "RelayAttemptList"
})

/**
 * Which deliveries to replay: these sequence numbers, or those received in a range of time (`from` up to but not including
 * `to`), or all. `states` is by default `dead` and `held`. `dryRun` only counts them.
 *
 * @since 0.1.0
 * @category models
 */
export const ReplayDeliveries = Schema.Struct({
  sequences: Schema.optional(Schema.Array(Schema.Int).pipe(Schema.maxItems(1_000))),
  from: Schema.optional(Time),
  to: Schema.optional(Time),
  states: Schema.optional(Schema.Array(DeliveryState)),
  dryRun: Schema.optional(Schema.Boolean)
}).annotations({ identifier: "ReplayDeliveries" })

/**
 * @since 0.1.0
 * @category models
 */
export const Replayed = Schema.Struct({
  replayed: Schema.Int,
  wouldReplay: Schema.optional(
    Schema.Int.annotations({ description: "only with dryRun: how many would be relayed again" })
  )
}).annotations({ identifier: "Replayed" })

/**
 * A page of the dead letters of all targets of a connection. `nextCursor` is the `after` of the next page, or null on the last
 * page.
 *
 * @since 0.1.0
 * @category models
 */
export const RelayDeadLetterPage = Schema.Struct({
  deadLetters: Schema.Array(Schema.Struct({ ...Delivery.fields, target: RelayTarget })),
  nextCursor: Schema.NullOr(Schema.String)
}).annotations({ identifier: "RelayDeadLetterPage" })

const base = "/v1/connections/:id/relay-targets"

/**
 * The routes of relay targets.
 *
 * @since 0.1.0
 * @category groups
 */
export class RelayTargetsApi extends HttpApiGroup.make("relayTargets")
  .add(
    HttpApiEndpoint.post("create", base)
      .annotate(Access, "manage")
      .setPath(ConnectionPath)
      .setPayload(CreateRelayTarget)
      .addSuccess(RelayTargetWithSecret, { status: 201 })
      .addError(
        Schema.Union(Problem.BadRequest, Problem.NotFound, Problem.Conflict, Problem.TooLarge, Problem.Invalid)
      )
      .annotate(OpenApi.Summary, "Relay a trigger's events to a URL")
      .annotate(
        OpenApi.Description,
        "The server posts each event that it stores from now on, signed as Standard Webhooks describes, and retries for " +
          "three days. The connection needs a subscription to the trigger too."
      )
  )
  .add(
    HttpApiEndpoint.get("list", base)
      .annotate(Access, "read")
      .setPath(ConnectionPath)
      .addSuccess(RelayTargetList)
      .addError(Problem.NotFound)
      .annotate(OpenApi.Summary, "List a connection's relay targets")
  )
  .add(
    HttpApiEndpoint.get("get", `${base}/:targetId`)
      .annotate(Access, "read")
      .setPath(TargetPath)
      .addSuccess(RelayTarget)
      .addError(Problem.NotFound)
      .annotate(OpenApi.Summary, "Get a relay target")
  )
  .add(
    HttpApiEndpoint.patch("change", `${base}/:targetId`)
      .annotate(Access, "manage")
      .annotate(Repeat, "again")
      .setPath(TargetPath)
      .setPayload(ChangeRelayTarget)
      .addSuccess(RelayTarget)
      .addError(
        Schema.Union(Problem.BadRequest, Problem.NotFound, Problem.Conflict, Problem.TooLarge, Problem.Invalid)
      )
      .annotate(OpenApi.Summary, "Change a relay target's URL, or enable or disable it")
  )
  .add(
    HttpApiEndpoint.del("remove", `${base}/:targetId`)
      .annotate(Access, "manage")
      .setPath(TargetPath)
      .addSuccess(Schema.Void)
      .addError(Problem.NotFound)
      .annotate(OpenApi.Summary, "Delete a relay target with its deliveries")
  )
  .add(
    HttpApiEndpoint.post("rotateSecret", `${base}/:targetId/rotate-secret`)
      .annotate(Access, "manage")
      .setPath(TargetPath)
      .addSuccess(RelayTargetWithSecret)
      .addError(Schema.Union(Problem.NotFound, Problem.Conflict))
      .annotate(OpenApi.Summary, "Give a relay target a new secret")
      .annotate(
        OpenApi.Description,
        "Until the rotation is finished, the server signs with the new secret and the old one."
      )
  )
  .add(
    HttpApiEndpoint.post("finishRotation", `${base}/:targetId/finish-rotation`)
      .annotate(Access, "manage")
      .setPath(TargetPath)
      .addSuccess(Schema.Void)
      .addError(Schema.Union(Problem.NotFound, Problem.Conflict))
      .annotate(OpenApi.Summary, "Finish the rotation: only the newer secret signs")
  )
  .add(
    HttpApiEndpoint.post("test", `${base}/:targetId/test`)
      .annotate(Access, "manage")
      .annotate(Repeat, "again")
      .setPath(TargetPath)
      .addSuccess(RelayTestResult)
      .addError(Schema.Union(Problem.NotFound, Problem.Broken))
      .annotate(OpenApi.Summary, "Send a test event to a relay target")
  )
  .add(
    HttpApiEndpoint.get("deliveries", `${base}/:targetId/deliveries`)
      .annotate(Access, "read")
      .setPath(TargetPath)
      .setUrlParams(Schema.Struct({
        state: parameter({
          type: "string",
          enum: ["pending", "delivered", "dead", "held"],
          default: "dead",
          description: "only deliveries in this state"
        }),
        after: parameter({ type: "integer", description: "the nextAfter of the previous page" }),
        limit: parameter({
          type: "integer",
          minimum: 1,
          maximum: 100,
          default: 100,
          description: "the maximum number of deliveries"
        })
      }))
      .addSuccess(RelayDeliveryPage)
      .addError(Schema.Union(Problem.NotFound, Problem.Invalid))
      .annotate(OpenApi.Summary, "List a relay target's deliveries, by default the dead letters")
  )
  .add(
    HttpApiEndpoint.get("attempts", `${base}/:targetId/deliveries/:sequence/attempts`)
      .annotate(Access, "read")
      .setPath(DeliveryPath)
      .addSuccess(RelayAttemptList)
      .addError(Schema.Union(Problem.NotFound, Problem.Invalid))
      .annotate(OpenApi.Summary, "List the attempts of a delivery")
  )
  .add(
    HttpApiEndpoint.post("replay", `${base}/:targetId/replay`)
      .annotate(Access, "manage")
      .setPath(TargetPath)
      .setPayload(ReplayDeliveries)
      .addSuccess(Replayed)
      .addError(Schema.Union(Problem.BadRequest, Problem.NotFound, Problem.TooLarge, Problem.Invalid))
      .annotate(OpenApi.Summary, "Relay events again, by default the dead letters and the held ones")
      .annotate(OpenApi.Description, "Each event keeps its webhook-id.")
  )
  .add(
    HttpApiEndpoint.get("deadLetters", "/v1/connections/:id/dead-letters")
      .annotate(Access, "read")
      .setPath(ConnectionPath)
      .setUrlParams(Schema.Struct({
        after: parameter({ type: "string", description: "the nextCursor of the previous page" }),
        limit: parameter({
          type: "integer",
          minimum: 1,
          maximum: 100,
          default: 100,
          description: "the maximum number of dead letters"
        })
      }))
      .addSuccess(RelayDeadLetterPage)
      .addError(Schema.Union(Problem.NotFound, Problem.Invalid))
      .annotate(OpenApi.Summary, "List the dead letters of all relay targets of a connection")
  )
  .annotate(OpenApi.Title, "Relay targets").annotate(
    OpenApi.Description,
    "URLs that events are posted to, signed and with retries."
  )
  .middleware(Authorization)
{}
