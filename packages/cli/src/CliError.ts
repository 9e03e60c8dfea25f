/**
 * The errors of the command line itself. No error quotes its input: an argument may be an address, a message's text, or a
 * misplaced token.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"

const id = (name: string) => `@effect-postmark/cli/CliError/${name}`

/**
 * The command line is invalid.
 *
 * @since 0.1.0
 * @category errors
 */
export class UsageError extends Schema.TaggedError<UsageError>(id("UsageError"))("UsageError", {
  message: Schema.String
}) {}

/**
 * The server token is missing or empty.
 *
 * @since 0.1.0
 * @category errors
 */
export class MissingToken extends Schema.TaggedError<MissingToken>(id("MissingToken"))("MissingToken", {
  message: Schema.String
}) {}

/**
 * A file or stdin cannot be read, or is not UTF-8 where text is expected.
 *
 * @since 0.1.0
 * @category errors
 */
export class UnreadableInput extends Schema.TaggedError<UnreadableInput>(id("UnreadableInput"))("UnreadableInput", {
  message: Schema.String
}) {}

/**
 * An input that must be JSON is not JSON.
 *
 * @since 0.1.0
 * @category errors
 */
export class InvalidJson extends Schema.TaggedError<InvalidJson>(id("InvalidJson"))("InvalidJson", {
  message: Schema.String
}) {}

/**
 * The command succeeded, but its result could not be written.
 *
 * @since 0.1.0
 * @category errors
 */
export class OutputFailed extends Schema.TaggedError<OutputFailed>(id("OutputFailed"))("OutputFailed", {
  message: Schema.String
}) {}

/**
 * Postmark accepted some messages of a batch and rejected others; stdout has the outcome of each.
 *
 * @since 0.1.0
 * @category errors
 */
export class PartialSuccess extends Schema.TaggedError<PartialSuccess>(id("PartialSuccess"))("PartialSuccess", {
  message: Schema.String
}) {}

/**
 * Postmark rejected every message of a batch; stdout has the outcome of each.
 *
 * @since 0.1.0
 * @category errors
 */
export class BatchRejected extends Schema.TaggedError<BatchRejected>(id("BatchRejected"))("BatchRejected", {
  message: Schema.String
}) {}

/**
 * An issue of one row of a batch. `row` counts from 1; `line` is the line of the file.
 *
 * @since 0.1.0
 * @category models
 */
export const RowIssue = Schema.Struct({
  row: Schema.Int,
  line: Schema.optional(Schema.Int),
  path: Schema.Array(Schema.Union(Schema.String, Schema.Number)),
  message: Schema.String
})

/**
 * @since 0.1.0
 * @category models
 */
export type RowIssue = typeof RowIssue.Type

/**
 * Rows of a batch are invalid; nothing was sent. `count` is how many; `issues` has the first ones.
 *
 * @since 0.1.0
 * @category errors
 */
export class InvalidRows extends Schema.TaggedError<InvalidRows>(id("InvalidRows"))("InvalidRows", {
  message: Schema.String,
  count: Schema.Int,
  issues: Schema.Array(RowIssue)
}) {}

/**
 * The journal of a batch cannot be used: it is damaged, locked, of another version, or about another input. Nothing was sent.
 * `reason` says which.
 *
 * @since 0.1.0
 * @category errors
 */
export class JournalProblem extends Schema.TaggedError<JournalProblem>(id("JournalProblem"))("JournalProblem", {
  message: Schema.String,
  reason: Schema.Literal("exists", "missing", "damaged", "locked", "version", "input", "unwritable")
}) {}

/**
 * It is unknown whether Postmark accepted some messages of a batch.
 *
 * @since 0.1.0
 * @category errors
 */
export class UnknownRows extends Schema.TaggedError<UnknownRows>(id("UnknownRows"))("UnknownRows", {
  message: Schema.String
}) {}

/**
 * A batch stopped before its end; the rest was not sent. `why` is the error that stopped it.
 *
 * @since 0.1.0
 * @category errors
 */
export class BatchStopped extends Schema.TaggedError<BatchStopped>(id("BatchStopped"))("BatchStopped", {
  message: Schema.String,
  why: Schema.Literal("invalid_token", "account", "refused", "unavailable", "interrupted", "io"),
  retryAfter: Schema.optional(Schema.Number)
}) {}

/**
 * A wait ended before the event that it waited for.
 *
 * @since 0.1.0
 * @category errors
 */
export class WaitTimedOut extends Schema.TaggedError<WaitTimedOut>(id("WaitTimedOut"))("WaitTimedOut", {
  message: Schema.String
}) {}

/**
 * A message that the command waited for bounced.
 *
 * @since 0.1.0
 * @category errors
 */
export class Bounced extends Schema.TaggedError<Bounced>(id("Bounced"))("Bounced", {
  message: Schema.String
}) {}

/**
 * A change that cannot be undone was not confirmed; nothing was changed.
 *
 * @since 0.1.0
 * @category errors
 */
export class NotConfirmed extends Schema.TaggedError<NotConfirmed>(id("NotConfirmed"))("NotConfirmed", {
  message: Schema.String
}) {}

/**
 * No stored connection has this name.
 *
 * @since 0.1.0
 * @category errors
 */
export class UnknownConnection
  extends Schema.TaggedError<UnknownConnection>(id("UnknownConnection"))("UnknownConnection", {
    message: Schema.String
  })
{}

/**
 * The file of the stored connections cannot be used.
 *
 * @since 0.1.0
 * @category errors
 */
export class ProfileProblem extends Schema.TaggedError<ProfileProblem>(id("ProfileProblem"))("ProfileProblem", {
  message: Schema.String
}) {}

/**
 * A program that the command starts is not installed.
 *
 * @since 0.1.0
 * @category errors
 */
export class NotInstalled extends Schema.TaggedError<NotInstalled>(id("NotInstalled"))("NotInstalled", {
  message: Schema.String
}) {}

/**
 * @since 0.1.0
 * @category errors
 */
export const CliError = Schema.Union(
  UsageError,
  MissingToken,
  UnreadableInput,
  InvalidJson,
  OutputFailed,
  PartialSuccess,
  BatchRejected,
  InvalidRows,
  JournalProblem,
  UnknownRows,
  BatchStopped,
  WaitTimedOut,
  Bounced,
  NotConfirmed,
  UnknownConnection,
  ProfileProblem,
  NotInstalled
)

/**
 * @since 0.1.0
 * @category errors
 */
export type CliError = typeof CliError.Type

/**
 * @since 0.1.0
 * @category guards
 */
export const isCliError: (u: unknown) => u is CliError = Schema.is(CliError)
