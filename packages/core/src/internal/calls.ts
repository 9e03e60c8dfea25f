/** What the methods of all resources do around a call. */
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as ParseResult from "effect/ParseResult"
import type * as Schema from "effect/Schema"
import type { Acknowledgement, WithRaw } from "../Answer.ts"
import * as Issues from "../Issues.ts"
import type { ValidationFailure } from "../PostmarkError.ts"
import { validationFailure } from "./answer.ts"
import { type Answer, invalid } from "./transport.ts"

/** An input that keeps Postmark's limits, or every issue it has. */
export const valid = <A, I>(
  schema: Schema.Schema<A, I>,
  operation: string,
  input: A
): Effect.Effect<A, ValidationFailure> =>
  Either.mapLeft(
    ParseResult.validateEither(schema, { errors: "all" })(input),
    (issue) => invalid(operation, Issues.fromParseIssue(issue))
  )

/** As {@link valid}, with the defaults of the schema filled in. */
export const decoded = <A, I>(
  schema: Schema.Schema<A, I>,
  operation: string,
  input: I
): Effect.Effect<A, ValidationFailure> =>
  Either.mapLeft(
    ParseResult.decodeEither(schema, { errors: "all" })(input),
    (issue) => invalid(operation, Issues.fromParseIssue(issue))
  )

export const valueOf = <A, E>(call: Effect.Effect<Answer<A>, E>): Effect.Effect<A, E> =>
  Effect.map(call, ({ value }) => value)

/** One record, with the answer as it came. */
export const withRaw = <A extends object, E>(call: Effect.Effect<Answer<A>, E>): Effect.Effect<WithRaw<A>, E> =>
  Effect.map(call, ({ raw, value }) => ({ ...value, raw }))

/** A change that answers nothing but that it was made, or not. */
export const acknowledged = <E>(
  operation: string,
  call: Effect.Effect<Answer<Acknowledgement>, E>
): Effect.Effect<void, E | ValidationFailure> =>
  Effect.flatMap(call, ({ value: { errorCode, message } }) =>
    errorCode === 0 ? Effect.void : Effect.fail(
      validationFailure(operation, {
        _tag: "Answered",
        status: 200,
        retryAfter: undefined,
        errorCode,
        postmarkMessage: message,
        problem: `Postmark error ${errorCode}`
      })
    ))
