/**
 * The error of a durable step.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"

/**
 * A step of a workflow failed, and trying it again would not help:
 * - `rejected`: Postmark or a check refused the message, or the connection is gone. It was not sent
 * - `notSent`: Postmark was unavailable for as long as the step may retry. It was not sent
 * - `unknown`: Postmark may have taken the message, and its history does not show it. It was not sent again
 * - `openNotReported`: Postmark will never report an open of the message
 * - `severalRecipients`: the message has several recipients, and the step names none of them
 *
 * The workflow keeps this error, so it contains no address. `errorCode` is Postmark's.
 *
 * @since 0.1.0
 * @category errors
 */
export class StepFailed extends Schema.TaggedError<StepFailed>("@effect-postmark/automation/StepFailed")("StepFailed", {
  step: Schema.String,
  reason: Schema.Literal("rejected", "notSent", "unknown", "openNotReported", "severalRecipients"),
  message: Schema.String,
  errorCode: Schema.optional(Schema.Number)
}) {}
