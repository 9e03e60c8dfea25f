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
  BatchRejected
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
