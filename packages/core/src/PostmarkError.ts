/**
 * The errors of calls to Postmark, as flat tagged errors. `retryable` says whether the same call can be retried.
 * `disposition` says what happened to the message if the call was a send.
 *
 * No error contains a token, an address, a subject or a body that can be printed. Postmark's own text, which quotes
 * addresses, and the inactive recipients of error code 406 are `Redacted`.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import { Correlation } from "./Correlation.ts"
import { ReconciliationResult } from "./Reconciliation.ts"

/**
 * The state of a message whose send failed. A message with the disposition `unknown` must not be sent again blindly.
 *
 * @since 0.1.0
 * @category models
 */
export type Disposition = "rejected" | "notSent" | "unknown"

/**
 * One problem of an input: its path, and the limit that it breaks.
 *
 * @since 0.1.0
 * @category models
 */
export const Issue = Schema.Struct({
  path: Schema.Array(Schema.Union(Schema.String, Schema.Number)),
  message: Schema.String
}).annotations({ identifier: "Issue" })

/**
 * @since 0.1.0
 * @category models
 */
export interface Issue extends Schema.Schema.Type<typeof Issue> {}

const id = (name: string) => `@effect-postmark/core/PostmarkError/${name}`

const context = {
  message: Schema.String,
  operation: Schema.String
}

const postmark = {
  status: Schema.optional(Schema.Number),
  errorCode: Schema.optional(Schema.Number),
  postmarkMessage: Schema.optional(Schema.Redacted(Schema.String))
}

/**
 * The input is invalid. Either the client's checks found it before anything was sent (`errorCode` is absent), or
 * Postmark responded with 422. A retry fails again. For error code 406, `inactiveRecipients` lists the addresses that
 * Postmark no longer sends to.
 *
 * @since 0.1.0
 * @category errors
 */
export class ValidationFailure
  extends Schema.TaggedError<ValidationFailure>(id("ValidationFailure"))("ValidationFailure", {
    ...context,
    ...postmark,
    reason: Schema.Literal("invalid", "notFound", "inactiveRecipients"),
    issues: Schema.Array(Issue),
    inactiveRecipients: Schema.Array(Schema.Redacted(Schema.String))
  })
{
  readonly retryable = false
  readonly disposition = "rejected"
}

/**
 * Postmark responded with 429, or the call was not made because its turn was too late (`Pacing`). Postmark accepted
 * nothing. The call can be made again after `retryAfter` (milliseconds, at most a day), if it is known: Postmark does
 * not document `Retry-After`.
 *
 * @since 0.1.0
 * @category errors
 */
export class RateLimited extends Schema.TaggedError<RateLimited>(id("RateLimited"))("RateLimited", {
  ...context,
  retryAfter: Schema.optional(Schema.Number)
}) {
  readonly retryable = true
  readonly disposition = "notSent"
}

/**
 * Postmark responded with 401: the token is missing, unknown, or of the wrong kind.
 *
 * @since 0.1.0
 * @category errors
 */
export class InvalidToken extends Schema.TaggedError<InvalidToken>(id("InvalidToken"))("InvalidToken", {
  ...context,
  ...postmark
}) {
  readonly retryable = false
  readonly disposition = "rejected"
}

/**
 * Postmark, or the network in front of it, rejected the request with another 4xx.
 *
 * @since 0.1.0
 * @category errors
 */
export class RequestRefused extends Schema.TaggedError<RequestRefused>(id("RequestRefused"))("RequestRefused", {
  ...context,
  ...postmark
}) {
  readonly retryable = false
  readonly disposition = "rejected"
}

/**
 * Postmark did not accept the call: no connection was made, or it responded with 503 and error code 100. For a read,
 * also every other network failure and every 5xx. `transportCode` is the network's error code, such as
 * `ECONNREFUSED`; `retryAfter` is as for `RateLimited`.
 *
 * @since 0.1.0
 * @category errors
 */
export class PostmarkUnavailable
  extends Schema.TaggedError<PostmarkUnavailable>(id("PostmarkUnavailable"))("PostmarkUnavailable", {
    ...context,
    ...postmark,
    retryAfter: Schema.optional(Schema.Number),
    transportCode: Schema.optional(Schema.String)
  })
{
  readonly retryable = true
  readonly disposition = "notSent"
}

/**
 * The client wrote a send and got no usable response, so Postmark may have accepted the message. Sending it again may
 * deliver it twice; that is the caller's decision.
 *
 * - `correlation`: the metadata by which the message can be found
 * - `reconciliation`: the result of the search for the message
 * - `possiblyDuplicate`: the caller had the message sent again, and the outcome of both sends is unknown
 *
 * @since 0.1.0
 * @category errors
 */
export class OutcomeUnknown extends Schema.TaggedError<OutcomeUnknown>(id("OutcomeUnknown"))("OutcomeUnknown", {
  ...context,
  ...postmark,
  transportCode: Schema.optional(Schema.String),
  correlation: Correlation,
  reconciliation: ReconciliationResult,
  possiblyDuplicate: Schema.optional(Schema.Literal(true))
}) {
  readonly retryable = false
  readonly disposition = "unknown"
}

/**
 * The client wrote a change (a new template, a removed webhook) and got no usable response. Check before you retry.
 * This is a separate error: `PostmarkUnavailable` means that nothing was done, and `OutcomeUnknown` that an email may
 * have been sent.
 *
 * @since 0.1.0
 * @category errors
 */
export class ChangeUnknown extends Schema.TaggedError<ChangeUnknown>(id("ChangeUnknown"))("ChangeUnknown", {
  ...context,
  ...postmark,
  transportCode: Schema.optional(Schema.String)
}) {
  readonly retryable = false
  readonly disposition = "unknown"
}

/**
 * Postmark's response to a read does not match its API.
 *
 * @since 0.1.0
 * @category errors
 */
export class UnexpectedResponse
  extends Schema.TaggedError<UnexpectedResponse>(id("UnexpectedResponse"))("UnexpectedResponse", {
    ...context,
    status: Schema.Number,
    issues: Schema.Array(Issue)
  })
{
  readonly retryable = false
  readonly disposition = "rejected"
}

/**
 * The errors of a send.
 *
 * @since 0.1.0
 * @category errors
 */
export const SendError = Schema.Union(
  ValidationFailure,
  RateLimited,
  InvalidToken,
  RequestRefused,
  PostmarkUnavailable,
  OutcomeUnknown
)

/**
 * @since 0.1.0
 * @category errors
 */
export type SendError = typeof SendError.Type

/**
 * The errors of a read.
 *
 * @since 0.1.0
 * @category errors
 */
export const ReadError = Schema.Union(
  ValidationFailure,
  RateLimited,
  InvalidToken,
  RequestRefused,
  PostmarkUnavailable,
  UnexpectedResponse
)

/**
 * @since 0.1.0
 * @category errors
 */
export type ReadError = typeof ReadError.Type

/**
 * The errors of a change that is not a send.
 *
 * @since 0.1.0
 * @category errors
 */
export const ChangeError = Schema.Union(
  ValidationFailure,
  RateLimited,
  InvalidToken,
  RequestRefused,
  PostmarkUnavailable,
  ChangeUnknown
)

/**
 * @since 0.1.0
 * @category errors
 */
export type ChangeError = typeof ChangeError.Type

/**
 * The errors of any call to Postmark.
 *
 * @since 0.1.0
 * @category errors
 */
export const PostmarkError = Schema.Union(...SendError.members, UnexpectedResponse, ChangeUnknown)

/**
 * @since 0.1.0
 * @category errors
 */
export type PostmarkError = typeof PostmarkError.Type

/**
 * Tests whether a value is an error of a call to Postmark: a send, a read or a change.
 *
 * @since 0.1.0
 * @category guards
 */
export const isPostmarkError: (u: unknown) => u is PostmarkError = Schema.is(PostmarkError)
