import * as BulkRunError from "@effect-postmark/automation/BulkRunError"
import * as Erasure from "@effect-postmark/automation/Erasure"
import * as GapFill from "@effect-postmark/automation/GapFill"
import * as ProvisioningError from "@effect-postmark/automation/ProvisioningError"
import * as RelayTargets from "@effect-postmark/automation/RelayTargets"
import * as Waits from "@effect-postmark/automation/Waits"
import * as Connections from "@effect-postmark/core/Connections"
import { ConnectionId } from "@effect-postmark/core/Ids"
import * as OutboundHistory from "@effect-postmark/core/OutboundHistory"
import * as PostmarkError from "@effect-postmark/core/PostmarkError"
import { StoreUnavailable } from "@effect-postmark/core/StoreUnavailable"
import * as Subscriptions from "@effect-postmark/core/Subscriptions"
import { SecretUnreadable } from "@effect-postmark/core/Vault"
import * as Problem from "@effect-postmark/http-server/api/Problem"
import * as ProblemCatalogue from "@effect-postmark/http-server/api/ProblemCatalogue"
import { assert, describe, it } from "@effect/vitest"
import { Redacted, Schema } from "effect"
import * as Failures from "../src/internal/failures.ts"
import * as Problems from "../src/internal/problems.ts"

const about = { message: "what happened", operation: "sendEmail" }
const validation = { ...about, issues: [], inactiveRecipients: [] }
const connectionId = ConnectionId.make("con_1")

const table: ReadonlyArray<readonly [Failures.Failure, number, string, Record<string, string>?]> = [
  [new PostmarkError.ValidationFailure({ ...validation, reason: "invalid" }), 422, "validation_failure"],
  [new PostmarkError.ValidationFailure({ ...validation, reason: "notFound" }), 404, "not_found"],
  [
    new PostmarkError.ValidationFailure({
      ...validation,
      reason: "inactiveRecipients",
      inactiveRecipients: [Redacted.make("a@example.org")]
    }),
    422,
    "inactive_recipients"
  ],
  [new PostmarkError.RateLimited({ ...about, retryAfter: 1500 }), 429, "rate_limited", { "retry-after": "2" }],
  [new PostmarkError.RateLimited(about), 429, "rate_limited", {}],
  [new PostmarkError.InvalidToken({ ...about, errorCode: 10 }), 424, "invalid_token"],
  [new PostmarkError.RequestRefused(about), 502, "request_refused"],
  [new PostmarkError.PostmarkUnavailable(about), 503, "postmark_unavailable", {}],
  [new PostmarkError.PostmarkUnavailable({ ...about, retryAfter: 1500 }), 503, "postmark_unavailable", {
    "retry-after": "2"
  }],
  [
    new PostmarkError.OutcomeUnknown({ ...about, correlation: "none", reconciliation: "noCorrelation" }),
    504,
    "outcome_unknown"
  ],
  [new PostmarkError.ChangeUnknown(about), 504, "change_unknown"],
  [new PostmarkError.UnexpectedResponse({ ...about, status: 200, issues: [] }), 502, "unexpected_response"],
  [new Connections.ConnectionNotFound(), 404, "connection_not_found"],
  [new Connections.ConnectionRevoked({ connectionId }), 410, "connection_revoked"],
  [new Connections.ConnectionExists({ connectionId, serverId: 1 }), 409, "connection_exists"],
  [new Connections.ServerMismatch({ connectionId, expectedServerId: 1, actualServerId: 2 }), 409, "server_mismatch"],
  [new Subscriptions.SecretConflict(), 409, "secret_conflict"],
  [new Subscriptions.SubscriptionNotFound(), 404, "subscription_not_found"],
  [new SecretUnreadable({ message: "no key" }), 500, "secret_unreadable"],
  [new StoreUnavailable({ store: "s", operation: "o", reason: "canary" }), 503, "store_unavailable", {
    "retry-after": "5"
  }],
  [new Failures.MalformedBody({ message: "not JSON" }), 400, "malformed_body"],
  [new Failures.BodyTooLarge({ limit: 7 }), 413, "body_too_large"],
  [new Failures.Unauthorized({ reason: "unknown" }), 401, "unauthorized", { "www-authenticate": "Bearer" }],
  [new Failures.Unauthorized({ reason: "expired" }), 401, "api_key_expired", { "www-authenticate": "Bearer" }],
  [new Failures.Unauthorized({ reason: "revoked" }), 401, "api_key_revoked", { "www-authenticate": "Bearer" }],
  [new Failures.MissingScope({ scope: "send" }), 403, "missing_scope"],
  [new Failures.RateLimitExceeded({ limit: 60, retryAfter: 0 }), 429, "rate_limit_exceeded", { "retry-after": "1" }],
  [new Failures.RateLimitExceeded({ limit: 60, retryAfter: 7 }), 429, "rate_limit_exceeded", { "retry-after": "7" }],
  [new Failures.AdminOnly(), 403, "admin_only"],
  [new Failures.ApiKeyNotFound(), 404, "api_key_not_found"],
  [new Failures.OwnApiKey(), 409, "own_api_key"],
  [new Failures.IdempotencyKeyInvalid({ message: "empty" }), 400, "idempotency_key_invalid"],
  [new Failures.IdempotencyKeyReused(), 422, "idempotency_key_reused"],
  [new Failures.IdempotencyInProgress({ retryAfter: 1500 }), 409, "idempotency_in_progress", { "retry-after": "2" }],
  [new Failures.IdempotencyResponseLost(), 409, "idempotency_response_lost"],
  [new Failures.ChangeAbandoned(), 504, "change_unknown"],
  [new Subscriptions.RotationInProgress(), 409, "rotation_in_progress"],
  [new RelayTargets.RelayTargetNotFound(), 404, "relay_target_not_found"],
  [new RelayTargets.RelayTargetConflict({ reason: "urlTaken" }), 409, "relay_target_exists"],
  [new RelayTargets.RelayTargetConflict({ reason: "changed" }), 409, "relay_target_changed"],
  [new Failures.WebhookRefused(), 401, "unauthorized"],
  [new Failures.NoSuchRoute(), 404, "no_such_route"],
  [new Failures.MethodNotAllowed({ allow: ["GET", "HEAD"] }), 405, "method_not_allowed", { allow: "GET, HEAD" }],
  [new Failures.WebhookUnavailable(), 503, "unavailable", { "retry-after": "30" }],
  [new Failures.Draining(), 503, "shutting_down"],
  [new Failures.BodyTooSlow({ seconds: 30 }), 408, "body_too_slow", { connection: "close" }],
  [new Failures.PublicUrlMissing(), 409, "public_url_missing"],
  [new Failures.ErasureNotFound(), 404, "erasure_not_found"],
  [new Failures.NotReady({ checks: [] }), 503, "not_ready", { "retry-after": "5" }],
  [new Failures.WebhookLimited(), 429, "too_many_failures", { "retry-after": "30" }],
  [new Failures.WebhookOverloaded(), 503, "overloaded", { "retry-after": "5" }],
  [new Failures.HandlerTimedOut({ isRead: false }), 504, "handler_timeout"],
  [new ProvisioningError.NotProvisioned(), 409, "not_provisioned"],
  [new ProvisioningError.NotSubscribed(), 409, "not_subscribed"],
  [new ProvisioningError.RotationUnfinished({ reason: "grace", until: null }), 409, "rotation_unfinished"],
  [new Waits.OpenNotReported({ obstacles: [] }), 422, "open_not_reported"],
  [new BulkRunError.RunNotFound(), 404, "run_not_found"],
  [new BulkRunError.RunStateConflict({ change: "pause", state: "completed" }), 409, "run_state_conflict"],
  [new BulkRunError.RunInputInvalid({ index: 0, detail: "Postmark said no", issues: [] }), 422, "run_input_invalid"],
  [new BulkRunError.RunStartLost({}), 409, "run_start_lost"],
  [new GapFill.SweepInProgress(), 409, "sweep_in_progress"],
  [new OutboundHistory.TooManyInSpan({ fromDate: "a", toDate: "b", totalCount: 10_001 }), 422, "too_many_messages"],
  [
    new Erasure.ErasureIncomplete({ position: { kind: "events", after: 0 }, reason: "canary" }),
    503,
    "erasure_incomplete"
  ],
  [new Failures.Defect(), 500, "internal_error", {}]
]

describe("problems", () => {
  for (const [failure, status, code, headers] of table) {
    it(`maps ${failure._tag} to ${status} ${code}`, () => {
      const response = Problems.of(failure, "request-1")
      assert.strictEqual(response.problem.status, status)
      assert.strictEqual(response.problem.code, code)
      assert.strictEqual(response.problem.requestId, "request-1")
      assert.strictEqual(response.problem.type, `/problems/${code}`)
      assert.isTrue(Schema.is(Problem.Problem)(response.problem))
      assert.notInclude(JSON.stringify(response), "canary")
      if (headers !== undefined) assert.deepStrictEqual(response.headers, headers)
      if ("retryable" in failure && "retryable" in response.problem) {
        assert.strictEqual(response.problem.retryable, failure.retryable)
      }
      const { disposition, retryable } = response.problem
      assert.deepInclude(ProblemCatalogue.get(code), { disposition, retryable })
      if ("disposition" in failure) assert.strictEqual(response.problem.disposition, failure.disposition)
    })
  }

  it("use each code of the catalogue, so that no page is about an error that cannot occur", () => {
    const used = new Set(table.map(([, , code]) => code))
    assert.deepStrictEqual([...ProblemCatalogue.entries.keys()].filter((code) => !used.has(code)), [])
  })

  it("link to the search for an unknown send", () => {
    const failure = new PostmarkError.OutcomeUnknown({ ...about, correlation: "none", reconciliation: "notFound" })
    const { headers, problem } = Problems.of(failure, "request-1", { reconcile: "/v1/x" })
    assert.deepStrictEqual(problem.links, { reconcile: "/v1/x" })
    assert.strictEqual(headers["link"], "</v1/x>; rel=\"status\"")
  })
})
