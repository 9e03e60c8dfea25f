/**
 * What became of a message: taken, refused, not sent, or unknown.
 *
 * @since 0.1.0
 */
import type * as Duration from "effect/Duration"
import * as Schema from "effect/Schema"
import {
  InvalidToken,
  OutcomeUnknown,
  PostmarkUnavailable,
  RateLimited,
  RequestRefused,
  ValidationFailure
} from "./PostmarkError.ts"
import { Receipt } from "./Receipt.ts"

/**
 * Postmark took the message.
 *
 * @since 0.1.0
 * @category models
 */
export const Accepted = Schema.TaggedStruct("Accepted", { receipt: Receipt })

/**
 * The message was refused, by our own checks or by Postmark; sending the same again is refused again.
 *
 * @since 0.1.0
 * @category models
 */
export const Rejected = Schema.TaggedStruct("Rejected", {
  error: Schema.Union(ValidationFailure, InvalidToken, RequestRefused)
})

/**
 * It is proven that Postmark did not take the message: it may be sent again.
 *
 * @since 0.1.0
 * @category models
 */
export const NotSent = Schema.TaggedStruct("NotSent", { error: Schema.Union(RateLimited, PostmarkUnavailable) })

/**
 * Postmark may have taken the message or not. The error says what the message carries to be found by, and what the
 * search for it came to.
 *
 * @since 0.1.0
 * @category models
 */
export const Unknown = Schema.TaggedStruct("Unknown", { error: OutcomeUnknown })

/**
 * What became of one message of several, at the message's own place.
 *
 * @since 0.1.0
 * @category models
 */
export const SendOutcome = Schema.Union(Accepted, Rejected, NotSent, Unknown).annotations({ identifier: "SendOutcome" })

/**
 * @since 0.1.0
 * @category models
 */
export type SendOutcome = typeof SendOutcome.Type

/**
 * An outcome of a stream of messages: `index` is the message's place in the stream, from 0.
 *
 * @since 0.1.0
 * @category models
 */
export interface Indexed {
  readonly index: number
  readonly outcome: SendOutcome
}

/**
 * How a stream of messages is sent. `concurrency` is how many batches are under way at a time, 4 by default; each holds
 * at most 500 messages and 50 MB. With `ordered: false` the outcomes come batch by batch as they are known; by default
 * they come in the order of the messages. `maximumWait`, 1 minute by default, is how long a batch waits because Postmark
 * asked for it (429); `RetryPolicy.maximumWait` holds where it is longer. A batch that would wait longer ends as `NotSent`.
 *
 * @since 0.1.0
 * @category models
 */
export interface StreamOptions {
  readonly concurrency?: number | undefined
  readonly ordered?: boolean | undefined
  readonly maximumWait?: Duration.DurationInput | undefined
}
