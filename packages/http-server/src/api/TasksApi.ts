/**
 * Long tasks on demand: gap-fill, retention and erasure.
 *
 * @since 0.1.0
 */
import { Report } from "@effect-postmark/automation/GapFillReport"
import { ErasureRecord } from "@effect-postmark/core/ErasureStore"
import { SweepKind } from "@effect-postmark/core/SweepStore"
import * as HttpApiEndpoint from "@effect/platform/HttpApiEndpoint"
import * as HttpApiGroup from "@effect/platform/HttpApiGroup"
import * as OpenApi from "@effect/platform/OpenApi"
import * as Schema from "effect/Schema"
import { Access } from "./Access.ts"
import { Authorization } from "./Authorization.ts"
import { ConnectionPath } from "./ConnectionsApi.ts"
import { parameter } from "./parameter.ts"
import * as Problem from "./Problem.ts"

const recordOf = <A, I>(report: Schema.Schema<A, I>) => ({
  id: Schema.String,
  startedAt: Schema.String,
  finishedAt: Schema.NullOr(Schema.String).annotations({
    description: "null while it runs; it stays null if its server stopped first"
  }),
  report: Schema.NullOr(report),
  failure: Schema.NullOr(Schema.String).annotations({ description: "the name of the error, null on success" })
})

/**
 * What to sweep. Without `from`, each kind of events is swept from where its last sweep ended. `to` is now by default. Without
 * `triggers`, all events that can be recovered are.
 *
 * @since 0.1.0
 * @category models
 */
export const StartSweep = Schema.Struct({
  from: Schema.optional(Schema.String.annotations({ description: "an RFC 3339 time" })),
  to: Schema.optional(Schema.String.annotations({ description: "an RFC 3339 time" })),
  triggers: Schema.optional(Schema.Array(Schema.String).pipe(Schema.minItems(1), Schema.maxItems(20)))
}).annotations({ identifier: "StartSweep" })

/**
 * One sweep. `report` counts what was read and stored.
 *
 * @since 0.1.0
 * @category models
 */
export const Sweep = Schema.Struct(recordOf(Report)).annotations({ identifier: "Sweep" })

/**
 * The state of a connection's gap-fill, and its last sweeps, newest first. `through` says up to when each kind of events was
 * swept.
 *
 * @since 0.1.0
 * @category models
 */
export const GapFillState = Schema.Struct({
  sweptAt: Schema.NullOr(Schema.String).annotations({ description: "when the last complete sweep began" }),
  isSweeping: Schema.Boolean,
  through: Schema.partial(Schema.Record({ key: SweepKind, value: Schema.String })),
  sweeps: Schema.Array(Sweep)
}).annotations({ identifier: "GapFillState" })

const Removed = Schema.Record({ key: Schema.String, value: Schema.Int }).annotations({
  description: "how many rows of each kind were removed"
})

/**
 * One pass of retention.
 *
 * @since 0.1.0
 * @category models
 */
export const RetentionPass = Schema.Struct(recordOf(Removed)).annotations({ identifier: "RetentionPass" })

/**
 * How long each kind of data is kept, and the last passes, newest first. `keepSeconds` is null for what is kept for ever.
 *
 * @since 0.1.0
 * @category models
 */
export const RetentionState = Schema.Struct({
  kinds: Schema.Array(Schema.Struct({ kind: Schema.String, keepSeconds: Schema.NullOr(Schema.Number) })),
  intervalSeconds: Schema.Number,
  passes: Schema.Array(RetentionPass)
}).annotations({ identifier: "RetentionState" })

/**
 * Whose address to erase.
 *
 * @since 0.1.0
 * @category models
 */
export const StartErasure = Schema.Struct({
  address: Schema.Redacted(Schema.String.annotations({ description: "an address without a name" }))
}).annotations({ identifier: "StartErasure" })

/**
 * A connection's erasures, newest first.
 *
 * @since 0.1.0
 * @category models
 */
export const ErasureList = Schema.Struct({ erasures: Schema.Array(ErasureRecord) }).annotations({
  identifier: "ErasureList"
})

const limit = parameter({
  type: "integer",
  minimum: 1,
  maximum: 100,
  default: 20,
  description: "the maximum number of records"
})

/**
 * The routes of long tasks. A task that takes longer than five seconds is answered with 202, and goes on.
 *
 * @since 0.1.0
 * @category groups
 */
export class TasksApi extends HttpApiGroup.make("tasks")
  .add(
    HttpApiEndpoint.post("startSweep", "/v1/connections/:id/gap-fill")
      .annotate(Access, "manage")
      .setPath(ConnectionPath)
      .setPayload(StartSweep)
      .addSuccess(Sweep)
      .addSuccess(Sweep.annotations({ identifier: "StartedSweep" }), { status: 202 })
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
      .annotate(OpenApi.Summary, "Read missed events from Postmark now")
      .annotate(
        OpenApi.Description,
        "Answers 200 with the report, or 202 after five seconds while the sweep goes on. The server also sweeps each hour."
      )
  )
  .add(
    HttpApiEndpoint.get("gapFill", "/v1/connections/:id/gap-fill")
      .annotate(Access, "read")
      .setPath(ConnectionPath)
      .setUrlParams(Schema.Struct({ limit }))
      .addSuccess(GapFillState)
      .addError(Schema.Union(Problem.NotFound, Problem.Invalid))
      .annotate(OpenApi.Summary, "Get the state of a connection's gap-fill and its last sweeps")
  )
  .add(
    HttpApiEndpoint.post("runRetention", "/v1/retention/run")
      .annotate(Access, "admin")
      .addSuccess(RetentionPass)
      .addSuccess(RetentionPass.annotations({ identifier: "StartedRetentionPass" }), { status: 202 })
      .addError(Problem.Forbidden)
      .annotate(OpenApi.Summary, "Remove old data now")
      .annotate(OpenApi.Description, "Answers 200 with the counts, or 202 after five seconds while the pass goes on.")
  )
  .add(
    HttpApiEndpoint.get("retention", "/v1/retention")
      .annotate(Access, "read")
      .setUrlParams(Schema.Struct({ limit }))
      .addSuccess(RetentionState)
      .addError(Problem.Invalid)
      .annotate(OpenApi.Summary, "Get how long data is kept, and the last passes")
  )
  .add(
    HttpApiEndpoint.post("erase", "/v1/connections/:id/erasures")
      .annotate(Access, "manage")
      .setPath(ConnectionPath)
      .setPayload(StartErasure)
      .addSuccess(ErasureRecord)
      .addSuccess(ErasureRecord.annotations({ identifier: "StartedErasure" }), { status: 202 })
      .addError(
        Schema.Union(Problem.BadRequest, Problem.NotFound, Problem.TooLarge, Problem.Invalid, Problem.Unavailable)
      )
      .annotate(OpenApi.Summary, "Erase a person's address from a connection's stored data")
      .annotate(
        OpenApi.Description,
        "Answers 200 with the counts, or 202 after five seconds while the erasure goes on. It can be repeated; repeat one " +
          "that does not finish. The record does not say whose address it was."
      )
  )
  .add(
    HttpApiEndpoint.get("erasures", "/v1/connections/:id/erasures")
      .annotate(Access, "read")
      .setPath(ConnectionPath)
      .setUrlParams(Schema.Struct({ limit }))
      .addSuccess(ErasureList)
      .addError(Schema.Union(Problem.NotFound, Problem.Invalid))
      .annotate(OpenApi.Summary, "List a connection's erasures, newest first")
  )
  .add(
    HttpApiEndpoint.get("erasure", "/v1/connections/:id/erasures/:erasureId")
      .annotate(Access, "read")
      .setPath(Schema.Struct({ ...ConnectionPath.fields, erasureId: Schema.String }))
      .addSuccess(ErasureRecord)
      .addError(Problem.NotFound)
      .annotate(OpenApi.Summary, "Get an erasure")
  )
  .annotate(OpenApi.Title, "Tasks")
  .middleware(Authorization)
{}
