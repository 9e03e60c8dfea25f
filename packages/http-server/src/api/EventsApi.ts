/**
 * The event log: in pages, as a stream, and as an export.
 *
 * @since 0.1.0
 */
import { EventSource } from "@effect-postmark/core/EventKeys"
import { EventStatus } from "@effect-postmark/core/EventLog"
import { ConnectionId } from "@effect-postmark/core/Ids"
import * as HttpApiEndpoint from "@effect/platform/HttpApiEndpoint"
import * as HttpApiGroup from "@effect/platform/HttpApiGroup"
import * as HttpApiSchema from "@effect/platform/HttpApiSchema"
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
 * A page of events. `nextCursor` is where the next page begins, even if it is still empty. The last page of
 * `order=newest` is the empty one.
 *
 * @since 0.1.0
 * @category models
 */
export const EventPage = Schema.Struct({
  events: Schema.Array(Event),
  nextCursor: Schema.String.annotations({
    description: "pass it as `after` for the next page, with the same order",
    examples: ["MTo0MTI"]
  })
}).annotations({ identifier: "EventPage" })

/**
 * The media type of the stream.
 *
 * @since 0.1.0
 * @category constants
 */
export const serverSentEvents = "text/event-stream"

/**
 * The media type of an export.
 *
 * @since 0.1.0
 * @category constants
 */
export const jsonLines = "application/jsonl"

const time = (description: string) =>
  parameter({ type: "string", format: "date-time", description, example: "2026-09-30T16:05:00Z" })

const filters = {
  connection: parameter({
    type: "array",
    items: { type: "string" },
    maxItems: 100,
    description: "only events of this connection; repeat it for several"
  }),
  trigger: parameter({
    type: "array",
    items: { type: "string" },
    maxItems: 20,
    description: "only events of this trigger, by id or name; repeat it for several. An unknown trigger is refused",
    example: ["postmark/email-bounced", "spam-complaint"]
  }),
  recipient: parameter({
    type: "string",
    maxLength: 400,
    description: "only events of this recipient's address, in any case",
    example: "ann@example.com"
  }),
  message: parameter({
    type: "string",
    maxLength: 400,
    description: "only events of the message with this MessageID",
    example: "0a1b2c3d-0000-4000-8000-000000000001"
  }),
  tag: parameter({
    type: "string",
    maxLength: 400,
    description: "only events of messages with exactly this tag",
    example: "welcome"
  }),
  status: parameter({
    type: "string",
    enum: ["decoded", "partial", "unknown", "probe"],
    description: "only events with this status; only `decoded` events fire their trigger"
  }),
  receivedFrom: time("only events that the server received at this time or later; a zone is required")
}

const ordered = {
  ...filters,
  receivedTo: time("only events that the server received before this time; a zone is required"),
  order: parameter({
    type: "string",
    enum: ["oldest", "newest"],
    default: "oldest",
    description: "the order in which the events were stored, from the oldest or from the newest"
  })
}

/**
 * The routes of events.
 *
 * @since 0.1.0
 * @category groups
 */
export class EventsApi extends HttpApiGroup.make("events")
  .add(
    HttpApiEndpoint.get("list", "/v1/events")
      .annotate(Access, "read")
      .setUrlParams(Schema.Struct({
        after: parameter({
          type: "string",
          description: "the nextCursor of the previous page; a cursor of the other order is refused"
        }),
        limit: parameter({
          type: "integer",
          minimum: 1,
          maximum: 500,
          default: 100,
          description: "the maximum number of events"
        }),
        ...ordered
      }))
      .addSuccess(EventPage)
      .addError(Schema.Union(Problem.NotFound, Problem.Invalid))
      .annotate(OpenApi.Summary, "Read the event log")
      .annotate(
        OpenApi.Description,
        "Reads a page of events that pass every given filter. Pages stay complete and free of duplicates while events are " +
          "stored."
      )
  )
  .add(
    HttpApiEndpoint.get("stream", "/v1/events/stream")
      .annotate(Access, "read")
      .setUrlParams(Schema.Struct({
        after: parameter({
          type: "string",
          description: "where to begin: a cursor of order=oldest, such as the id of an event. Without a cursor the " +
            "stream begins with what is stored from now on, or with the first event of receivedFrom"
        }),
        ...filters
      }))
      .setHeaders(Schema.Struct({
        "last-event-id": Schema.optional(Schema.String.annotations({
          description:
            "the id of the last event that the client received; goes before `after`. Browsers send it when " +
            "they connect again"
        }))
      }))
      .addSuccess(
        HttpApiSchema.Text({ contentType: serverSentEvents }).annotations({
          description: "Server-sent events. The data of each is an Event, and its id the cursor after it.",
          examples: [`id: MTo0MTI\ndata: {"sequence":412,"trigger":"postmark/email-bounced"}\n\n`]
        })
      )
      .addError(Schema.Union(Problem.NotFound, Problem.Invalid))
      .annotate(OpenApi.Summary, "Follow the event log")
      .annotate(
        OpenApi.Description,
        "Sends each event as it is stored, and a comment every 15 seconds. An `end` event says why the server ends the " +
          "stream: `shutting_down`, `unauthorized` (the API key is no longer valid) or `store_unavailable`."
      )
  )
  .add(
    HttpApiEndpoint.get("export", "/v1/events/export")
      .annotate(Access, "read")
      .setUrlParams(Schema.Struct({
        after: parameter({
          type: "string",
          description: "where to go on: the cursor of the last line that arrived, with the same order"
        }),
        ...ordered
      }))
      .addSuccess(
        HttpApiSchema.Text({ contentType: jsonLines }).annotations({
          description:
            "One Event a line, with its `cursor`. The last line is `complete`; without it the export was cut off.",
          examples: [
            `{"sequence":412,"trigger":"postmark/email-bounced","cursor":"MTo0MTI"}\n` +
            `{"complete":true,"events":1,"nextCursor":"MTo0MTI"}\n`
          ]
        })
      )
      .addError(Schema.Union(Problem.NotFound, Problem.Invalid))
      .annotate(OpenApi.Summary, "Export the event log")
      .annotate(
        OpenApi.Description,
        "Sends all events that are stored when the export begins and pass every given filter, one line of JSON each."
      )
  )
  .annotate(OpenApi.Title, "Events").annotate(OpenApi.Description, "The log of all events.")
  .middleware(Authorization)
{}
