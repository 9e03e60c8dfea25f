/**
 * Bulk runs: up to a million messages, sent in batches by the server's workers.
 *
 * @since 0.1.0
 */
import { Run, RunOutcome, RunOutcomeState } from "@effect-postmark/core/BulkRun"
import { templateEmailFields } from "@effect-postmark/core/Email"
import { Counts } from "@effect-postmark/core/RunStore"
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

/**
 * The path parameters of a run.
 *
 * @since 0.1.0
 * @category models
 */
export const RunPath = Schema.Struct({ ...ConnectionPath.fields, runId: Schema.String })

const { templateModel: _model, to: _to, ...shared } = templateEmailFields

const Text = Schema.String.pipe(
  Schema.minLength(1),
  Schema.maxLength(200),
  Schema.filter((text) => !/\p{Cc}/u.test(text) || "must not contain control characters")
)

const options = {
  name: Schema.optional(Text.annotations({ description: "a name for people" })),
  key: Schema.optional(
    Text.annotations({
      description: "a second start with the same key returns the first one's run, and reads no input"
    })
  ),
  invalid: Schema.optional(
    Schema.Literal("reject", "refuse").annotations({
      description: "reject (default): an invalid message is an outcome, the others are sent; refuse: nothing is sent"
    })
  ),
  chunkSize: Schema.optional(
    Schema.Int.pipe(Schema.between(1, 500)).annotations({ description: "the most messages of one call (default 500)" })
  ),
  resendUnknownAfter: Schema.optional(
    Schema.Int.pipe(Schema.between(1, 604_800)).annotations({
      description:
        "seconds after which a message with an unknown outcome is sent once more, so that it may arrive twice; never by default"
    })
  ),
  template: Schema.optional(
    Schema.Struct(shared).annotations({
      description: "what the messages have in common; the rows then have at least `to` and `templateModel`"
    })
  )
}

/**
 * The first line of a run that is started with JSON lines; each further line is a message, or a row for the template.
 *
 * @since 0.1.0
 * @category models
 */
export const RunOptions = Schema.Struct(options).annotations({ identifier: "RunOptions" })

/**
 * A run as one JSON body, up to 16 MB: `messages`, or a `template` with `rows`.
 *
 * @since 0.1.0
 * @category models
 */
export const StartRun = Schema.Struct({
  ...options,
  messages: Schema.optional(
    Schema.Array(Schema.Unknown).pipe(Schema.minItems(1)).annotations({
      description: "messages as in the action send-email"
    })
  ),
  rows: Schema.optional(
    Schema.Array(Schema.Unknown).pipe(Schema.minItems(1)).annotations({
      description: "for each message `to`, `templateModel`, and any field that differs from the template's"
    })
  )
}).pipe(
  Schema.filter(({ messages, rows, template }) => {
    if (template === undefined && rows !== undefined) return { path: ["template"], message: "must be given with rows" }
    if (template === undefined && messages === undefined) return { path: ["messages"], message: "must be given" }
    if (template !== undefined && rows === undefined) {
      return { path: ["rows"], message: "must be given with a template" }
    }
    return messages === undefined || rows === undefined
      ? undefined
      : { path: ["messages"], message: "must be left out with a template" }
  })
).annotations({ identifier: "StartRun" })

/**
 * How far a run is. `open` messages have no outcome yet; those `inDoubt` of them are being sent, or looked up in Postmark.
 *
 * @since 0.1.0
 * @category models
 */
export const RunProgress = Schema.Struct({
  run: Run,
  ...Counts.omit("settledSince").fields,
  open: Schema.Int,
  perSecond: Schema.Number.annotations({ description: "the rate of the last minute" }),
  secondsLeft: Schema.NullOr(Schema.Number).annotations({ description: "null while nothing moves" })
}).annotations({ identifier: "RunProgress" })

/**
 * A page of runs, newest first. `nextBefore` is the `before` of the next page, or null on the last page.
 *
 * @since 0.1.0
 * @category models
 */
export const RunPage = Schema.Struct({
  runs: Schema.Array(Run),
  nextBefore: Schema.NullOr(Schema.String)
}).annotations({ identifier: "RunPage" })

/**
 * A page of final outcomes by index. `nextAfter` is the `after` of the next page, or null on the last page.
 *
 * @since 0.1.0
 * @category models
 */
export const RunOutcomePage = Schema.Struct({
  outcomes: Schema.Array(RunOutcome),
  nextAfter: Schema.NullOr(Schema.Int)
}).annotations({ identifier: "RunOutcomePage" })

const base = "/v1/connections/:id/runs"

/**
 * The routes of bulk runs.
 *
 * @since 0.1.0
 * @category groups
 */
export class RunsApi extends HttpApiGroup.make("runs")
  .add(
    HttpApiEndpoint.post("start", base)
      .annotate(Access, "send")
      .annotate(Repeat, "own")
      .setPath(ConnectionPath)
      .setPayload(StartRun)
      .addSuccess(Run, { status: 201 })
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
      .annotate(OpenApi.Summary, "Start a bulk run")
      .annotate(
        OpenApi.Description,
        "The server stores all messages, answers, and sends them in batches of up to 500. With more than 16 MB, or more " +
          "than a few thousand messages, send JSON lines (Content-Type: application/x-ndjson): first a line with the " +
          "RunOptions, then a line for each message or row, up to 1,000,000 of at most 16 MB each. If the body breaks " +
          "off or a line is not JSON, nothing is sent."
      )
  )
  .add(
    HttpApiEndpoint.get("list", base)
      .annotate(Access, "read")
      .setPath(ConnectionPath)
      .setUrlParams(Schema.Struct({
        before: parameter({ type: "string", description: "the nextBefore of the previous page" }),
        limit: parameter({
          type: "integer",
          minimum: 1,
          maximum: 100,
          default: 100,
          description: "the maximum number of runs"
        })
      }))
      .addSuccess(RunPage)
      .addError(Schema.Union(Problem.NotFound, Problem.Invalid))
      .annotate(OpenApi.Summary, "List a connection's bulk runs, newest first")
  )
  .add(
    HttpApiEndpoint.get("get", `${base}/:runId`)
      .annotate(Access, "read")
      .setPath(RunPath)
      .addSuccess(RunProgress)
      .addError(Problem.NotFound)
      .annotate(OpenApi.Summary, "Get a bulk run's progress")
  )
  .add(
    HttpApiEndpoint.post("pause", `${base}/:runId/pause`)
      .annotate(Access, "manage")
      .setPath(RunPath)
      .addSuccess(Run)
      .addError(Schema.Union(Problem.NotFound, Problem.Conflict))
      .annotate(OpenApi.Summary, "Pause a bulk run")
      .annotate(OpenApi.Description, "No further call begins. A call in progress ends as it ends.")
  )
  .add(
    HttpApiEndpoint.post("resume", `${base}/:runId/resume`)
      .annotate(Access, "manage")
      .setPath(RunPath)
      .addSuccess(Run)
      .addError(Schema.Union(Problem.NotFound, Problem.Conflict))
      .annotate(OpenApi.Summary, "Resume a paused bulk run")
      .annotate(
        OpenApi.Description,
        "A run also pauses by itself when nothing can be sent; `pauseReason` says why. Mend the reason first."
      )
  )
  .add(
    HttpApiEndpoint.post("cancel", `${base}/:runId/cancel`)
      .annotate(Access, "manage")
      .setPath(RunPath)
      .addSuccess(Run)
      .addError(Schema.Union(Problem.NotFound, Problem.Conflict))
      .annotate(OpenApi.Summary, "Cancel a bulk run for good")
      .annotate(OpenApi.Description, "What was not sent is `notSent`. A call in progress ends as it ends.")
  )
  .add(
    HttpApiEndpoint.get("outcomes", `${base}/:runId/outcomes`)
      .annotate(Access, "read")
      .setPath(RunPath)
      .setUrlParams(Schema.Struct({
        state: parameter({
          type: "string",
          enum: RunOutcomeState.literals,
          description: "only outcomes in this state"
        }),
        after: parameter({ type: "integer", description: "the nextAfter of the previous page" }),
        limit: parameter({
          type: "integer",
          minimum: 1,
          maximum: 1_000,
          default: 500,
          description: "the maximum number of outcomes; not with format=jsonl"
        }),
        format: parameter({
          type: "string",
          enum: ["json", "jsonl"],
          default: "json",
          description: "jsonl: all outcomes from `after` on, one JSON object a line (application/x-ndjson)"
        })
      }))
      .addSuccess(RunOutcomePage)
      .addError(Schema.Union(Problem.NotFound, Problem.Invalid))
      .annotate(OpenApi.Summary, "List the outcomes of a bulk run's messages")
      .annotate(
        OpenApi.Description,
        "Lists the outcomes that are final, by index. While the run goes on, a message that is still open is left out, " +
          "also if later ones have their outcome: read again from the start once the run is over."
      )
  )
  .annotate(OpenApi.Title, "Bulk runs")
  .middleware(Authorization)
{}
