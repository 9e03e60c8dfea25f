/**
 * The exit codes of the process, so that a script need not parse stderr.
 *
 * @since 0.1.0
 */
import { isPostmarkError, type PostmarkError } from "@effect-postmark/core/PostmarkError"
import * as Cause from "effect/Cause"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import { type BatchStopped, type CliError, isCliError } from "./CliError.ts"

/**
 * Every exit code and its meaning.
 *
 * @since 0.1.0
 * @category constants
 */
export const meanings = {
  0: "success",
  1: "unexpected: a defect, an unexpected response, or output that cannot be written",
  2: "invalid command line or input; nothing was sent",
  3: "rejected by Postmark, or bounced",
  4: "invalid server token, or an unknown connection",
  5: "rate limited or unavailable; nothing was sent, retry later",
  6: "batch accepted in part; stdout has the outcome of each message",
  7: "unknown outcome; Postmark may have accepted the message, so look for it before you send it again",
  124: "a wait ended before its event",
  130: "interrupted"
} as const

/**
 * @since 0.1.0
 * @category models
 */
export type ExitCode = keyof typeof meanings

/**
 * Returns the exit code of an error.
 *
 * @since 0.1.0
 * @category conversions
 */
export const fromError = (error: CliError | PostmarkError): ExitCode =>
  error._tag === "ValidationFailure" && isPostmarks(error)
    ? 3
    : error._tag === "BatchStopped"
    ? byReason[error.why]
    : byTag[error._tag]

/**
 * Returns the exit code of a finished run.
 *
 * @since 0.1.0
 * @category conversions
 */
export const fromExit = (exit: Exit.Exit<unknown, unknown>): ExitCode => {
  if (Exit.isSuccess(exit)) return 0
  const error = Option.getOrUndefined(Cause.failureOption(exit.cause))
  if (isCliError(error) || isPostmarkError(error)) return fromError(error)
  return Cause.isInterruptedOnly(exit.cause) ? 130 : 1
}

type Tag = (CliError | PostmarkError)["_tag"]

const byTag: { readonly [K in Tag]: ExitCode } = {
  UsageError: 2,
  MissingToken: 2,
  UnreadableInput: 2,
  InvalidJson: 2,
  OutputFailed: 1,
  PartialSuccess: 6,
  BatchRejected: 3,
  InvalidRows: 2,
  JournalProblem: 2,
  UnknownRows: 7,
  BatchStopped: 5,
  WaitTimedOut: 124,
  Bounced: 3,
  NotConfirmed: 2,
  UnknownConnection: 4,
  ProfileProblem: 4,
  NotInstalled: 1,
  ValidationFailure: 2,
  RateLimited: 5,
  InvalidToken: 4,
  RequestRefused: 3,
  PostmarkUnavailable: 5,
  OutcomeUnknown: 7,
  ChangeUnknown: 7,
  UnexpectedResponse: 1
}

const byReason: { readonly [K in BatchStopped["why"]]: ExitCode } = {
  invalid_token: 4,
  account: 3,
  refused: 3,
  unavailable: 5,
  interrupted: 130,
  io: 1
}

/** An error from Postmark has a status, and nearly always an error code; our own checks have neither. */
const isPostmarks = (error: { readonly errorCode?: number | undefined; readonly status?: number | undefined }) =>
  error.errorCode !== undefined || error.status !== undefined
