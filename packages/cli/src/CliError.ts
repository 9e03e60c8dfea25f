/**
 * What can go wrong on this side of Postmark. No error quotes what it was given: an argument may be an address, a text
 * of a message, or a token in the wrong place.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"

const id = (name: string) => `@effect-postmark/cli/CliError/${name}`

/**
 * The command line is wrong.
 *
 * @since 0.1.0
 * @category errors
 */
export class UsageError extends Schema.TaggedError<UsageError>(id("UsageError"))("UsageError", {
  message: Schema.String
}) {}

/**
 * No server token was given, or an empty one.
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
 * What should be JSON is not.
 *
 * @since 0.1.0
 * @category errors
 */
export class InvalidJson extends Schema.TaggedError<InvalidJson>(id("InvalidJson"))("InvalidJson", {
  message: Schema.String
}) {}

/**
 * The command was done, and its result could not be written.
 *
 * @since 0.1.0
 * @category errors
 */
export class OutputFailed extends Schema.TaggedError<OutputFailed>(id("OutputFailed"))("OutputFailed", {
  message: Schema.String
}) {}

/**
 * Postmark took some messages of a batch and refused others; stdout has the outcome of each.
 *
 * @since 0.1.0
 * @category errors
 */
export class PartialSuccess extends Schema.TaggedError<PartialSuccess>(id("PartialSuccess"))("PartialSuccess", {
  message: Schema.String
}) {}

/**
 * Postmark refused every message of a batch; stdout has the outcome of each.
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
