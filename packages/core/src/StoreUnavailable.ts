/**
 * A store that cannot answer.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"

/**
 * The store behind a port (connections, subscriptions, events, cursors) did not answer: it is locked, full or
 * unreachable. Nothing was changed; the same may be tried again. `reason` is the store's own word.
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
