/**
 * Errors of bulk runs.
 *
 * @since 0.1.0
 */
import { RunState } from "@effect-postmark/core/BulkRun"
import { Issue } from "@effect-postmark/core/PostmarkError"
import * as Schema from "effect/Schema"

/**
 * There is no run with this id.
 *
 * @since 0.1.0
 * @category errors
 */
export class RunNotFound
  extends Schema.TaggedError<RunNotFound>("@effect-postmark/automation/BulkRunError/RunNotFound")("RunNotFound", {})
{
  override get message(): string {
    return "there is no bulk run with this id; list the runs to see those that there are"
  }
}

/**
 * The run's state does not allow the change.
 *
 * @since 0.1.0
 * @category errors
 */
export class RunStateConflict
  extends Schema.TaggedError<RunStateConflict>("@effect-postmark/automation/BulkRunError/RunStateConflict")(
    "RunStateConflict",
    { change: Schema.Literal("pause", "resume", "cancel"), state: RunState }
  )
{
  override get message(): string {
    const needed = { pause: "running", resume: "paused", cancel: "loading, running or paused" }[this.change]
    return `cannot ${this.change} a run that is ${this.state}: it must be ${needed}`
  }
}

/**
 * A message of the input is invalid, and the start was asked to refuse that. Nothing was sent.
 *
 * @since 0.1.0
 * @category errors
 */
export class RunInputInvalid
  extends Schema.TaggedError<RunInputInvalid>("@effect-postmark/automation/BulkRunError/RunInputInvalid")(
    "RunInputInvalid",
    { index: Schema.NonNegativeInt, detail: Schema.String, issues: Schema.Array(Issue) }
  )
{
  override get message(): string {
    return `nothing was sent, because message ${this.index} is invalid: ${this.detail}`
  }
}

/**
 * The run was cancelled, or removed because this program did not keep it, while its input was being stored. Nothing was sent.
 *
 * @since 0.1.0
 * @category errors
 */
export class RunStartLost
  extends Schema.TaggedError<RunStartLost>("@effect-postmark/automation/BulkRunError/RunStartLost")("RunStartLost", {})
{
  override get message(): string {
    return "the run was cancelled or removed while its input was being stored; nothing was sent, start it again"
  }
}
