/**
 * What became of one message.
 *
 * @since 0.1.0
 */
import { EmailBounced, EmailDelivered, EmailOpened } from "@effect-postmark/core/WebhookEvent"
import * as HttpApiEndpoint from "@effect/platform/HttpApiEndpoint"
import * as HttpApiGroup from "@effect/platform/HttpApiGroup"
import * as OpenApi from "@effect/platform/OpenApi"
import * as Schema from "effect/Schema"
import { Access } from "./Access.ts"
import { Authorization } from "./Authorization.ts"
import { ConnectionPath } from "./ConnectionsApi.ts"
import { parameter } from "./parameter.ts"
import * as Problem from "./Problem.ts"

const about = {
  messageId: Schema.String,
  recipient: Schema.NullOr(Schema.String).annotations({
    description: "the recipient of the event, or the one asked for"
  })
}

const happened = {
  at: Schema.String.annotations({ description: "when it happened" }),
  source: Schema.Literal("events", "postmark").annotations({
    description: "events: a webhook or a backfill is in the event log; postmark: only Postmark's own history has it"
  })
}

/**
 * What became of a message. `pending`: nothing was known when the time to wait was over. `event` is the trigger's typed
 * event, or null if the source is `postmark`.
 *
 * @since 0.1.0
 * @category models
 */
export const MessageOutcome = Schema.Union(
  Schema.Struct({
    status: Schema.Literal("delivered"),
    ...about,
    ...happened,
    event: Schema.NullOr(EmailDelivered.omit("raw"))
  }),
  Schema.Struct({
    status: Schema.Literal("bounced"),
    ...about,
    ...happened,
    event: Schema.NullOr(EmailBounced.omit("raw"))
  }),
  Schema.Struct({
    status: Schema.Literal("opened"),
    ...about,
    ...happened,
    event: Schema.NullOr(EmailOpened.omit("raw"))
  }),
  Schema.Struct({ status: Schema.Literal("pending"), ...about })
).annotations({ identifier: "MessageOutcome" })

/**
 * @since 0.1.0
 * @category models
 */
export type MessageOutcome = typeof MessageOutcome.Type

/**
 * The routes of messages.
 *
 * @since 0.1.0
 * @category groups
 */
export class MessagesApi extends HttpApiGroup.make("messages")
  .add(
    HttpApiEndpoint.get("outcome", "/v1/connections/:id/messages/:messageId/outcome")
      .annotate(Access, "read")
      .setPath(Schema.Struct({ ...ConnectionPath.fields, messageId: Schema.String }))
      .setUrlParams(Schema.Struct({
        wait: parameter({
          type: "string",
          pattern: "^\\d{1,5}(ms|s)?$",
          default: "0s",
          description: "how long to wait for it, 0–60 seconds, such as 30s"
        }),
        recipient: parameter({
          type: "string",
          description: "only events of this recipient; without it, the first recipient's event is the answer"
        }),
        for: parameter({
          type: "string",
          enum: ["delivery", "opened"],
          default: "delivery",
          description: "delivery: it was delivered or bounced; opened: it was opened"
        }),
        machineOpens: parameter({
          type: "string",
          enum: ["count", "ignore"],
          default: "count",
          description: "whether an open counts that a proxy or a scanner probably made"
        })
      }))
      .addSuccess(MessageOutcome)
      .addError(Problem.ReadProblems)
      .addError(Schema.Union(Problem.NotFound, Problem.Gone, Problem.Broken))
      .annotate(OpenApi.Summary, "Wait for a message's outcome")
      .annotate(
        OpenApi.Description,
        "Answers at once if the event is in the log already, otherwise when it comes, or with `pending` when the time is " +
          "over. A message whose open cannot be reported (tracking is off, or it has no HTML body) gets a 422 at once."
      )
  )
  .annotate(OpenApi.Title, "Messages")
  .middleware(Authorization)
{}
