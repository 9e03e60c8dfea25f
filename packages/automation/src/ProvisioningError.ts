/**
 * Errors of provisioning.
 *
 * @since 0.1.0
 */
import type { UseError } from "@effect-postmark/core/Connections"
import type { InvalidToken, ReadError } from "@effect-postmark/core/PostmarkError"
import * as Schema from "effect/Schema"

/**
 * The connection has no subscription, so there is nothing that a webhook could post.
 *
 * @since 0.1.0
 * @category errors
 */
export class NotSubscribed
  extends Schema.TaggedError<NotSubscribed>("@effect-postmark/automation/Provisioning/NotSubscribed")(
    "NotSubscribed",
    {}
  )
{
  override get message(): string {
    return "the connection has no subscription: subscribe it to a trigger first"
  }
  readonly retryable = false
  readonly disposition = "notSent"
}

/**
 * Postmark has no webhook with the receiver's URL, so a new secret could not reach it.
 *
 * @since 0.1.0
 * @category errors
 */
export class NotProvisioned
  extends Schema.TaggedError<NotProvisioned>("@effect-postmark/automation/Provisioning/NotProvisioned")(
    "NotProvisioned",
    {}
  )
{
  override get message(): string {
    return "Postmark has no webhook with the receiver's URL: provision the connection first"
  }
  readonly retryable = false
  readonly disposition = "notSent"
}

/**
 * The rotation cannot end yet. `postmark`: a webhook in Postmark still has another secret; rotate again to repair it.
 * `grace`: Postmark may still retry posts with the old secret, until `until`.
 *
 * @since 0.1.0
 * @category errors
 */
export class RotationUnfinished
  extends Schema.TaggedError<RotationUnfinished>("@effect-postmark/automation/Provisioning/RotationUnfinished")(
    "RotationUnfinished",
    { reason: Schema.Literal("postmark", "grace"), until: Schema.NullOr(Schema.String) }
  )
{
  override get message(): string {
    return this.reason === "postmark"
      ? "a webhook in Postmark does not have the new secret: rotate again, which continues this rotation"
      : `Postmark may still retry posts with the old secret: finish the rotation after ${this.until}`
  }
  readonly retryable = true
  readonly disposition = "notSent"
}

/**
 * The errors of every operation: of the connection, its token, or reads of Postmark.
 *
 * @since 0.1.0
 * @category errors
 */
export type ProvisionError = InvalidToken | NotSubscribed | ReadError | UseError
