/**
 * An action is data: a name, the schemas of its payload, success and errors, and its effect on the world. HTTP
 * routes, OpenAPI entries and CLI commands are derived from it. A {@link Handled} runs it.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as ParseResult from "effect/ParseResult"
import type * as Schema from "effect/Schema"
import { invalid } from "./internal/http/failures.ts"
import { withoutBlanks } from "./internal/wire/absent.ts"
import * as Issues from "./Issues.ts"
import type * as PostmarkClient from "./PostmarkClient.ts"
import type { PostmarkError, ValidationFailure } from "./PostmarkError.ts"

/**
 * The properties of an action that HTTP, OpenAPI and the CLI read.
 *
 * @since 0.1.0
 * @category models
 */
export interface Definition {
  /** `postmark/send-email`: exact, and the same on every surface. */
  readonly id: string
  /** The id without its prefix: `send-email`. */
  readonly name: string
  readonly title: string
  readonly description: string
  /** Changes nothing in Postmark. */
  readonly readOnly: boolean
  /** Doing it twice is the same as doing it once. */
  readonly idempotent: boolean
  readonly payload: Schema.Schema.AnyNoContext
  readonly success: Schema.Schema.AnyNoContext
  readonly error: Schema.Schema.AnyNoContext
}

/**
 * An action with the types of its schemas.
 *
 * @since 0.1.0
 * @category models
 */
export interface Action<Id extends string, Payload, PayloadJson, Success, SuccessJson, Error, ErrorJson>
  extends Definition
{
  readonly id: Id
  readonly payload: Schema.Schema<Payload, PayloadJson>
  readonly success: Schema.Schema<Success, SuccessJson>
  readonly error: Schema.Schema<Error, ErrorJson>
}

/**
 * Defines an action.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = <
  const Id extends `${string}/${string}`,
  Payload,
  PayloadJson,
  Success,
  SuccessJson,
  Error extends PostmarkError,
  ErrorJson
>(
  id: Id,
  options: {
    readonly title: string
    readonly description: string
    readonly readOnly: boolean
    readonly idempotent: boolean
    readonly payload: Schema.Schema<Payload, PayloadJson>
    readonly success: Schema.Schema<Success, SuccessJson>
    readonly error: Schema.Schema<Error, ErrorJson>
  }
): Action<Id, Payload, PayloadJson, Success, SuccessJson, Error, ErrorJson> => ({
  ...options,
  id,
  name: id.slice(id.indexOf("/") + 1)
})

/**
 * An action with its handler, for callers that have JSON. It decodes the payload, rejects unknown fields, and reports
 * all issues at once. Null and an empty string in an optional field mean that the field is missing. The success is
 * JSON.
 *
 * @since 0.1.0
 * @category models
 */
export interface Handled {
  readonly action: Definition
  readonly run: (payload: unknown, client: PostmarkClient.Service) => Effect.Effect<unknown, PostmarkError>
}

/**
 * Joins an action to its handler.
 *
 * @since 0.1.0
 * @category constructors
 */
export const handle = <
  Id extends string,
  Payload,
  PayloadJson,
  Success,
  SuccessJson,
  Error extends PostmarkError,
  ErrorJson
>(
  action: Action<Id, Payload, PayloadJson, Success, SuccessJson, Error, ErrorJson>,
  handler: (payload: Payload, client: PostmarkClient.Service) => Effect.Effect<Success, Error | ValidationFailure>
): Handled => {
  const decode = ParseResult.decodeUnknownEither(action.payload, { errors: "all", onExcessProperty: "error" })
  const encode = ParseResult.encode(action.success)
  const given = withoutBlanks(action.payload.ast)
  return {
    action,
    run: (payload, client) =>
      Effect.mapError(
        decode(given(payload)),
        (issue): PostmarkError => invalid(action.id, Issues.fromParseIssue(issue))
      ).pipe(
        Effect.flatMap((decoded) => handler(decoded, client)),
        Effect.flatMap((success) => Effect.orDie(encode(success)))
      )
  }
}
