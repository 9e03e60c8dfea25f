/**
 * The event log, in pages.
 *
 * @since 0.1.0
 */
import { EventSource } from "@effect-postmark/core/EventKeys"
import { EventStatus } from "@effect-postmark/core/EventLog"
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
 * An event of the log. `event` is the trigger's typed event, or null if the webhook was not decoded. `raw` is the
 * webhook's body as it came, with every digit; a body that nests deeper than 64 levels is a string.
 *
 * @since 0.1.0
 * @category models
 */
export const Event = Schema.Struct({
  sequence: Schema.Int,
  connectionId: ConnectionId,
  receivedAt: Schema.String,
  trigger: Schema.NullOr(Schema.String),
  status: EventStatus,
  source: EventSource.annotations({
    description: "live: from a webhook; backfill: from Postmark's API, because its webhook was missed"
  }),
  possiblyDuplicate: Schema.Boolean.annotations({
    description: "true if it may be a copy of another event with the same natural key"
  }),
  recordType: Schema.NullOr(Schema.String),
  event: Schema.NullOr(Schema.Unknown),
  raw: Schema.Unknown.annotations({
    description: "the webhook's body; a string if it nests deeper than 64 levels"
  })
}).annotations({ identifier: "Event" })

/**
 * A page of events, oldest first. `nextCursor` is where the next page begins, even if it is still empty.
 *
 * @since 0.1.0
 * @category models
 */
export const EventPage = Schema.Struct({ events: Schema.Array(Event), nextCursor: Schema.String }).annotations({
  identifier: "EventPage"
})

/**
 * The route of events.
 *
 * @since 0.1.0
 * @category groups
 */
export class EventsApi extends HttpApiGroup.make("events")
  .add(
    HttpApiEndpoint.get("list", "/v1/events")
      .annotate(Access, "read")
      .setUrlParams(Schema.Struct({
        after: parameter({ type: "string", description: "the nextCursor of the previous page" }),
        limit: parameter({
          type: "integer",
          minimum: 1,
          maximum: 500,
          default: 100,
          description: "the maximum number of events"
        }),
        connection: parameter({ type: "string", description: "only this connection's events" }),
        trigger: parameter({
          type: "string",
          description: "only this trigger's events, such as postmark/email-bounced"
        })
      }))
      .addSuccess(EventPage)
      .addError(Schema.Union(Problem.NotFound, Problem.Invalid))
      .annotate(OpenApi.Summary, "Read the event log")
  )
  .annotate(OpenApi.Title, "Events").annotate(OpenApi.Description, "The log of all events.")
  .middleware(Authorization)
{}
