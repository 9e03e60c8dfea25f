/** The table that maps each failure to its problem. */
import { describe as describeObstacle } from "@effect-postmark/core/OpenTracking"
import type { PostmarkError } from "@effect-postmark/core/PostmarkError"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as Match from "effect/Match"
import * as Redacted from "effect/Redacted"
import * as Problem from "../api/Problem.ts"
import * as ProblemCatalogue from "../api/ProblemCatalogue.ts"
import type { Failure } from "./failures.ts"

/** A problem and its response headers. */
export interface ProblemResponse {
  readonly problem: Problem.Problem
  readonly headers: Readonly<Record<string, string>>
}

/** Where the caller can go from here. */
export interface Links {
  readonly reconcile?: string | undefined
}

/** Returns the problem of a failure. What its row does not say, the catalogue says of its code. */
export const of = (failure: Failure, requestId: string, { reconcile }: Links = {}): ProblemResponse => {
  const { code, headers = {}, ...more } = row(failure)
  const { disposition, retryable, status, title } = ProblemCatalogue.catalogue[code]
  return {
    problem: {
      type: ProblemCatalogue.pagePath(code),
      title,
      status,
      code,
      detail: failure.message === "" ? title : failure.message,
      retryable,
      disposition,
      issues: [],
      ...more,
      ...reconcile === undefined ? {} : { links: { reconcile } },
      requestId
    },
    headers: reconcile === undefined ? headers : { ...headers, link: statusLink(reconcile) }
  }
}

/** See https://www.rfc-editor.org/rfc/rfc8631 for the relation. */
export const statusLink = (path: string): string => `<${path}>; rel="status"`

export const response = (
  failure: Failure,
  requestId: string,
  links: Links = {}
): HttpServerResponse.HttpServerResponse => {
  const { headers, problem } = of(failure, requestId, links)
  return HttpServerResponse.text(JSON.stringify(problem), {
    status: problem.status,
    contentType: Problem.contentType,
    headers
  })
}

type Row =
  & Partial<Pick<Problem.Problem, "detail" | "disposition" | "issues" | "retryable">>
  & Pick<Problem.Problem, "correlation" | "inactiveRecipients" | "possiblyDuplicate" | "postmark" | "reconciliation">
  & {
    readonly code: ProblemCatalogue.Code
    readonly headers?: Readonly<Record<string, string>>
  }

const row: (failure: Failure) => Row = Match.typeTags<Failure, Row>()({
  ValidationFailure: (error) => ({
    ...error.reason === "notFound"
      ? { code: "not_found" }
      : error.reason === "inactiveRecipients"
      ? { code: "inactive_recipients" }
      : { code: "validation_failure" },
    ...outcome(error),
    issues: error.issues,
    ...error.inactiveRecipients.length === 0
      ? {}
      // The caller sent these addresses.
      : { inactiveRecipients: error.inactiveRecipients.map((address) => Redacted.value(address)) },
    ...postmark(error)
  }),
  RateLimited: (error) => ({
    code: "rate_limited",
    ...outcome(error),
    ...retryAfter(error)
  }),
  // Not 401: the caller's API key is valid. Not 502: proxies and clients retry it.
  InvalidToken: (error) => ({
    code: "invalid_token",
    ...outcome(error),
    ...postmark(error)
  }),
  RequestRefused: (error) => ({
    code: "request_refused",
    ...outcome(error),
    ...postmark(error)
  }),
  PostmarkUnavailable: (error) => ({
    code: "postmark_unavailable",
    ...outcome(error),
    ...postmark(error),
    ...retryAfter(error)
  }),
  OutcomeUnknown: (error) => ({
    code: "outcome_unknown",
    ...outcome(error),
    ...postmark(error),
    correlation: error.correlation,
    reconciliation: error.reconciliation,
    ...error.possiblyDuplicate === undefined ? {} : { possiblyDuplicate: error.possiblyDuplicate }
  }),
  ChangeUnknown: (error) => ({
    code: "change_unknown",
    ...outcome(error),
    ...postmark(error)
  }),
  UnexpectedResponse: (error) => ({
    code: "unexpected_response",
    ...outcome(error),
    issues: error.issues
  }),
  ConnectionNotFound: (error) => ({
    code: "connection_not_found",
    ...outcome(error)
  }),
  ConnectionRevoked: (error) => ({
    code: "connection_revoked",
    ...outcome(error)
  }),
  ConnectionExists: (error) => ({
    code: "connection_exists",
    ...outcome(error)
  }),
  ServerMismatch: (error) => ({
    code: "server_mismatch",
    ...outcome(error)
  }),
  RotationInProgress: (error) => ({
    code: "rotation_in_progress",
    ...outcome(error)
  }),
  SecretConflict: (error) => ({
    code: "secret_conflict",
    ...outcome(error)
  }),
  SecretUnreadable: (error) => ({
    code: "secret_unreadable",
    ...outcome(error)
  }),
  SubscriptionNotFound: (error) => ({
    code: "subscription_not_found",
    ...outcome(error)
  }),
  RelayTargetNotFound: (error) => ({
    code: "relay_target_not_found",
    ...outcome(error)
  }),
  RelayTargetConflict: (error) => ({
    code: error.reason === "urlTaken" ? "relay_target_exists" : "relay_target_changed",
    ...outcome(error)
  }),
  NotProvisioned: (error) => ({
    code: "not_provisioned",
    ...outcome(error)
  }),
  NotSubscribed: (error) => ({ code: "not_subscribed", ...outcome(error) }),
  RotationUnfinished: (error) => ({
    code: "rotation_unfinished",
    ...outcome(error)
  }),
  PublicUrlMissing: () => ({
    code: "public_url_missing",
    detail: "the server does not know where Postmark reaches it: set EFFECT_POSTMARK_PUBLIC_URL and restart the server",
    retryable: false
  }),
  OpenNotReported: (error) => ({
    code: "open_not_reported",
    retryable: false,
    issues: error.obstacles.map((obstacle) => ({ path: ["for"], message: describeObstacle(obstacle) }))
  }),
  RunNotFound: () => ({ code: "run_not_found" }),
  RunStateConflict: () => ({
    code: "run_state_conflict",
    retryable: false
  }),
  RunInputInvalid: (error) => ({
    code: "run_input_invalid",
    retryable: false,
    disposition: "rejected",
    issues: error.issues.map((issue) => ({ ...issue, path: ["messages", error.index, ...issue.path] }))
  }),
  RunStartLost: () => ({
    code: "run_start_lost",
    retryable: true,
    disposition: "notSent"
  }),
  SweepInProgress: (error) => ({
    code: "sweep_in_progress",
    ...outcome(error)
  }),
  TooManyInSpan: () => ({
    code: "too_many_messages",
    retryable: false
  }),
  ErasureIncomplete: (error) => ({
    code: "erasure_incomplete",
    detail: "the store did not answer, and the address is erased only in part: erase it again",
    retryable: error.retryable,
    headers: { "retry-after": "5" }
  }),
  ErasureNotFound: () => ({
    code: "erasure_not_found",
    detail: "the connection has no erasure with this id"
  }),
  StoreUnavailable: (error) => ({
    code: "store_unavailable",
    // The store's own message may name files and statements.
    detail: "the store is unavailable; wait for the seconds in Retry-After, then try again",
    ...outcome(error),
    headers: { "retry-after": "5" }
  }),
  MalformedBody: () => ({ code: "malformed_body" }),
  BodyTooLarge: ({ limit }) => ({
    code: "body_too_large",
    detail: `the body must be at most ${limit} bytes`
  }),
  BodyTooSlow: ({ seconds }) => ({
    code: "body_too_slow",
    detail: `the body must come within ${seconds} seconds; lines of JSON at least one byte in that time`,
    retryable: true,
    disposition: "notSent",
    headers: { connection: "close" }
  }),
  Unauthorized: ({ reason }) => ({ ...unauthorized[reason], headers: { "www-authenticate": "Bearer" } }),
  WebhookRefused: () => ({
    code: "unauthorized",
    detail: "the Authorization header must be the connection's secret",
    headers: { "www-authenticate": "Basic realm=\"effect-postmark webhooks\"" }
  }),
  AdminOnly: () => ({
    code: "admin_only",
    detail: "this API key can only access its connections; use an admin key"
  }),
  MissingScope: ({ scope }) => ({
    code: "missing_scope",
    detail: `this API key does not have the scope ${scope}; use a key that has it`,
    missingScope: scope
  }),
  RateLimitExceeded: ({ limit, retryAfter }) => ({
    code: "rate_limit_exceeded",
    detail: `this API key can make ${limit} requests per minute; wait for the seconds in Retry-After, then try again`,
    headers: { "retry-after": String(Math.max(1, retryAfter)) }
  }),
  ApiKeyNotFound: () => ({
    code: "api_key_not_found",
    detail: "the API key does not exist or is already revoked; GET /v1/api-keys lists the keys"
  }),
  OwnApiKey: () => ({
    code: "own_api_key",
    detail: "an API key cannot revoke itself; use another admin key, so one always remains"
  }),
  IdempotencyKeyInvalid: () => ({
    code: "idempotency_key_invalid"
  }),
  IdempotencyKeyReused: () => ({
    code: "idempotency_key_reused",
    detail: "the Idempotency-Key was used for another request to this route; use a new key for each new request"
  }),
  IdempotencyInProgress: ({ retryAfter }) => ({
    code: "idempotency_in_progress",
    detail: "a request with this Idempotency-Key is in progress; wait for the seconds in Retry-After, then repeat it",
    headers: { "retry-after": String(Math.max(Math.ceil(retryAfter / 1000), 1)) }
  }),
  IdempotencyResponseLost: () => ({
    code: "idempotency_response_lost",
    detail: "the first request with this Idempotency-Key was answered, but its response cannot be replayed; read the " +
      "resource to see its result"
  }),
  ChangeAbandoned: () => ({
    code: "change_unknown",
    detail:
      "the server stopped while it worked on a request with this Idempotency-Key, and it may have made the change; " +
      "read the resource, then decide whether to make it again with a new key"
  }),
  NoSuchRoute: () => ({
    code: "no_such_route",
    detail: "unknown path; GET /openapi.json lists the routes"
  }),
  MethodNotAllowed: ({ allow }) => ({
    code: "method_not_allowed",
    detail: `the method must be one of ${allow.join(", ")}`,
    headers: { allow: allow.join(", ") }
  }),
  WebhookUnavailable: () => ({
    code: "unavailable",
    detail: "the webhook could not be stored; post it again",
    headers: { "retry-after": "30" }
  }),
  WebhookLimited: () => ({
    code: "too_many_failures",
    detail: "this address sent too many wrong secrets; wait for the seconds in Retry-After, then post it again",
    headers: { "retry-after": "30" }
  }),
  WebhookOverloaded: () => ({
    code: "overloaded",
    detail: "too many webhooks wait to be stored; wait for the seconds in Retry-After, then post it again",
    headers: { "retry-after": "5" }
  }),
  HandlerTimedOut: ({ isRead }) => ({
    code: "handler_timeout",
    detail: isRead
      ? "the answer took too long; try again, or ask for less"
      : "the answer took too long and the request is still being processed: check its outcome before you send it again",
    retryable: isRead,
    disposition: isRead ? "notSent" : "unknown"
  }),
  Draining: () => ({
    code: "shutting_down",
    detail: "the server is shutting down; wait for the seconds in Retry-After, then try again",
    headers: { "retry-after": "30", connection: "close" }
  }),
  NotReady: ({ checks }) => ({
    code: "not_ready",
    detail: `not ready: ${checks.flatMap(({ name, status }) => status === "failed" ? [name] : []).join(", ")}`,
    retryable: true,
    checks,
    headers: { "retry-after": "5" }
  }),
  MetricsRefused: () => ({
    code: "unauthorized",
    detail: "the Authorization header must be Bearer and EFFECT_POSTMARK_METRICS_TOKEN; without that setting, only a " +
      "request from the server's own machine can read the metrics",
    headers: { "www-authenticate": "Bearer" }
  }),
  Defect: () => ({
    code: "internal_error",
    detail: "an unexpected error; the server logs it with this requestId"
  })
})

const unauthorized = {
  unknown: {
    code: "unauthorized",
    detail: "the Authorization header must be Bearer <key>, with one valid API key"
  },
  expired: {
    code: "api_key_expired",
    detail: "this API key has expired; an admin key creates another with POST /v1/api-keys"
  },
  revoked: {
    code: "api_key_revoked",
    detail: "this API key was revoked; an admin key creates another with POST /v1/api-keys"
  }
} as const

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
