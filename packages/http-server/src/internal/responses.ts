/** Reads the requests of handlers and builds their responses. */
import * as Issues from "@effect-postmark/core/Issues"
import type { ValidationFailure } from "@effect-postmark/core/PostmarkError"
import type * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as Effect from "effect/Effect"
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import { type BodyTooLarge, type BodyTooSlow, type Failure, invalid, type MalformedBody } from "./failures.ts"
import * as Incoming from "./incoming.ts"
import * as Problems from "./problems.ts"
import { RequestId } from "./requestId.ts"

type Response = HttpServerResponse.HttpServerResponse

/** The default limit of a body, in bytes. */
export const defaultBodyLimit = 1024 * 1024

/** Turns a failure into the response with its problem. */
export const orProblem = <R>(effect: Effect.Effect<Response, Failure, R>): Effect.Effect<Response, never, R> =>
  Effect.catchAll(effect, (failure) => Effect.map(RequestId, (requestId) => Problems.response(failure, requestId)))

/** Decodes an input; rejects unknown fields and reports all issues at once. */
export const decode = <A, I>(operation: string, schema: Schema.Schema<A, I>) => {
  const parse = ParseResult.decodeUnknown(schema, { errors: "all", onExcessProperty: "error" })
  return (input: unknown): Effect.Effect<A, ValidationFailure> =>
    Effect.mapError(parse(input), (issue) => invalid(operation, Issues.fromParseIssue(issue)))
}

/** Reads and decodes the body. */
export const payload = <A, I>(operation: string, schema: Schema.Schema<A, I>, limit = defaultBodyLimit) => {
  const read = decode(operation, schema)
  return (
    request: HttpServerRequest.HttpServerRequest
  ): Effect.Effect<A, ValidationFailure | MalformedBody | BodyTooLarge | BodyTooSlow> =>
    Effect.flatMap(Incoming.json(request, limit), read)
}

/** Responds with JSON; leaves out fields that the schema does not name. */
export const json = <A, I>(schema: Schema.Schema<A, I>, status = 200) => {
  const encode = Schema.encode(schema)
  return (value: A): Effect.Effect<Response> =>
    Effect.map(Effect.orDie(encode(value)), (encoded) => HttpServerResponse.unsafeJson(encoded, { status }))
}

/** Responds with text that is already JSON. */
export const jsonText = (text: string, status = 200): Response =>
  HttpServerResponse.text(text, { status, contentType: "application/json" })

export const noContent: Response = HttpServerResponse.empty({ status: 204 })
