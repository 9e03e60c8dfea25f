/** The failures between the socket and core, and the union of all failures of a handler. */
import type { RelayTargetConflict, RelayTargetNotFound } from "@effect-postmark/automation/RelayTargets"
import type {
  ConnectionExists,
  ConnectionNotFound,
  ConnectionRevoked,
  ServerMismatch
} from "@effect-postmark/core/Connections"
import * as Issues from "@effect-postmark/core/Issues"
import { type Issue, type PostmarkError, ValidationFailure } from "@effect-postmark/core/PostmarkError"
import type { StoreUnavailable } from "@effect-postmark/core/StoreUnavailable"
import type { RotationInProgress, SecretConflict, SubscriptionNotFound } from "@effect-postmark/core/Subscriptions"
import type { SecretUnreadable } from "@effect-postmark/core/Vault"
import * as Data from "effect/Data"

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
  | StoreUnavailable
  | MalformedBody
  | BodyTooLarge
  | Unauthorized
  | WebhookRefused
  | AdminOnly
  | ApiKeyNotFound
  | OwnApiKey
  | NoSuchRoute
  | MethodNotAllowed
  | WebhookUnavailable
  | WebhookLimited
  | WebhookOverloaded
  | HandlerTimedOut
  | Draining
  | Defect

/** The body is not UTF-8, or not JSON. */
export class MalformedBody extends Data.TaggedError("MalformedBody")<{ readonly message: string }> {}

export class BodyTooLarge extends Data.TaggedError("BodyTooLarge")<{ readonly limit: number }> {}

export class Unauthorized extends Data.TaggedError("Unauthorized") {}

/** The same failure for a wrong secret, a missing secret and an unknown connection. */
export class WebhookRefused extends Data.TaggedError("WebhookRefused") {}

export class AdminOnly extends Data.TaggedError("AdminOnly") {}

export class ApiKeyNotFound extends Data.TaggedError("ApiKeyNotFound") {}

export class OwnApiKey extends Data.TaggedError("OwnApiKey") {}

export class NoSuchRoute extends Data.TaggedError("NoSuchRoute") {}

export class MethodNotAllowed extends Data.TaggedError("MethodNotAllowed")<{ readonly allow: ReadonlyArray<string> }> {}

/** The webhook could not be stored. Postmark must post it again. */
export class WebhookUnavailable extends Data.TaggedError("WebhookUnavailable") {}

/** Too many wrong secrets came from the same address. Postmark posts the webhook again after a 429. */
export class WebhookLimited extends Data.TaggedError("WebhookLimited") {}

/** More webhooks wait than there is room for. */
export class WebhookOverloaded extends Data.TaggedError("WebhookOverloaded") {}

/** A handler took too long. One that changes something goes on, so its outcome is unknown. */
export class HandlerTimedOut extends Data.TaggedError("HandlerTimedOut")<{ readonly isRead: boolean }> {}

export class Draining extends Data.TaggedError("Draining") {}

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
