/** Decodes a value as an action decodes its payload, with every issue at once. */
import * as Issues from "@effect-postmark/core/Issues"
import { ValidationFailure } from "@effect-postmark/core/PostmarkError"
import type { Issue } from "@effect-postmark/core/PostmarkError"
import * as Effect from "effect/Effect"
import * as ParseResult from "effect/ParseResult"
import type * as Schema from "effect/Schema"

export const invalid = (operation: string, issues: ReadonlyArray<Issue>): ValidationFailure =>
  new ValidationFailure({
    message: issues.map(({ message, path }) => path.length === 0 ? message : `${path.join(".")}: ${message}`).join(
      "; "
    ),
    operation,
    reason: "invalid",
    issues,
    inactiveRecipients: []
  })

/** Null and empty text in a field are the same as leaving it out, as they are for an action. */
const withoutBlanks = (value: unknown): unknown =>
  typeof value !== "object" || value === null || Array.isArray(value)
    ? value
    : Object.fromEntries(Object.entries(value).filter(([, field]) => field !== null && field !== ""))

export const decoder = <A, I>(operation: string, schema: Schema.Schema<A, I>) => {
  const decode = ParseResult.decodeUnknown(schema, { errors: "all", onExcessProperty: "error" })
  return (value: unknown): Effect.Effect<A, ValidationFailure> =>
    Effect.mapError(decode(withoutBlanks(value)), (issue) => invalid(operation, Issues.fromParseIssue(issue)))
}
