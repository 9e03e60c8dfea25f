/** What the methods of all resources do around a call. */
import * as Effect from "effect/Effect"
import type * as Schema from "effect/Schema"
import type { Acknowledgement, WithRaw } from "../../ApiResponse.ts"
import type { ValidationFailure } from "../../PostmarkError.ts"
import { validationFailure } from "./callFailure.ts"
import { refusedInside } from "./failures.ts"
import * as Valid from "./inputCheck.ts"
import type { Decoded } from "./transport.ts"

/** An input that keeps Postmark's limits, or every issue it has. */
export const valid = <A, I>(
  schema: Schema.Schema<A, I>,
  operation: string,
  input: A
): Effect.Effect<A, ValidationFailure> => Valid.valid(schema, operation)(input)

/** As {@link valid}, with the defaults of the schema filled in. */
export const decoded = <A, I>(
  schema: Schema.Schema<A, I>,
  operation: string,
  input: I
): Effect.Effect<A, ValidationFailure> => Valid.decoded(schema, operation)(input)

export const valueOf = <A, E>(call: Effect.Effect<Decoded<A>, E>): Effect.Effect<A, E> =>
  Effect.map(call, ({ value }) => value)

/** One record, with the answer as it came. */
export const withRaw = <A extends object, E>(call: Effect.Effect<Decoded<A>, E>): Effect.Effect<WithRaw<A>, E> =>
  Effect.map(call, ({ raw, value }) => ({ ...value, raw }))

/** A change that answers nothing but that it was made, or not. */
export const acknowledged = <E>(
  operation: string,
  call: Effect.Effect<Decoded<Acknowledgement>, E>
): Effect.Effect<void, E | ValidationFailure> =>
  Effect.flatMap(
    call,
    ({ value: { errorCode, message } }) =>
      errorCode === 0 ? Effect.void : Effect.fail(validationFailure(operation, refusedInside(errorCode, message)))
  )
