/**
 * How the API says that something went wrong: problem details (RFC 9457) with a stable `code`.
 *
 * @since 0.1.0
 */
import { Correlation } from "@effect-postmark/core/Correlation"
import { Issue } from "@effect-postmark/core/PostmarkError"
import { ReconciliationResult } from "@effect-postmark/core/Reconciliation"
import * as HttpApiSchema from "@effect/platform/HttpApiSchema"
import * as Schema from "effect/Schema"

/**
 * The statuses that a problem can have.
 *
 * @since 0.1.0
 * @category models
 */
export const Status = Schema.Literal(400, 401, 403, 404, 405, 409, 410, 413, 422, 424, 429, 500, 502, 503, 504)

/**
 * @since 0.1.0
 * @category models
 */
export type Status = typeof Status.Type

/**
 * The fields of a problem, but its status.
 *
 * @since 0.1.0
 * @category models
 */
export const fields = {
  type: Schema.String.annotations({ description: "urn:effect-postmark:problem: and the code" }),
  title: Schema.String,
  code: Schema.String.annotations({ description: "a stable word to branch on, such as validation_failure" }),
  detail: Schema.String,
  disposition: Schema.optional(
    Schema.Literal("rejected", "notSent", "unknown").annotations({
      description: "what became of the mail, if the call was a send; unknown must not be sent again blindly"
    })
  ),
  retryable: Schema.optional(Schema.Boolean.annotations({ description: "whether the same call may be made again" })),
  issues: Schema.optional(Schema.Array(Issue)),
  inactiveRecipients: Schema.optional(Schema.Array(Schema.String)),
  postmark: Schema.optional(Schema.Struct({ errorCode: Schema.Number, message: Schema.String })),
  correlation: Schema.optional(
    Correlation.annotations({ description: "by which metadata field the message can be searched for, if by any" })
  ),
  reconciliation: Schema.optional(
    ReconciliationResult.annotations({ description: "what searching for the message came to" })
  ),
  possiblyDuplicate: Schema.optional(Schema.Literal(true)),
  requestId: Schema.String.annotations({ description: "the value of X-Request-Id" })
}

/**
 * A problem of any status.
 *
 * @since 0.1.0
 * @category models
 */
export const Problem = Schema.Struct({ status: Status, ...fields }).annotations({ identifier: "Problem" })

/**
 * @since 0.1.0
 * @category models
 */
export interface Problem extends Schema.Schema.Type<typeof Problem> {}

/**
 * The media type of a problem.
 *
 * @since 0.1.0
 * @category constants
 */
export const contentType = "application/problem+json"

const withStatus = <const S extends Status>(status: S, description: string) =>
  Schema.Struct({ status: Schema.Literal(status), ...fields }).pipe(
    HttpApiSchema.withEncoding({ kind: "Json", contentType })
  ).annotations(HttpApiSchema.annotations({ status, identifier: `Problem${status}`, description }))

/**
 * The problem of each status, for the endpoints' errors.
 *
 * @since 0.1.0
 * @category models
 */
export const BadRequest = withStatus(400, "The body is not JSON")

/**
 * @since 0.1.0
 * @category models
 */
export const Unauthorized = withStatus(401, "The credentials are missing or wrong")

/**
 * @since 0.1.0
 * @category models
 */
export const Forbidden = withStatus(403, "The API key may not do this")

/**
 * @since 0.1.0
 * @category models
 */
export const NotFound = withStatus(404, "There is no such thing, or the API key may not see it")

/**
 * @since 0.1.0
 * @category models
 */
export const Conflict = withStatus(409, "Something else is there already")

/**
 * @since 0.1.0
 * @category models
 */
export const Gone = withStatus(410, "The connection was revoked")

/**
 * @since 0.1.0
 * @category models
 */
export const TooLarge = withStatus(413, "The body is too large")

/**
 * @since 0.1.0
 * @category models
 */
export const Invalid = withStatus(422, "The input is wrong: by our checks or by Postmark's; see issues")

/**
 * @since 0.1.0
 * @category models
 */
export const TokenRefused = withStatus(424, "Postmark refused the server token")

/**
 * @since 0.1.0
 * @category models
 */
export const RateLimited = withStatus(429, "Postmark asks to slow down; nothing was sent")

/**
 * @since 0.1.0
 * @category models
 */
export const Broken = withStatus(500, "Something is wrong with the server or with its encryption keys")

/**
 * @since 0.1.0
 * @category models
 */
export const Refused = withStatus(502, "Postmark refused the request or gave an answer that it should not give")

/**
 * @since 0.1.0
 * @category models
 */
export const Unavailable = withStatus(503, "Postmark or the store cannot answer now; nothing was sent")

/**
 * @since 0.1.0
 * @category models
 */
export const OutcomeUnknown = withStatus(504, "The mail may or may not have been sent")

/**
 * What a read from Postmark can end in.
 *
 * @since 0.1.0
 * @category models
 */
export const ReadProblems = Schema.Union(Invalid, TokenRefused, RateLimited, Refused, Unavailable)
