/** The failures between the socket and core, and the union of all failures of a handler. */
import type {
  RunInputInvalid,
  RunNotFound,
  RunStartLost,
  RunStateConflict
} from "@effect-postmark/automation/BulkRunError"
import type { ErasureIncomplete } from "@effect-postmark/automation/Erasure"
import type { SweepInProgress } from "@effect-postmark/automation/GapFill"
import type { NotProvisioned, NotSubscribed, RotationUnfinished } from "@effect-postmark/automation/ProvisioningError"
import type { RelayTargetConflict, RelayTargetNotFound } from "@effect-postmark/automation/RelayTargets"
import type { OpenNotReported } from "@effect-postmark/automation/Waits"
import type {
  ConnectionExists,
  ConnectionNotFound,
  ConnectionRevoked,
  ServerMismatch
} from "@effect-postmark/core/Connections"
import * as Issues from "@effect-postmark/core/Issues"
import type { TooManyInSpan } from "@effect-postmark/core/OutboundHistory"
import { type Issue, type PostmarkError, ValidationFailure } from "@effect-postmark/core/PostmarkError"
import type { StoreUnavailable } from "@effect-postmark/core/StoreUnavailable"
import type { RotationInProgress, SecretConflict, SubscriptionNotFound } from "@effect-postmark/core/Subscriptions"
import type { SecretUnreadable } from "@effect-postmark/core/Vault"
import * as Data from "effect/Data"
import type { Scope } from "../api/Access.ts"
import type { CheckResult } from "../api/SystemApi.ts"

export type Failure =
  | PostmarkError
  | ConnectionNotFound
  | ConnectionRevoked
  | ConnectionExists
  | ServerMismatch
  | RotationInProgress
  | SecretConflict
  | SecretUnreadable
  | SubscriptionNotFound
  | RelayTargetConflict
  | RelayTargetNotFound
  | NotProvisioned
  | NotSubscribed
  | RotationUnfinished
  | PublicUrlMissing
  | OpenNotReported
  | ErasureIncomplete
  | ErasureNotFound
  | SweepInProgress
  | TooManyInSpan
  | RunInputInvalid
  | RunNotFound
  | RunStartLost
  | RunStateConflict
  | StoreUnavailable
  | MalformedBody
  | BodyTooLarge
  | BodyTooSlow
  | Unauthorized
  | WebhookRefused
  | AdminOnly
  | MissingScope
  | RateLimitExceeded
  | ApiKeyNotFound
  | OwnApiKey
  | IdempotencyKeyInvalid
  | IdempotencyKeyReused
  | IdempotencyInProgress
  | IdempotencyResponseLost
  | ChangeAbandoned
  | NoSuchRoute
  | MethodNotAllowed
  | WebhookUnavailable
  | WebhookLimited
  | WebhookOverloaded
  | HandlerTimedOut
  | Draining
  | NotReady
  | MetricsRefused
  | Defect

/** The body is not UTF-8, or not JSON. */
export class MalformedBody extends Data.TaggedError("MalformedBody")<{ readonly message: string }> {}

export class BodyTooLarge extends Data.TaggedError("BodyTooLarge")<{ readonly limit: number }> {}

export class BodyTooSlow extends Data.TaggedError("BodyTooSlow")<{ readonly seconds: number }> {}

export class Unauthorized extends Data.TaggedError("Unauthorized")<{
  readonly reason: "unknown" | "expired" | "revoked"
}> {}

/** The same failure for a wrong secret, a missing secret and an unknown connection. */
export class WebhookRefused extends Data.TaggedError("WebhookRefused") {}

export class AdminOnly extends Data.TaggedError("AdminOnly") {}

export class MissingScope extends Data.TaggedError("MissingScope")<{ readonly scope: Scope }> {}

/** The API key has no request left; `retryAfter` is in seconds. Postmark's own limit is `RateLimited`. */
export class RateLimitExceeded extends Data.TaggedError("RateLimitExceeded")<{
  readonly limit: number
  readonly retryAfter: number
}> {}

export class ApiKeyNotFound extends Data.TaggedError("ApiKeyNotFound") {}

export class OwnApiKey extends Data.TaggedError("OwnApiKey") {}

export class IdempotencyKeyInvalid extends Data.TaggedError("IdempotencyKeyInvalid")<{ readonly message: string }> {}

export class IdempotencyKeyReused extends Data.TaggedError("IdempotencyKeyReused") {}

/** `retryAfter` is in milliseconds. */
export class IdempotencyInProgress extends Data.TaggedError("IdempotencyInProgress")<{ readonly retryAfter: number }> {}

export class IdempotencyResponseLost extends Data.TaggedError("IdempotencyResponseLost") {}

/** A change whose server stopped before its result was stored. */
export class ChangeAbandoned extends Data.TaggedError("ChangeAbandoned") {}

export class ErasureNotFound extends Data.TaggedError("ErasureNotFound") {}

export class NoSuchRoute extends Data.TaggedError("NoSuchRoute") {}

export class MethodNotAllowed extends Data.TaggedError("MethodNotAllowed")<{ readonly allow: ReadonlyArray<string> }> {}

/** Without it, Postmark cannot be told where to post. */
export class PublicUrlMissing extends Data.TaggedError("PublicUrlMissing") {}

/** The webhook could not be stored. Postmark must post it again. */
export class WebhookUnavailable extends Data.TaggedError("WebhookUnavailable") {}

/** Too many wrong secrets came from the same address. Postmark posts the webhook again after a 429. */
export class WebhookLimited extends Data.TaggedError("WebhookLimited") {}

/** More webhooks wait than there is room for. */
export class WebhookOverloaded extends Data.TaggedError("WebhookOverloaded") {}

/** A handler took too long. One that changes something goes on, so its outcome is unknown. */
export class HandlerTimedOut extends Data.TaggedError("HandlerTimedOut")<{ readonly isRead: boolean }> {}

export class Draining extends Data.TaggedError("Draining") {}

/** A check of `/readyz` failed. */
export class NotReady extends Data.TaggedError("NotReady")<{ readonly checks: ReadonlyArray<CheckResult> }> {}

/** The metrics were asked for without their token, or from another machine while there is no token. */
export class MetricsRefused extends Data.TaggedError("MetricsRefused") {}

export class Defect extends Data.TaggedError("Defect") {}

/** The failure for an input that our own checks reject. */
export const invalid = (operation: string, issues: ReadonlyArray<Issue>): ValidationFailure =>
  new ValidationFailure({
    message: Issues.describe(issues),
    operation,
    reason: "invalid",
    issues,
    inactiveRecipients: []
  })
