/** Makes messages of rows: the fields of the flags are set in each, and each is checked. */
import { Email, TemplateEmail } from "@effect-postmark/core/Email"
import type { Issue, ValidationFailure } from "@effect-postmark/core/PostmarkError"
import * as PreparedBatch from "@effect-postmark/core/PreparedBatch"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { UnreadableInput } from "../../CliError.ts"
import { decoder, invalid } from "../failing.ts"
import { type Row, rowGroups, Unreadable } from "./rows.ts"
import type { Source } from "./source.ts"

export interface Messages {
  readonly kind: PreparedBatch.Kind
  /** Every row in its order. */
  readonly rows: Stream.Stream<Row, UnreadableInput>
  readonly check: (row: Row) => Effect.Effect<void, ValidationFailure>
  readonly prepare: (
    row: Row,
    place: PreparedBatch.Place
  ) => Effect.Effect<PreparedBatch.PreparedItem, ValidationFailure>
}

const decodeEmail = decoder("emails send-batch", Email)
const decodeTemplateEmail = decoder("emails send-batch", TemplateEmail)

export const make = (
  source: Source,
  kind: PreparedBatch.Kind,
  given: Readonly<Record<string, unknown>>
): Messages => {
  const isTemplate = kind === "template"
  const whole = (row: Row): Effect.Effect<unknown, ValidationFailure> =>
    row.problem !== undefined
      ? invalid("emails send-batch", [{ path: [], message: row.problem }])
      : Effect.succeed(typeof row.value === "object" && row.value !== null ? { ...row.value, ...given } : row.value)
  const email = (row: Row) => Effect.flatMap(whole(row), decodeEmail)
  const templateEmail = (row: Row) => Effect.flatMap(whole(row), decodeTemplateEmail)
  return {
    kind,
    rows: streamOf(source, isTemplate),
    check: (row) => Effect.asVoid(isTemplate ? templateEmail(row) : email(row)),
    prepare: (row, place) =>
      isTemplate
        ? Effect.flatMap(templateEmail(row), (message) => PreparedBatch.prepareTemplateEmail(message, place))
        : Effect.flatMap(email(row), (message) => PreparedBatch.prepareEmail(message, place))
  }
}

export const streamOf = (source: Source, isTemplate: boolean): Stream.Stream<Row, UnreadableInput> =>
  // The file is read anew each time that the stream runs.
  Stream.suspend(() =>
    Stream.fromAsyncIterable(rowGroups(source, isTemplate), (error) =>
      new UnreadableInput({
        message: error instanceof Unreadable ? `--input: ${error.message}` : "--input cannot be read"
      }))
  ).pipe(Stream.mapConcat((group) => group))

/** The issues of a row, as a report has them. */
export const issuesOf = (row: Row, { issues, message }: ValidationFailure) =>
  (issues.length === 0 ? [{ path: [], message } satisfies Issue] : issues).map((issue) => ({
    row: row.row,
    ...(row.line === undefined ? {} : { line: row.line }),
    path: issue.path,
    message: issue.message
  }))
