/**
 * Everything that can go wrong with a call to Postmark, as flat tagged errors. Each says whether the same call may be
 * tried again (`retryable`), and what became of the mail if the call was a send (`disposition`).
 *
 * No error holds a token, an address, a subject or a body in a form that prints: Postmark's own text, which quotes
 * addresses, and the inactive recipients of a 406 are `Redacted`.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import { Correlation } from "./Correlation.ts"
import { ReconciliationResult } from "./Reconciliation.ts"

/**
 * What became of a message whose send failed. `unknown` is the one that must not be sent again blindly.
 *
 * @since 0.1.0
 * @category models
 */
export type Disposition = "rejected" | "notSent" | "unknown"

/**
 * One thing that is wrong with an input: where, and which limit it breaks.
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
 * The input is wrong: by our own checks, before anything was sent (`errorCode` is absent), or by Postmark's (any 422).
 * Sending the same again fails again. For 406, `inactiveRecipients` are the addresses that Postmark no longer sends to.
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
 * Postmark answered 429, or the call was not made because it would have to wait too long after one (`Pacing`). Nothing
 * was taken, and the call can be made again after `retryAfter` (milliseconds, at most a day), if that is known: Postmark
 * documents no `Retry-After`.
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
 * Postmark answered 401: the token is missing, unknown, or of the wrong kind.
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
 * Postmark, or the network in front of it, refused the request with another 4xx.
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
 * Postmark did not take the call: no connection was made, or it said 503 with code 100. For a read, also every other
 * failure of the network and every 5xx. `transportCode` is the network's own word, such as `ECONNREFUSED`; `retryAfter`
 * as for `RateLimited`.
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
 * A send was written and no trustworthy answer came: Postmark may have taken the mail or not. Sending it again may mail
 * twice, so that is the caller's decision. `correlation` is what the message carries to be found by, `reconciliation`
 * what the search for it came to. `possiblyDuplicate` says that the caller had it sent again and both sends are in doubt.
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
 * A change that is no mail (a new template, a removed webhook) was written and no trustworthy answer came: look before
 * doing it again. It is an error of its own because neither neighbour tells the truth: `PostmarkUnavailable` says that
 * nothing was done, and `OutcomeUnknown` that a mail may be on its way.
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
 * A read was answered with something that Postmark's API does not say.
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
 * What a send can fail with.
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
 * What a read can fail with.
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
 * What a change that is no mail can fail with.
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
 * What any call to Postmark can fail with.
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
 * Whether something is an error of a call to Postmark, of any kind: send, read or change.
 *
 * @since 0.1.0
 * @category guards
 */
export const isPostmarkError: (u: unknown) => u is PostmarkError = Schema.is(PostmarkError)
