/**
 * An operation is data: a call of Postmark's API with its schemas, its HTTP shape under a connection, an example, and
 * its effect on the world. HTTP routes, OpenAPI entries and commands are derived from it. The six actions are
 * {@link Action}s; operations are the rest.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import { invalid } from "./internal/http/failures.ts"
import { withoutBlanks, withoutNulls } from "./internal/wire/absent.ts"
import * as Issues from "./Issues.ts"
import type * as PostmarkClient from "./PostmarkClient.ts"
import type { Issue, PostmarkError } from "./PostmarkError.ts"

/**
 * @since 0.1.0
 * @category models
 */
export type Method = "GET" | "POST" | "PATCH" | "DELETE"

/**
 * The effect of an operation on the world.
 *
 * @since 0.1.0
 * @category models
 */
export interface Nature {
  /** Changes nothing in Postmark. */
  readonly readOnly: boolean
  /** Doing it twice is the same as doing it once. */
  readonly idempotent: boolean
  /** Removes something, or stops mail. */
  readonly destructive: boolean
  /** Sends email. */
  readonly sends: boolean
}

/**
 * @since 0.1.0
 * @category constants
 */
export const reads: Nature = { readOnly: true, idempotent: true, destructive: false, sends: false }

/**
 * @since 0.1.0
 * @category constants
 */
export const creates: Nature = { readOnly: false, idempotent: false, destructive: false, sends: false }

/**
 * @since 0.1.0
 * @category constants
 */
export const changes: Nature = { ...creates, idempotent: true }

/**
 * @since 0.1.0
 * @category constants
 */
export const removes: Nature = { ...changes, destructive: true }

/**
 * @since 0.1.0
 * @category constants
 */
export const sends: Nature = { ...creates, sends: true }

/**
 * An input and the response to it, as JSON.
 *
 * @since 0.1.0
 * @category models
 */
export interface Example {
  readonly params?: Readonly<Record<string, string | number>>
  readonly query?: Readonly<Record<string, unknown>>
  readonly body?: unknown
  readonly success?: unknown
}

/**
 * The properties of an operation that HTTP, OpenAPI and the CLI read. The fields of `params`, `query` and `body` have
 * different names, so they can also be given as one object.
 *
 * @since 0.1.0
 * @category models
 */
export interface Definition extends Nature {
  /** `postmark/list-templates`: exact, and the same on every surface. */
  readonly id: string
  /** The id without its prefix: `list-templates`. */
  readonly name: string
  /** The resource: `templates`. */
  readonly group: string
  /** The name within the group: `list`. */
  readonly member: string
  readonly title: string
  readonly description: string
  readonly method: Method
  /** The path under a connection, with the fields of `params`: `/templates/:template`. */
  readonly path: `/${string}`
  /** The status of the success; 204 has no body. */
  readonly status: 200 | 201 | 204
  readonly params: Schema.Schema.AnyNoContext
  readonly query: Schema.Schema.AnyNoContext
  /** {@link nothing} if there is no body. */
  readonly body: Schema.Schema.AnyNoContext
  readonly success: Schema.Schema.AnyNoContext
  readonly example: Example
}

/**
 * The parts of an input, as JSON.
 *
 * @since 0.1.0
 * @category models
 */
export interface Input {
  readonly params?: unknown
  readonly query?: unknown
  readonly body?: unknown
}

/**
 * An operation of any types. `run` decodes the input, rejects unknown fields, and reports all issues at once. Null in an
 * optional field means that the field is missing; so does an empty string in a query, and in a message to send. The
 * success is JSON.
 *
 * @since 0.1.0
 * @category models
 */
export interface Any extends Definition {
  readonly run: (input: Input, client: PostmarkClient.Service) => Effect.Effect<unknown, PostmarkError>
}

/**
 * An operation with the types of its schemas.
 *
 * @since 0.1.0
 * @category models
 */
export interface Operation<
  Group extends string,
  Member extends string,
  Verb extends Method,
  Params,
  ParamsJson,
  Query,
  QueryJson,
  Body,
  BodyJson,
  Success,
  SuccessJson
> extends Any {
  readonly group: Group
  readonly member: Member
  readonly method: Verb
  readonly params: Schema.Schema<Params, ParamsJson>
  readonly query: Schema.Schema<Query, QueryJson>
  readonly body: Schema.Schema<Body, BodyJson>
  readonly success: Schema.Schema<Success, SuccessJson>
}

/**
 * The schema of a part that an operation does not have.
 *
 * @since 0.1.0
 * @category constants
 */
export const nothing: Schema.Schema<{}> = Schema.Struct({})

/**
 * The parts of an operation without input.
 *
 * @since 0.1.0
 * @category constants
 */
export const empty = { params: nothing, query: nothing, body: nothing }

/**
 * Returns the schema of the response: the JSON of the domain type, in which ids are texts, so no digit is lost.
 *
 * @since 0.1.0
 * @category constructors
 */
export const response = <A, I>(schema: Schema.Schema<A, I>, identifier: string): Schema.Schema<A> =>
  Schema.typeSchema(schema).annotations({ identifier })

/**
 * Defines an operation.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = <
  const Id extends `${string}/${string}`,
  const Group extends string,
  const Member extends string,
  const Verb extends Method,
  Params,
  ParamsJson,
  Query,
  QueryJson,
  Body,
  BodyJson,
  Success,
  SuccessJson
>(
  id: Id,
  nature: Nature,
  options: {
    readonly group: Group
    readonly member: Member
    readonly title: string
    readonly description: string
    readonly method: Verb
    readonly path: `/${string}`
    readonly status?: 201 | 204
    readonly params: Schema.Schema<Params, ParamsJson>
    readonly query: Schema.Schema<Query, QueryJson>
    readonly body: Schema.Schema<Body, BodyJson>
    readonly success: Schema.Schema<Success, SuccessJson>
    readonly example: Example
    readonly run: (
      input: { readonly params: Params; readonly query: Query; readonly body: Body },
      client: PostmarkClient.Service
    ) => Effect.Effect<Success, PostmarkError>
  }
): Operation<Group, Member, Verb, Params, ParamsJson, Query, QueryJson, Body, BodyJson, Success, SuccessJson> => {
  const { run, ...definition } = options
  const params = decoder(options.params)
  const query = decoder(options.query, withoutBlanks)
  const body = decoder(options.body, nature.sends ? withoutBlanks : withoutNulls)
  const encode = ParseResult.encode(options.success)
  return {
    status: 200,
    ...definition,
    ...nature,
    id,
    name: id.slice(id.indexOf("/") + 1),
    run: (input, client) =>
      Effect.gen(function*() {
        const ofPath = params(input.params)
        const ofQuery = query(input.query)
        const ofBody = body(input.body)
        if (Either.isLeft(ofPath) || Either.isLeft(ofQuery) || Either.isLeft(ofBody)) {
          return yield* invalid(id, [...issuesOf(ofPath), ...issuesOf(ofQuery), ...issuesOf(ofBody)])
        }
        const success = yield* run({ params: ofPath.right, query: ofQuery.right, body: ofBody.right }, client)
        return yield* Effect.orDie(encode(success))
      })
  }
}

const issuesOf = <A>(part: Either.Either<A, ReadonlyArray<Issue>>) => Either.isLeft(part) ? part.left : []

const decoder = <A, I>(schema: Schema.Schema<A, I>, clean: typeof withoutBlanks = () => (value) => value) => {
  const decode = ParseResult.decodeUnknownEither(schema, { errors: "all", onExcessProperty: "error" })
  const given = clean(schema.ast)
  return (input: unknown = {}): Either.Either<A, ReadonlyArray<Issue>> =>
    Either.mapLeft(decode(given(input)), Issues.fromParseIssue)
}
