/**
 * Handlers of triggers in the server's own program, and the events that they gave up.
 *
 * @since 0.1.0
 */
import { DeadLetter } from "@effect-postmark/automation/DeadLetter"
import { Subscription } from "@effect-postmark/core/SubscriberStore"
import * as HttpApiEndpoint from "@effect/platform/HttpApiEndpoint"
import * as HttpApiGroup from "@effect/platform/HttpApiGroup"
import * as OpenApi from "@effect/platform/OpenApi"
import * as Schema from "effect/Schema"
import { Access } from "./Access.ts"
import { Authorization } from "./Authorization.ts"
import { parameter } from "./parameter.ts"
import * as Problem from "./Problem.ts"
import { Time } from "./time.ts"

/**
 * How many events each subscriber has that are tried again or wait (`open`), and that were given up (`dead`).
 *
 * @since 0.1.0
 * @category models
 */
export const SubscriberList = Schema.Struct({
  subscribers: Schema.Array(Schema.Struct({ ...Subscription.fields, open: Schema.Int, dead: Schema.Int }))
}).annotations({ identifier: "SubscriberList" })

/**
 * A page of dead letters by sequence number. `nextAfter` is the `after` of the next page, or null on the last page.
 *
 * @since 0.1.0
 * @category models
 */
export const DeadLetterPage = Schema.Struct({
  deadLetters: Schema.Array(DeadLetter),
  nextAfter: Schema.NullOr(Schema.Int)
}).annotations({ identifier: "DeadLetterPage" })

/**
 * Which dead letters of a subscriber: these sequence numbers, or those received in a range of time (`from` up to but not
 * including `to`), or all. `dryRun` only counts them.
 *
 * @since 0.1.0
 * @category models
 */
export const ChooseDeadLetters = Schema.Struct({
  ...Subscription.fields,
  connections: Schema.optional(Schema.Array(Schema.String).pipe(Schema.minItems(1), Schema.maxItems(1_000))),
  sequences: Schema.optional(Schema.Array(Schema.Int).pipe(Schema.maxItems(1_000))),
  from: Schema.optional(Time),
  to: Schema.optional(Time),
  dryRun: Schema.optional(Schema.Boolean)
}).annotations({ identifier: "ChooseDeadLetters" })

/**
 * How many were replayed or discarded; with `dryRun`, how many would be.
 *
 * @since 0.1.0
 * @category models
 */
export const DeadLettersChanged = Schema.Struct({ count: Schema.Int, dryRun: Schema.Boolean }).annotations({
  identifier: "DeadLettersChanged"
})

const errors = Schema.Union(Problem.BadRequest, Problem.NotFound, Problem.TooLarge, Problem.Invalid)

/**
 * The routes of subscribers.
 *
 * @since 0.1.0
 * @category groups
 */
export class SubscribersApi extends HttpApiGroup.make("subscribers")
  .add(
    HttpApiEndpoint.get("list", "/v1/subscribers")
      .annotate(Access, "admin")
      .addSuccess(SubscriberList)
      .addError(Problem.Forbidden)
      .annotate(OpenApi.Summary, "List the subscribers that have open or dead events")
      .annotate(
        OpenApi.Description,
        "A subscriber is a handler in the server's own program, or in another one on the same database."
      )
  )
  .add(
    HttpApiEndpoint.get("deadLetters", "/v1/subscribers/dead-letters")
      .annotate(Access, "read")
      .setUrlParams(Schema.Struct({
        subscriber: parameter({ type: "string", description: "the subscriber's name" }),
        trigger: parameter({ type: "string", description: "the trigger's id, such as postmark/email-bounced" }),
        connection: parameter({ type: "string", description: "only events of this connection" }),
        after: parameter({ type: "integer", description: "the nextAfter of the previous page" }),
        limit: parameter({
          type: "integer",
          minimum: 1,
          maximum: 100,
          default: 100,
          description: "the maximum number of dead letters"
        })
      }))
      .addSuccess(DeadLetterPage)
      .addError(Schema.Union(Problem.NotFound, Problem.Invalid))
      .annotate(OpenApi.Summary, "List the events that a subscriber gave up")
  )
  .add(
    HttpApiEndpoint.post("replay", "/v1/subscribers/replay")
      .annotate(Access, "manage")
      .setPayload(ChooseDeadLetters)
      .addSuccess(DeadLettersChanged)
      .addError(errors)
      .annotate(OpenApi.Summary, "Hand dead letters to their subscriber again")
  )
  .add(
    HttpApiEndpoint.post("discard", "/v1/subscribers/discard")
      .annotate(Access, "manage")
      .setPayload(ChooseDeadLetters)
      .addSuccess(DeadLettersChanged)
      .addError(errors)
      .annotate(OpenApi.Summary, "Forget dead letters")
      .annotate(OpenApi.Description, "The events stay in the log.")
  )
  .annotate(OpenApi.Title, "Subscribers")
  .middleware(Authorization)
{}
