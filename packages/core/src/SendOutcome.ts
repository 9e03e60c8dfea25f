/**
 * The outcome of a message: accepted, rejected, not sent, or unknown.
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
 * Postmark accepted the message.
 *
 * @since 0.1.0
 * @category models
 */
export const Accepted = Schema.TaggedStruct("Accepted", { receipt: Receipt })

/**
 * The client's checks or Postmark rejected the message. Sending it again fails again.
 *
 * @since 0.1.0
 * @category models
 */
export const Rejected = Schema.TaggedStruct("Rejected", {
  error: Schema.Union(ValidationFailure, InvalidToken, RequestRefused)
})

/**
 * Postmark certainly did not accept the message: it can be sent again.
 *
 * @since 0.1.0
 * @category models
 */
export const NotSent = Schema.TaggedStruct("NotSent", { error: Schema.Union(RateLimited, PostmarkUnavailable) })

/**
 * Postmark may have accepted the message. The error contains the message's correlation and the result of the search
 * for it.
 *
 * @since 0.1.0
 * @category models
 */
export const Unknown = Schema.TaggedStruct("Unknown", { error: OutcomeUnknown })

/**
 * The outcome of one message of several, at the message's position.
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
 * An outcome of a stream of messages. `index` is the message's position in the stream, from 0.
 *
 * @since 0.1.0
 * @category models
 */
export interface Indexed {
  readonly index: number
  readonly outcome: SendOutcome
}

/**
 * Options of a stream of messages:
 * - `concurrency`: how many batches are in progress at a time, 4 by default; a batch has at most 500 messages and 50 MB
 * - `ordered`: by default, outcomes come in the order of the messages; with `false`, as each batch ends
 * - `maximumWait`: how long a batch waits after a 429, 1 minute by default, or `RetryPolicy.maximumWait` if that is longer
 *
 * A batch that would wait longer than `maximumWait` ends as `NotSent`.
 *
 * @since 0.1.0
 * @category models
 */
export interface StreamOptions {
  readonly concurrency?: number | undefined
  readonly ordered?: boolean | undefined
  readonly maximumWait?: Duration.DurationInput | undefined
}
