/** The one table from what went wrong to what is answered. */
import type { PostmarkError } from "@effect-postmark/core/PostmarkError"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as Match from "effect/Match"
import * as Redacted from "effect/Redacted"
import * as Problem from "../api/Problem.ts"
import type { Failure } from "./failures.ts"

/** A problem, and the headers that go with it. */
export interface Answer {
  readonly problem: Problem.Problem
  readonly headers: Readonly<Record<string, string>>
}

/** What to answer to a failure. */
export const of = (failure: Failure, requestId: string): Answer => {
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
      ? { status: 404 as const, code: "not_found", title: "Postmark has no such thing" }
      : error.reason === "inactiveRecipients"
      ? { status: 422 as const, code: "inactive_recipients", title: "Postmark no longer sends to these recipients" }
      : { status: 422 as const, code: "validation_failure", title: "The input is wrong" },
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
    title: "Postmark asks to slow down",
    ...outcome(error),
    ...retryAfter(error)
  }),
  // Not 401: the caller's API key is good. Not 502, which proxies and clients try again.
  InvalidToken: (error) => ({
    status: 424,
    code: "invalid_token",
    title: "Postmark refused the server token",
    ...outcome(error),
    ...postmark(error)
  }),
  RequestRefused: (error) => ({
    status: 502,
    code: "request_refused",
    title: "Postmark refused the request",
    ...outcome(error),
    ...postmark(error)
  }),
  PostmarkUnavailable: (error) => ({
    status: 503,
    code: "postmark_unavailable",
    title: "Postmark cannot be reached",
    ...outcome(error),
    ...postmark(error),
    ...retryAfter(error)
  }),
  OutcomeUnknown: (error) => ({
    status: 504,
    code: "outcome_unknown",
    title: "The mail may or may not have been sent",
    ...outcome(error),
    ...postmark(error),
    correlation: error.correlation,
    reconciliation: error.reconciliation,
    ...error.possiblyDuplicate === undefined ? {} : { possiblyDuplicate: error.possiblyDuplicate }
  }),
  ChangeUnknown: (error) => ({
    status: 504,
    code: "change_unknown",
    title: "The change may or may not have been made",
    retryable: error.retryable,
    ...postmark(error)
  }),
  UnexpectedResponse: (error) => ({
    status: 502,
    code: "unexpected_response",
    title: "Postmark gave an answer that its API does not have",
    retryable: error.retryable,
    issues: error.issues
  }),
  ConnectionNotFound: (error) => ({
    status: 404,
    code: "connection_not_found",
    title: "There is no such connection",
    ...outcome(error)
  }),
  ConnectionRevoked: (error) => ({
    status: 410,
    code: "connection_revoked",
    title: "The connection was revoked",
    ...outcome(error)
  }),
  ConnectionExists: (error) => ({
    status: 409,
    code: "connection_exists",
    title: "The Postmark server is connected already",
    ...outcome(error)
  }),
  ServerMismatch: (error) => ({
    status: 409,
    code: "server_mismatch",
    title: "The token belongs to another Postmark server",
    ...outcome(error)
  }),
  RotationInProgress: (error) => ({
    status: 409,
    code: "rotation_in_progress",
    title: "A rotation is in progress",
    ...outcome(error)
  }),
  SecretConflict: (error) => ({
    status: 409,
    code: "secret_conflict",
    title: "The connection has another secret",
    ...outcome(error)
  }),
  SecretUnreadable: (error) => ({
    status: 500,
    code: "secret_unreadable",
    title: "A stored secret cannot be opened",
    ...outcome(error)
  }),
  SubscriptionNotFound: () => ({
    status: 404,
    code: "subscription_not_found",
    title: "There is no such subscription"
  }),
  StoreUnavailable: (error) => ({
    status: 503,
    code: "store_unavailable",
    title: "The store cannot answer",
    // The store's own word may name files and statements.
    detail: "the store cannot answer now; try again",
    ...outcome(error),
    headers: { "retry-after": "5" }
  }),
  MalformedBody: () => ({ status: 400, code: "malformed_body", title: "The body is not JSON" }),
  BodyTooLarge: ({ limit }) => ({
    status: 413,
    code: "body_too_large",
    title: "The body is too large",
    detail: `the limit is ${limit} bytes`
  }),
  Unauthorized: () => ({
    status: 401,
    code: "unauthorized",
    title: "An API key is needed",
    detail: "send one valid API key: Authorization: Bearer <key>",
    headers: { "www-authenticate": "Bearer" }
  }),
  WebhookRefused: () => ({
    status: 401,
    code: "unauthorized",
    title: "The webhook's credentials are missing or wrong",
    headers: { "www-authenticate": "Basic realm=\"effect-postmark webhooks\"" }
  }),
  AdminOnly: () => ({
    status: 403,
    code: "admin_only",
    title: "This takes an admin key",
    detail: "this API key is limited to its connections"
  }),
  ApiKeyNotFound: () => ({
    status: 404,
    code: "api_key_not_found",
    title: "There is no such API key, or it was revoked before"
  }),
  OwnApiKey: () => ({
    status: 409,
    code: "own_api_key",
    title: "A key cannot revoke itself",
    detail: "use another admin key, so that one is always left"
  }),
  NoSuchRoute: () => ({ status: 404, code: "no_such_route", title: "There is nothing here" }),
  MethodNotAllowed: ({ allow }) => ({
    status: 405,
    code: "method_not_allowed",
    title: "This route does not have this method",
    headers: { allow: allow.join(", ") }
  }),
  WebhookUnavailable: () => ({
    status: 503,
    code: "unavailable",
    title: "The webhook could not be stored; post it again",
    retryable: true,
    headers: { "retry-after": "30" }
  }),
  Draining: () => ({
    status: 503,
    code: "shutting_down",
    title: "The server is shutting down",
    retryable: true,
    disposition: "notSent",
    headers: { "retry-after": "30", connection: "close" }
  }),
  Defect: () => ({ status: 500, code: "internal_error", title: "Something went wrong inside" })
})

const outcome = <R extends boolean, D>(
  { disposition, retryable }: { readonly retryable: R; readonly disposition: D }
) => ({
  retryable,
  disposition
})

const retryAfter = ({ retryAfter }: { readonly retryAfter?: number | undefined }) =>
  retryAfter === undefined ? {} : { headers: { "retry-after": String(Math.ceil(retryAfter / 1000)) } }

/** Postmark's code, with core's text: Postmark's own quotes addresses. */
const postmark = (error: Extract<PostmarkError, { readonly errorCode?: number | undefined }>) =>
  error.errorCode === undefined ? {} : { postmark: { errorCode: error.errorCode, message: error.message } }
