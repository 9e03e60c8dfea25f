/**
 * The API's errors: problem details (RFC 9457) with a stable `code`.
 *
 * @since 0.1.0
 */
import { Correlation } from "@effect-postmark/core/Correlation"
import { Issue } from "@effect-postmark/core/PostmarkError"
import { ReconciliationResult } from "@effect-postmark/core/Reconciliation"
import * as HttpApiSchema from "@effect/platform/HttpApiSchema"
import * as Schema from "effect/Schema"
import { Scope } from "./Access.ts"

/**
 * The statuses that a problem can have.
 *
 * @since 0.1.0
 * @category models
 */
export const Status = Schema.Literal(400, 401, 403, 404, 405, 408, 409, 410, 413, 422, 424, 429, 500, 502, 503, 504)

/**
 * @since 0.1.0
 * @category models
 */
export type Status = typeof Status.Type

/**
 * One check of `/readyz`. `detail` says what is wrong.
 *
 * @since 0.1.0
 * @category models
 */
export const CheckResult = Schema.Struct({
  name: Schema.String,
  status: Schema.Literal("ok", "degraded", "failed"),
  detail: Schema.optional(Schema.String)
}).annotations({ identifier: "ReadinessCheck" })

/**
 * The fields of a problem, except its status.
 *
 * @since 0.1.0
 * @category models
 */
export const fields = {
  type: Schema.String.annotations({ description: "the path of a page about the code, such as /problems/rate_limited" }),
  title: Schema.String,
  code: Schema.String.annotations({ description: "a stable code for programs, such as validation_failure" }),
  detail: Schema.String,
  disposition: Schema.Literal("rejected", "notSent", "unknown").annotations({
    description: "what became of the request; if a send is unknown, look for the message before you send it again"
  }),
  retryable: Schema.Boolean.annotations({ description: "whether the same request can be repeated with success" }),
  missingScope: Schema.optional(Scope.annotations({ description: "the scope that the API key would need" })),
  issues: Schema.Array(Issue).annotations({ description: "each problem of the input with its path; may be empty" }),
  inactiveRecipients: Schema.optional(Schema.Array(Schema.String)),
  postmark: Schema.optional(Schema.Struct({ errorCode: Schema.Number, message: Schema.String })),
  correlation: Schema.optional(
    Correlation.annotations({ description: "the metadata field that finds the message, if there is one" })
  ),
  reconciliation: Schema.optional(
    ReconciliationResult.annotations({ description: "the result of the search for the message" })
  ),
  possiblyDuplicate: Schema.optional(Schema.Literal(true)),
  links: Schema.optional(
    Schema.Struct({
      reconcile: Schema.String.annotations({ description: "GET this path to search for the messages of the request" })
    })
  ),
  checks: Schema.optional(Schema.Array(CheckResult).annotations({ description: "the checks of GET /readyz" })),
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
export const BadRequest = withStatus(400, "The body is not JSON in UTF-8")

/**
 * @since 0.1.0
 * @category models
 */
export const Unauthorized = withStatus(401, "The credentials are missing or invalid")

/**
 * @since 0.1.0
 * @category models
 */
export const Forbidden = withStatus(403, "The API key does not allow this")

/**
 * @since 0.1.0
 * @category models
 */
export const NotFound = withStatus(404, "The resource does not exist, or the API key cannot access it")

/**
 * @since 0.1.0
 * @category models
 */
export const Conflict = withStatus(409, "The request conflicts with the current state")

/**
 * @since 0.1.0
 * @category models
 */
export const Gone = withStatus(410, "The connection was revoked")

/**
 * @since 0.1.0
 * @category models
 */
export const OverLimit = withStatus(413, "The body is too large")

/**
 * @since 0.1.0
 * @category models
 */
export const TooSlow = withStatus(408, "The body did not come in time")

/**
 * The problems of a body's size. A body that can be too large can also be too slow.
 *
 * @since 0.1.0
 * @category models
 */
export const TooLarge = Schema.Union(OverLimit, TooSlow)

/**
 * @since 0.1.0
 * @category models
 */
export const Invalid = withStatus(422, "The server's checks or Postmark rejected the input; see issues")

/**
 * @since 0.1.0
 * @category models
 */
export const TokenRefused = withStatus(424, "Postmark rejected the server token")

/**
 * @since 0.1.0
 * @category models
 */
export const RateLimited = withStatus(429, "The API key's rate limit or Postmark's was exceeded; nothing was sent")

/**
 * @since 0.1.0
 * @category models
 */
export const Broken = withStatus(500, "The server failed, or it cannot decrypt a stored secret")

/**
 * @since 0.1.0
 * @category models
 */
export const Refused = withStatus(502, "Postmark rejected the request or sent an unexpected response")

/**
 * @since 0.1.0
 * @category models
 */
export const Unavailable = withStatus(503, "Postmark or the store is unavailable; nothing was sent")

/**
 * @since 0.1.0
 * @category models
 */
export const OutcomeUnknown = withStatus(
  504,
  "Unknown outcome: Postmark may have accepted the message, or made the change"
)

/**
 * The problems of a read from Postmark.
 *
 * @since 0.1.0
 * @category models
 */
export const ReadProblems = Schema.Union(Invalid, TokenRefused, RateLimited, Refused, Unavailable)

/**
 * The problem of each status.
 *
 * @since 0.1.0
 * @category models
 */
export const all = [
  BadRequest,
  Unauthorized,
  Forbidden,
  NotFound,
  Conflict,
  Gone,
  OverLimit,
  TooSlow,
  Invalid,
  TokenRefused,
  RateLimited,
  Broken,
  Refused,
  Unavailable,
  OutcomeUnknown
]
