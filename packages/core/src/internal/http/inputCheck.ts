/** The client's checks, before anything is sent. */
import * as Either from "effect/Either"
import * as ParseResult from "effect/ParseResult"
import type * as Schema from "effect/Schema"
import * as AST from "effect/SchemaAST"
import * as Issues from "../../Issues.ts"
import type { ValidationFailure } from "../../PostmarkError.ts"
import { withoutBlanks } from "../wire/absent.ts"
import { acceptsType } from "../wire/compiled.ts"
import { invalid } from "./failures.ts"

/** Checks a value that is of the schema's type already. */
export const valid = <A, I>(
  schema: Schema.Schema<A, I>,
  operation: string
): (input: A) => Either.Either<A, ValidationFailure> => {
  const validate = ParseResult.validateEither(schema, { errors: "all" })
  return (input) => Either.mapLeft(validate(input), (issue) => invalid(operation, Issues.fromParseIssue(issue)))
}

/** As {@link valid}, for messages: null and empty text in an optional field are the same as leaving it out. */
export const validMessage = <A, I>(
  schema: Schema.Schema<A, I>,
  operation: string
): (input: A) => Either.Either<A, ValidationFailure> => {
  const validate = ParseResult.validateEither(schema, { errors: "all" })
  const given = withoutBlanks(AST.typeAST(schema.ast))
  const is = acceptsType(schema)
  const isMessage = (value: unknown): value is A => is(value)
  return (input) => {
    const message = given(input)
    return isMessage(message)
      ? Either.right(message)
      : Either.mapLeft(validate(message), (issue) => invalid(operation, Issues.fromParseIssue(issue)))
  }
}

/** For a message from JSON, as actions read it: null and empty text in an optional field are the same as leaving it out. */
export const jsonMessage = <A, I>(
  schema: Schema.Schema<A, I>,
  operation: string
): (input: unknown) => Either.Either<A, ValidationFailure> => {
  const decode = ParseResult.decodeUnknownEither(schema, { errors: "all", onExcessProperty: "error" })
  const given = withoutBlanks(schema.ast)
  return (input) => Either.mapLeft(decode(given(input)), (issue) => invalid(operation, Issues.fromParseIssue(issue)))
}

/** Fills in what a value leaves out, and checks it. */
export const decoded = <A, I>(
  schema: Schema.Schema<A, I>,
  operation: string
): (input: I) => Either.Either<A, ValidationFailure> => {
  const decode = ParseResult.decodeEither(schema, { errors: "all" })
  return (input) => Either.mapLeft(decode(input), (issue) => invalid(operation, Issues.fromParseIssue(issue)))
}
