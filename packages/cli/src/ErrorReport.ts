/**
 * The JSON object that an error writes to stderr.
 *
 * @since 0.1.0
 */
import type * as Action from "@effect-postmark/core/Action"
import * as ErrorCode from "@effect-postmark/core/ErrorCode"
import { type Disposition, isPostmarkError, type Issue, type PostmarkError } from "@effect-postmark/core/PostmarkError"
import * as Cause from "effect/Cause"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import { type CliError, isCliError, type RowIssue } from "./CliError.ts"

/**
 * The report; `code` is the error's tag in snake_case, and stable.
 *
 * @since 0.1.0
 * @category models
 */
export interface ErrorReport {
  readonly code: string
  readonly message: string
  readonly fixableBy: ErrorCode.FixableBy
  readonly retryable: boolean
  /** What became of the message; absent if messages of a batch differ, or the result could not be written. */
  readonly disposition?: Disposition
  readonly retryAfterMs?: number
  readonly errorCode?: number
  readonly issues?: ReadonlyArray<Issue | RowIssue>
  /** The addresses to which Postmark no longer sends; an error quotes no other addresses. */
  readonly inactiveRecipients?: ReadonlyArray<string>
  /** Which of several causes of the same code: of a journal that cannot be used, or a batch that stopped. */
  readonly reason?: string
}

/**
 * All codes of reports.
 *
 * @since 0.1.0
 * @category constants
 */
export const codes: ReadonlyArray<string> = [
  "usage_error",
  "missing_token",
  "unreadable_input",
  "invalid_json",
  "validation_failure",
  "request_refused",
  "invalid_token",
  "rate_limited",
  "postmark_unavailable",
  "partial_success",
  "batch_rejected",
  "outcome_unknown",
  "change_unknown",
  "unexpected_response",
  "output_failed",
  "invalid_rows",
  "journal_problem",
  "unknown_rows",
  "batch_stopped",
  "wait_timed_out",
  "bounced",
  "not_confirmed",
  "unknown_connection",
  "profile_problem",
  "not_installed",
  "unexpected",
  "interrupted"
]

/**
 * Converts an error to its report.
 *
 * @since 0.1.0
 * @category conversions
 */
export const fromError = (error: CliError | PostmarkError): ErrorReport => ({
  code: snakeCase(error._tag),
  message: error.message,
  fixableBy: fixableBy(error),
  ...(isPostmarkError(error) ? postmark(error) : own(error))
})

/**
 * Converts the cause of a failed run to its report. Leaves out a defect's message, which may quote the input.
 *
 * @since 0.1.0
 * @category conversions
 */
export const fromCause = (cause: Cause.Cause<unknown>): ErrorReport => {
  const error = Option.getOrUndefined(Cause.failureOption(cause))
  if (isCliError(error) || isPostmarkError(error)) return fromError(error)
  if (Cause.isInterruptedOnly(cause)) return interrupted()
  return {
    code: "unexpected",
    message: "unexpected error; use --log-level debug to log its stack",
    fixableBy: "caller",
    retryable: false,
    disposition: "unknown"
  }
}

/**
 * Builds the report of an interruption, during an action or outside one.
 *
 * @since 0.1.0
 * @category constructors
 */
export const interrupted = (action?: Action.Definition): ErrorReport => {
  const sending = action !== undefined && !action.readOnly
  return {
    code: "interrupted",
    message: sending
      ? "interrupted while sending; Postmark may have accepted the message, so look for it before you send it again"
      : "interrupted",
    fixableBy: "caller",
    retryable: !sending,
    disposition: sending ? "unknown" : "notSent"
  }
}

const postmark = (error: PostmarkError): Partial<ErrorReport> & Pick<ErrorReport, "retryable"> => ({
  retryable: error.retryable,
  disposition: error.disposition,
  ...("retryAfter" in error && error.retryAfter !== undefined ? { retryAfterMs: error.retryAfter } : {}),
  ...("errorCode" in error && error.errorCode !== undefined ? { errorCode: error.errorCode } : {}),
  ...("issues" in error && error.issues.length > 0 ? { issues: error.issues } : {}),
  ...("inactiveRecipients" in error && error.inactiveRecipients.length > 0
    ? { inactiveRecipients: error.inactiveRecipients.map((address) => Redacted.value(address)) }
    : {})
})

const own = (error: CliError): Partial<ErrorReport> & Pick<ErrorReport, "retryable"> => {
  switch (error._tag) {
    case "UsageError":
    case "MissingToken":
    case "UnreadableInput":
    case "InvalidJson":
    case "JournalProblem":
    case "NotConfirmed":
    case "UnknownConnection":
    case "ProfileProblem":
    case "NotInstalled":
      return {
        retryable: false,
        disposition: "notSent",
        ...(error._tag === "JournalProblem" ? { reason: error.reason } : {})
      }
    case "BatchRejected":
      return { retryable: false, disposition: "rejected" }
    case "InvalidRows":
      return { retryable: false, disposition: "notSent", issues: error.issues }
    case "UnknownRows":
      return { retryable: false, disposition: "unknown" }
    case "WaitTimedOut":
      return { retryable: true }
    case "BatchStopped":
      return {
        retryable: error.why === "unavailable",
        reason: error.why,
        ...(error.retryAfter === undefined ? {} : { retryAfterMs: error.retryAfter })
      }
    case "Bounced":
    case "OutputFailed":
    case "PartialSuccess":
      return { retryable: false }
  }
}

const fixableBy = (error: CliError | PostmarkError): ErrorCode.FixableBy => {
  const entry = "errorCode" in error && error.errorCode !== undefined
    ? ErrorCode.get(error.errorCode, error.operation)
    : undefined
  if (entry !== undefined) return entry.fixableBy
  switch (error._tag) {
    case "BatchStopped":
      return error.why === "unavailable" ? "retry" : error.why === "interrupted" ? "caller" : "accountOwner"
    case "WaitTimedOut":
      return "retry"
    case "InvalidToken":
      return "accountOwner"
    case "RateLimited":
    case "PostmarkUnavailable":
      return "retry"
    default:
      return "caller"
  }
}

const snakeCase = (tag: string): string => tag.replace(/(?!^)[A-Z]/g, "_$&").toLowerCase()
