/**
 * Every code of a problem: what it means, and what to do. The server has a page for each, at `/problems/<code>`.
 *
 * @since 0.1.0
 */
import type { Status } from "./Problem.ts"

/**
 * What is said of a code. `retryable` and `disposition` are those of most problems with the code; a problem has its own.
 *
 * @since 0.1.0
 * @category models
 */
export interface Entry {
  readonly status: Status
  readonly title: string
  readonly retryable: boolean
  readonly disposition: "rejected" | "notSent" | "unknown"
  readonly meaning: string
  readonly advice: string
}

const entry = (
  status: Status,
  title: string,
  meaning: string,
  advice: string,
  more: Partial<Pick<Entry, "retryable" | "disposition">> = {}
): Entry => ({ status, title, retryable: false, disposition: "rejected", meaning, advice, ...more })

const notSent = { retryable: true, disposition: "notSent" } as const

/**
 * The codes with what is said of each.
 *
 * @since 0.1.0
 * @category catalogues
 */
export const catalogue = {
  malformed_body: entry(
    400,
    "Malformed body",
    "The body is not JSON in UTF-8, or it ended too early.",
    "Send the body as JSON, encoded in UTF-8 and without compression."
  ),
  idempotency_key_invalid: entry(
    400,
    "Invalid Idempotency-Key",
    "The Idempotency-Key header is empty, repeated, longer than 255 characters, or has a character that is not printable ASCII.",
    "Send one key of 1 to 255 printable ASCII characters, such as a UUID, bare or in double quotes."
  ),
  unauthorized: entry(
    401,
    "Missing or invalid credentials",
    "The API key, or on the receiver the connection's webhook secret, is missing, wrong or repeated.",
    "Send the header Authorization: Bearer <API key>. For a webhook, its whole value must be the connection's secret."
  ),
  api_key_expired: entry(
    401,
    "Expired API key",
    "The API key was valid until a time that has passed.",
    "Use another key. An admin key creates one with POST /v1/api-keys."
  ),
  api_key_revoked: entry(
    401,
    "Revoked API key",
    "The API key was revoked.",
    "Use another key. An admin key creates one with POST /v1/api-keys."
  ),
  missing_scope: entry(
    403,
    "Missing scope",
    "The API key can access the connection, but it does not have the scope that this route needs (missingScope).",
    "Use a key with that scope. An admin key creates one with POST /v1/api-keys."
  ),
  admin_only: entry(
    403,
    "Admin key required",
    "The API key is limited to some connections, and the route needs a key for all of them.",
    "Use an admin key."
  ),
  run_not_found: entry(
    404,
    "Bulk run not found",
    "The connection has no bulk run with this id.",
    "List the runs with GET /v1/connections/:id/runs."
  ),
  erasure_not_found: entry(
    404,
    "Erasure not found",
    "The connection has no erasure with this id.",
    "Start one with POST /v1/connections/:id/erasures."
  ),
  not_found: entry(
    404,
    "Not found in Postmark",
    "Postmark has no message, template or other resource with this id.",
    "Check the id, and that it belongs to this connection's server. Postmark keeps messages for 45 days by default."
  ),
  connection_not_found: entry(
    404,
    "Connection not found",
    "The connection does not exist, or the API key cannot access it.",
    "List the connections of the key with GET /v1/connections.",
    { disposition: "notSent" }
  ),
  subscription_not_found: entry(
    404,
    "Subscription not found",
    "The connection has no subscription with this id.",
    "List the subscriptions with GET /v1/connections/<id>/triggers.",
    { disposition: "notSent" }
  ),
  relay_target_not_found: entry(
    404,
    "Relay target not found",
    "The connection has no relay target with this id.",
    "List the targets with GET /v1/connections/<id>/relay-targets.",
    { disposition: "notSent" }
  ),
  api_key_not_found: entry(
    404,
    "API key not found",
    "There is no API key with this id, or it is already revoked.",
    "List the keys with GET /v1/api-keys."
  ),
  no_such_route: entry(
    404,
    "Route not found",
    "The server has no route with this path.",
    "GET /openapi.json lists the routes. Paths are case-sensitive and do not end in a slash."
  ),
  method_not_allowed: entry(
    405,
    "Method not allowed",
    "The route exists, but not with this method.",
    "Use one of the methods in the Allow header."
  ),
  body_too_slow: entry(
    408,
    "Body too slow",
    "The body did not come in time. Nothing was done.",
    "Send the whole body within 30 seconds; lines of JSON may take longer, with no pause of 30 seconds.",
    notSent
  ),
  not_provisioned: entry(
    409,
    "No webhook in Postmark",
    "This server has not created the connection's webhook in Postmark.",
    "Create it with POST /v1/connections/:id/provisioning.",
    { disposition: "notSent" }
  ),
  not_subscribed: entry(
    409,
    "No subscription",
    "The connection is not subscribed to any trigger, so there is no secret for a webhook.",
    "Subscribe a trigger first with POST /v1/connections/:id/triggers.",
    { disposition: "notSent" }
  ),
  rotation_unfinished: entry(
    409,
    "Rotation cannot finish yet",
    "Postmark's webhook may still send the older secret.",
    "Start the rotation again with POST /v1/connections/:id/provisioning/rotate-secret, then finish it.",
    notSent
  ),
  public_url_missing: entry(
    409,
    "No public URL",
    "The server does not know at which URL Postmark reaches it, so it cannot create a webhook.",
    "Set EFFECT_POSTMARK_PUBLIC_URL and restart the server."
  ),
  run_state_conflict: entry(
    409,
    "Bulk run in another state",
    "The run's state does not allow this: a run that has ended cannot be paused, resumed or cancelled.",
    "Read the run's state with GET /v1/connections/:id/runs/:runId."
  ),
  run_start_lost: entry(
    409,
    "Start of the bulk run interrupted",
    "Another request with the same key was storing the run and ended too early. Nothing was sent.",
    "Start the run again with the same key.",
    notSent
  ),
  sweep_in_progress: entry(
    409,
    "Sweep in progress",
    "A gap-fill of the connection is going on.",
    "Wait until it ends; GET /v1/connections/:id/gap-fill shows it.",
    notSent
  ),
  connection_exists: entry(
    409,
    "Server already connected",
    "Another connection has this Postmark server.",
    "Use that connection, or revoke it first.",
    { disposition: "notSent" }
  ),
  server_mismatch: entry(
    409,
    "Server mismatch",
    "The new token belongs to another Postmark server. Nothing changed.",
    "Rotate to a token of the same server, or create a connection for the other server.",
    { disposition: "notSent" }
  ),
  secret_conflict: entry(
    409,
    "Secret conflict",
    "The connection already has another webhook secret.",
    "Leave the secret out to use the current one, or set rotate to start a rotation.",
    { disposition: "notSent" }
  ),
  rotation_in_progress: entry(
    409,
    "Rotation in progress",
    "The connection or target already has two secrets.",
    "Finish the current rotation first.",
    { disposition: "notSent" }
  ),
  relay_target_exists: entry(
    409,
    "Relay target already exists",
    "The trigger already has a relay target with this URL.",
    "Use that target, or another URL.",
    { disposition: "notSent" }
  ),
  relay_target_changed: entry(
    409,
    "Relay target changed meanwhile",
    "Another call changed the relay target at the same time.",
    "Read the target, then decide whether to make the change again.",
    { disposition: "notSent" }
  ),
  own_api_key: entry(
    409,
    "Self-revocation not allowed",
    "An API key cannot revoke itself, so that one admin key is always left.",
    "Revoke it with another admin key."
  ),
  idempotency_in_progress: entry(
    409,
    "Request in progress",
    "A request with this Idempotency-Key is still in progress. This request did nothing.",
    "Wait for the seconds in Retry-After, then repeat the request with the same key to get the first response.",
    notSent
  ),
  idempotency_response_lost: entry(
    409,
    "First response not available",
    "The first request with this Idempotency-Key was answered, but its response cannot be replayed: it was too large, or it " +
      "was encrypted with a key that the server no longer has. This request did nothing.",
    "Read the resource to see the result of the first request. Use a new key for a new request.",
    { disposition: "notSent" }
  ),
  connection_revoked: entry(
    410,
    "Connection revoked",
    "The connection was revoked, and its token was deleted.",
    "Connect the Postmark server again with POST /v1/connections.",
    { disposition: "notSent" }
  ),
  body_too_large: entry(
    413,
    "Body too large",
    "The body is over the limit of the route, which the detail names.",
    "Send less in one request: a smaller batch or smaller attachments."
  ),
  open_not_reported: entry(
    422,
    "No open will be reported",
    "Postmark will not report an open of this message; issues says why.",
    "Send messages with open tracking and an HTML body, or wait for the delivery instead."
  ),
  run_input_invalid: entry(
    422,
    "Invalid message",
    "A message of the run is invalid, and the run refuses invalid messages. Nothing was sent.",
    "Correct the message that issues names, or start the run without invalid set to refuse."
  ),
  too_many_messages: entry(
    422,
    "Too many messages in one second",
    "Postmark's history has more than 10,000 messages in one second, and no search of it reaches all of them.",
    "Choose a range of time without that second."
  ),
  validation_failure: entry(
    422,
    "Invalid input",
    "The server's checks or Postmark rejected the input. issues lists each problem with its path.",
    "Correct the fields in issues. If postmark.errorCode is present, docs/errors.md explains it."
  ),
  inactive_recipients: entry(
    422,
    "Inactive recipients",
    "Postmark no longer sends to these recipients after a hard bounce, a spam complaint or a suppression.",
    "Leave the addresses in inactiveRecipients out. Reactivate a bounce only when you know that the address works."
  ),
  idempotency_key_reused: entry(
    422,
    "Idempotency-Key reused",
    "The Idempotency-Key was used for another request to this route within the last 24 hours. This request did nothing.",
    "Use a new key for each new request, and repeat a request with exactly the same body.",
    { disposition: "notSent" }
  ),
  invalid_token: entry(
    424,
    "Invalid server token",
    "Postmark rejected the connection's server token. The API key is valid.",
    "Rotate the token with POST /v1/connections/<id>/rotate."
  ),
  too_many_failures: entry(
    429,
    "Too many failed authentications",
    "This address sent too many webhooks with a wrong secret.",
    "Wait for the seconds in Retry-After, then post the webhook again with the connection's secret.",
    notSent
  ),
  rate_limit_exceeded: entry(
    429,
    "Request limit of the API key exceeded",
    "The API key has made more requests in the last minute than its limit allows. Nothing was done.",
    "Wait for the seconds in Retry-After, then send the same request again.",
    notSent
  ),
  rate_limited: entry(
    429,
    "Rate limit exceeded",
    "A rate limit was exceeded. Nothing was sent.",
    "Wait for the seconds in Retry-After if it is present, otherwise for a few seconds, then try again.",
    notSent
  ),
  internal_error: entry(
    500,
    "Internal server error",
    "An unexpected error. The server logs it with the request's id.",
    "Look for the result before you repeat the request. With an Idempotency-Key, a repeat does that for you.",
    { disposition: "unknown" }
  ),
  secret_unreadable: entry(
    500,
    "Unreadable secret",
    "A stored secret cannot be decrypted: its encryption key is not configured.",
    "Add the missing key to EFFECT_POSTMARK_ENCRYPTION_KEY and restart the server.",
    { disposition: "notSent" }
  ),
  request_refused: entry(
    502,
    "Request rejected by Postmark",
    "Postmark, or a proxy in front of it, rejected the request.",
    "Read the detail; Postmark's status page and your network's proxy are the first places to look."
  ),
  unexpected_response: entry(
    502,
    "Unexpected response from Postmark",
    "Postmark's response to a read does not match its API.",
    "Try again later. If it persists, report it with the issues."
  ),
  erasure_incomplete: entry(
    503,
    "Erasure incomplete",
    "A part of the data could not be rewritten yet. The erasure goes on from there when it is repeated.",
    "Send the same request again.",
    { retryable: true, disposition: "unknown" }
  ),
  not_ready: entry(
    503,
    "Server not ready",
    "A part that the server needs is not ready; checks says which.",
    "Send requests to another server, and look at the log of this one. It recovers by itself when the part does.",
    notSent
  ),
  overloaded: entry(
    503,
    "Too many webhooks",
    "More webhooks came than the server stores. This one was not stored; Postmark posts it again.",
    "Wait for the seconds in Retry-After, then post it again. If this lasts, add servers or a faster disk.",
    notSent
  ),
  postmark_unavailable: entry(
    503,
    "Postmark unavailable",
    "Postmark cannot be reached or is under maintenance. Nothing was sent.",
    "Try again later, after the seconds in Retry-After if it is present.",
    notSent
  ),
  store_unavailable: entry(
    503,
    "Store unavailable",
    "The server's database does not answer.",
    "Wait for the seconds in Retry-After, then try again.",
    notSent
  ),
  unavailable: entry(
    503,
    "Webhook not stored",
    "The webhook could not be stored.",
    "Nothing: Postmark posts the webhook again.",
    notSent
  ),
  shutting_down: entry(
    503,
    "Shutdown in progress",
    "The server is shutting down and accepts no new requests.",
    "Wait for the seconds in Retry-After, then try again.",
    notSent
  ),
  handler_timeout: entry(
    504,
    "No answer in time",
    "The answer took too long. A read was stopped; a change goes on, and its outcome is unknown.",
    "Repeat a read, or ask for less. Check the outcome of a change before you send it again; with an Idempotency-Key, a " +
      "repeat gets the first answer.",
    { disposition: "unknown" }
  ),
  outcome_unknown: entry(
    504,
    "Unknown send outcome",
    "Postmark may or may not have accepted the message: the request was written, and no usable response came.",
    "Follow links.reconcile, which searches Postmark's history for the message. It appears there with a delay, so not " +
      "finding it proves nothing. Sending it again can deliver it twice.",
    { disposition: "unknown" }
  ),
  change_unknown: entry(
    504,
    "Unknown change outcome",
    "The change may or may not have been made: no usable response came, or the server stopped while it was working on it.",
    "Read the resource, then decide whether to make the change again, with a new Idempotency-Key.",
    { disposition: "unknown" }
  )
} satisfies Record<string, Entry>

/**
 * A problem's code.
 *
 * @since 0.1.0
 * @category models
 */
export type Code = keyof typeof catalogue

/**
 * Returns the entry of a code.
 *
 * @since 0.1.0
 * @category catalogues
 */
export const get = (code: string): Entry | undefined => entries.get(code)

/**
 * The entries by code, by status and then as listed.
 *
 * @since 0.1.0
 * @category catalogues
 */
export const entries: ReadonlyMap<string, Entry> = new Map<string, Entry>(Object.entries(catalogue))

/**
 * The path of a code's page, which is the `type` of its problems.
 *
 * @since 0.1.0
 * @category catalogues
 */
export const pagePath = (code: string): string => `/problems/${code}`
