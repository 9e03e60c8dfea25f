/** The table that maps each failure to its problem. */
import type { PostmarkError } from "@effect-postmark/core/PostmarkError"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as Match from "effect/Match"
import * as Redacted from "effect/Redacted"
import * as Problem from "../api/Problem.ts"
import type { Failure } from "./failures.ts"

/** A problem and its response headers. */
export interface ProblemResponse {
  readonly problem: Problem.Problem
  readonly headers: Readonly<Record<string, string>>
}

/** Returns the problem of a failure. */
export const of = (failure: Failure, requestId: string): ProblemResponse => {
  const { code, headers = {}, status, title, ...more } = row(failure)
  return {
    problem: {
      type: `urn:effect-postmark:problem:${code}`,
      title,
      status,
      code,
      detail: failure.message === "" ? title : failure.message,
      ...more,
      requestId
    },
    headers
  }
}

export const response = (failure: Failure, requestId: string): HttpServerResponse.HttpServerResponse => {
  const { headers, problem } = of(failure, requestId)
  return HttpServerResponse.text(JSON.stringify(problem), {
    status: problem.status,
    contentType: Problem.contentType,
    headers
  })
}

type Row = Omit<Problem.Problem, "type" | "detail" | "requestId"> & {
  readonly detail?: string
  readonly headers?: Readonly<Record<string, string>>
}

const row: (failure: Failure) => Row = Match.typeTags<Failure, Row>()({
  ValidationFailure: (error) => ({
    ...error.reason === "notFound"
      ? { status: 404 as const, code: "not_found", title: "Not found in Postmark" }
      : error.reason === "inactiveRecipients"
      ? { status: 422 as const, code: "inactive_recipients", title: "Inactive recipients" }
      : { status: 422 as const, code: "validation_failure", title: "Invalid input" },
    ...outcome(error),
    issues: error.issues,
    ...error.inactiveRecipients.length === 0
      ? {}
      // The caller sent these addresses.
      : { inactiveRecipients: error.inactiveRecipients.map((address) => Redacted.value(address)) },
    ...postmark(error)
  }),
  RateLimited: (error) => ({
    status: 429,
    code: "rate_limited",
    title: "Rate limit exceeded",
    ...outcome(error),
    ...retryAfter(error)
  }),
  // Not 401: the caller's API key is valid. Not 502: proxies and clients retry it.
  InvalidToken: (error) => ({
    status: 424,
    code: "invalid_token",
    title: "Invalid server token",
    ...outcome(error),
    ...postmark(error)
  }),
  RequestRefused: (error) => ({
    status: 502,
    code: "request_refused",
    title: "Request rejected by Postmark",
    ...outcome(error),
    ...postmark(error)
  }),
  PostmarkUnavailable: (error) => ({
    status: 503,
    code: "postmark_unavailable",
    title: "Postmark unavailable",
    ...outcome(error),
    ...postmark(error),
    ...retryAfter(error)
  }),
  OutcomeUnknown: (error) => ({
    status: 504,
    code: "outcome_unknown",
    title: "Unknown send outcome",
    ...outcome(error),
    ...postmark(error),
    correlation: error.correlation,
    reconciliation: error.reconciliation,
    ...error.possiblyDuplicate === undefined ? {} : { possiblyDuplicate: error.possiblyDuplicate }
  }),
  ChangeUnknown: (error) => ({
    status: 504,
    code: "change_unknown",
    title: "Unknown change outcome",
    retryable: error.retryable,
    ...postmark(error)
  }),
  UnexpectedResponse: (error) => ({
    status: 502,
    code: "unexpected_response",
    title: "Unexpected response from Postmark",
    retryable: error.retryable,
    issues: error.issues
  }),
  ConnectionNotFound: (error) => ({
    status: 404,
    code: "connection_not_found",
    title: "Connection not found",
    ...outcome(error)
  }),
  ConnectionRevoked: (error) => ({
    status: 410,
    code: "connection_revoked",
    title: "Connection revoked",
    ...outcome(error)
  }),
  ConnectionExists: (error) => ({
    status: 409,
    code: "connection_exists",
    title: "Server already connected",
    ...outcome(error)
  }),
  ServerMismatch: (error) => ({
    status: 409,
    code: "server_mismatch",
    title: "Server mismatch",
    ...outcome(error)
  }),
  RotationInProgress: (error) => ({
    status: 409,
    code: "rotation_in_progress",
    title: "Rotation in progress",
    ...outcome(error)
  }),
  SecretConflict: (error) => ({
    status: 409,
    code: "secret_conflict",
    title: "Secret conflict",
    ...outcome(error)
  }),
  SecretUnreadable: (error) => ({
    status: 500,
    code: "secret_unreadable",
    title: "Unreadable secret",
    ...outcome(error)
  }),
  SubscriptionNotFound: () => ({
    status: 404,
    code: "subscription_not_found",
    title: "Subscription not found"
  }),
  RelayTargetNotFound: () => ({
    status: 404,
    code: "relay_target_not_found",
    title: "Relay target not found"
  }),
  RelayTargetConflict: (error) => ({
    status: 409,
    code: error.reason === "urlTaken" ? "relay_target_exists" : "relay_target_changed",
    title: error.reason === "urlTaken" ? "Relay target already exists" : "Relay target changed meanwhile"
  }),
  StoreUnavailable: (error) => ({
    status: 503,
    code: "store_unavailable",
    title: "Store unavailable",
    // The store's own message may name files and statements.
    detail: "the store is unavailable; wait for the seconds in Retry-After, then try again",
    ...outcome(error),
    headers: { "retry-after": "5" }
  }),
  MalformedBody: () => ({ status: 400, code: "malformed_body", title: "Malformed body" }),
  BodyTooLarge: ({ limit }) => ({
    status: 413,
    code: "body_too_large",
    title: "Body too large",
    detail: `the body must be at most ${limit} bytes`
  }),
  Unauthorized: () => ({
    status: 401,
    code: "unauthorized",
    title: "Missing or invalid API key",
    detail: "the Authorization header must be Bearer <key>, with one valid API key",
    headers: { "www-authenticate": "Bearer" }
  }),
  WebhookRefused: () => ({
    status: 401,
    code: "unauthorized",
    title: "Missing or invalid webhook secret",
    detail: "the Authorization header must be the connection's secret",
    headers: { "www-authenticate": "Basic realm=\"effect-postmark webhooks\"" }
  }),
  AdminOnly: () => ({
    status: 403,
    code: "admin_only",
    title: "Admin key required",
    detail: "this API key can only access its connections; use an admin key"
  }),
  ApiKeyNotFound: () => ({
    status: 404,
    code: "api_key_not_found",
    title: "API key not found",
    detail: "the API key does not exist or is already revoked; GET /v1/api-keys lists the keys"
  }),
  OwnApiKey: () => ({
    status: 409,
    code: "own_api_key",
    title: "Self-revocation not allowed",
    detail: "an API key cannot revoke itself; use another admin key, so one always remains"
  }),
  NoSuchRoute: () => ({
    status: 404,
    code: "no_such_route",
    title: "Route not found",
    detail: "unknown path; GET /openapi.json lists the routes"
  }),
  MethodNotAllowed: ({ allow }) => ({
    status: 405,
    code: "method_not_allowed",
    title: "Method not allowed",
    detail: `the method must be one of ${allow.join(", ")}`,
    headers: { allow: allow.join(", ") }
  }),
  WebhookUnavailable: () => ({
    status: 503,
    code: "unavailable",
    title: "Webhook not stored",
    detail: "the webhook could not be stored; post it again",
    retryable: true,
    headers: { "retry-after": "30" }
  }),
  WebhookLimited: () => ({
    status: 429,
    code: "rate_limited",
    title: "Too many failed authentications",
    detail: "this address sent too many wrong secrets; wait for the seconds in Retry-After, then post it again",
    retryable: true,
    headers: { "retry-after": "30" }
  }),
  WebhookOverloaded: () => ({
    status: 503,
    code: "overloaded",
    title: "Too many webhooks",
    detail: "too many webhooks wait to be stored; wait for the seconds in Retry-After, then post it again",
    retryable: true,
    headers: { "retry-after": "5" }
  }),
  HandlerTimedOut: ({ isRead }) => ({
    status: 504,
    code: "handler_timeout",
    title: "No answer in time",
    detail: isRead
      ? "the answer took too long; try again, or ask for less"
      : "the answer took too long and the request is still being processed: check its outcome before you send it again",
    retryable: isRead,
    ...(isRead ? {} : { disposition: "unknown" as const })
  }),
  Draining: () => ({
    status: 503,
    code: "shutting_down",
    title: "Shutdown in progress",
    detail: "the server is shutting down; wait for the seconds in Retry-After, then try again",
    retryable: true,
    disposition: "notSent",
    headers: { "retry-after": "30", connection: "close" }
  }),
  Defect: () => ({
    status: 500,
    code: "internal_error",
    title: "Internal server error",
    detail: "an unexpected error; the server logs it with this requestId"
  })
})

const outcome = <R extends boolean, D>(
  { disposition, retryable }: { readonly retryable: R; readonly disposition: D }
) => ({
  retryable,
  disposition
})

const retryAfter = ({ retryAfter }: { readonly retryAfter?: number | undefined }) =>
  retryAfter === undefined ? {} : { headers: { "retry-after": String(Math.ceil(retryAfter / 1000)) } }

/** Postmark's error code with core's message, since Postmark's own message quotes addresses. */
const postmark = (error: Extract<PostmarkError, { readonly errorCode?: number | undefined }>) =>
  error.errorCode === undefined ? {} : { postmark: { errorCode: error.errorCode, message: error.message } }
