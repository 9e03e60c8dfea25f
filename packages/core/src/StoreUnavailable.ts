/**
 * A store that is not available.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"

/**
 * The store of a port (connections, subscriptions, events, cursors) is locked, full or unreachable. Nothing
 * was changed, and the call can be retried. `reason` is the store's own code.
 *
 * @since 0.1.0
 * @category errors
 */
export class StoreUnavailable
  extends Schema.TaggedError<StoreUnavailable>("@effect-postmark/core/StoreUnavailable")("StoreUnavailable", {
    store: Schema.String,
    operation: Schema.String,
    reason: Schema.optional(Schema.String)
  })
{
  override get message(): string {
    return `the ${this.store} store did not answer ${this.operation}${
      this.reason === undefined ? "" : `: ${this.reason}`
    }`
  }
  readonly retryable = true
  readonly disposition = "notSent"
}
