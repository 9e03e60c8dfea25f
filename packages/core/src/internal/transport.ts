/**
 * Calls an endpoint of the contract. The answer is owned here, before anything decodes it: read as text up to a cap,
 * parsed without losing digits, and only a 2xx that is JSON goes on. What became of a request is judged by phase.
 */
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as Headers from "@effect/platform/Headers"
import type * as HttpApiEndpoint from "@effect/platform/HttpApiEndpoint"
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import type * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import type * as HttpMethod from "@effect/platform/HttpMethod"
import * as Chunk from "effect/Chunk"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as ParseResult from "effect/ParseResult"
import * as Redacted from "effect/Redacted"
import type * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as Issues from "../Issues.ts"
import * as Json from "../Json.ts"
import {
  type ChangeError,
  type ReadError,
  type SendError,
  UnexpectedResponse,
  ValidationFailure
} from "../PostmarkError.ts"
import { type Answered, changeFailure, type Failed, type FieldError, readFailure, sendFailure } from "./answer.ts"
import { scrub } from "./scrub.ts"

/** Which of Postmark's two kinds of token a client has. */
export type Credentials =
  | { readonly serverToken: Redacted.Redacted }
  | { readonly accountToken: Redacted.Redacted }

export type TransportOptions = Credentials & {
  readonly apiUrl: string
  readonly timeout: Duration.Duration
  readonly maxResponseBytes: number
}

/** A decoded answer, and the JSON it was decoded from. */
export interface Answer<A> {
  readonly value: A
  readonly raw: unknown
}

export interface Input<Path, UrlParams, Payload> {
  readonly path?: Path
  readonly urlParams?: UrlParams
  readonly payload?: Payload
}

type Endpoint<Name extends string, Path, UrlParams, Payload, Success> = HttpApiEndpoint.HttpApiEndpoint<
  Name,
  HttpMethod.HttpMethod,
  Path,
  UrlParams,
  Payload,
  never,
  Success
>

export interface Transport {
  readonly send: <Name extends string, Path, UrlParams, Payload, Success>(
    endpoint: Endpoint<Name, Path, UrlParams, Payload, Success>
  ) => (input: Input<Path, UrlParams, Payload>) => Effect.Effect<Answer<Success>, SendError>
  readonly read: <Name extends string, Path, UrlParams, Payload, Success>(
    endpoint: Endpoint<Name, Path, UrlParams, Payload, Success>
  ) => (input: Input<Path, UrlParams, Payload>) => Effect.Effect<Answer<Success>, ReadError>
  /** A write that is no mail. */
  readonly change: <Name extends string, Path, UrlParams, Payload, Success>(
    endpoint: Endpoint<Name, Path, UrlParams, Payload, Success>
  ) => (input: Input<Path, UrlParams, Payload>) => Effect.Effect<Answer<Success>, ChangeError>
}

export const make = (client: HttpClient.HttpClient, options: TransportOptions): Transport => {
  const apiUrl = options.apiUrl.replace(/\/+$/, "")
  const [tokenHeader, token] = "serverToken" in options
    ? ["x-postmark-server-token", options.serverToken]
    : ["x-postmark-account-token", options.accountToken]
  // The platform's own client spans record the whole URL, and recipients stand in the query of a search. The operation's
  // span takes their place.
  const quiet = client.pipe(
    HttpClient.withTracerDisabledWhen(() => true),
    HttpClient.withTracerPropagation(false),
    HttpClient.transformResponse(Effect.locallyWith(Headers.currentRedactedNames, (names) => [...names, tokenHeader]))
  )
  const headers = {
    accept: "application/json",
    "accept-encoding": "identity",
    [tokenHeader]: Redacted.value(token)
  }

  const execute = (request: HttpClientRequest.HttpClientRequest): Effect.Effect<unknown, Failed> =>
    quiet.execute(request).pipe(
      Effect.mapError((error): Failed => ({ _tag: "Transport", cause: error.cause })),
      Effect.flatMap((response) => own(response, options.maxResponseBytes)),
      Effect.provideService(FetchHttpClient.RequestInit, { redirect: "manual" }),
      Effect.timeoutFail({
        duration: options.timeout,
        onTimeout: (): Failed => ({ _tag: "TimedOut", seconds: Duration.toSeconds(options.timeout) })
      })
    )

  const bind = <E, Name extends string, Path, UrlParams, Payload, Success>(
    endpoint: Endpoint<Name, Path, UrlParams, Payload, Success>,
    failure: (operation: string, failed: Failed) => E,
    undecodable: (operation: string, error: ParseResult.ParseIssue) => E
  ) => {
    const encodePath = encoder(endpoint.pathSchema)
    const encodeQuery = encoder(endpoint.urlParamsSchema)
    const encodeBody = encoder(endpoint.payloadSchema)
    const decode = ParseResult.decodeUnknownEither(endpoint.successSchema)
    const span = {
      kind: "client" as const,
      captureStackTrace: false,
      attributes: { "http.request.method": endpoint.method, "url.template": endpoint.path }
    }
    return (input: Input<Path, UrlParams, Payload>): Effect.Effect<Answer<Success>, E | ValidationFailure> =>
      Effect.gen(function*() {
        const path = yield* encoded(endpoint.name, "path", encodePath(input.path))
        const query = yield* encoded(endpoint.name, "query", encodeQuery(input.urlParams))
        const body = yield* encoded(endpoint.name, "body", encodeBody(input.payload))
        const misleading = entries(path).find(([, value]) => value === "" || value === "." || value === "..")
        if (misleading !== undefined) {
          return yield* invalid(endpoint.name, [{ path: [misleading[0]], message: "this would name another path" }])
        }
        const request = HttpClientRequest.make(endpoint.method)(apiUrl + fill(endpoint.path, path), {
          headers,
          urlParams: entries(query)
        })
        const raw = yield* Effect.mapError(
          execute(
            body === undefined ? request : HttpClientRequest.bodyText(request, Json.stringify(body), "application/json")
          ),
          (failed) => failure(endpoint.name, failed)
        )
        const value = yield* Either.mapLeft(decode(raw), (error) => undecodable(endpoint.name, error))
        return { value, raw }
      }).pipe(Effect.withSpan(`Postmark.${endpoint.name}`, span))
  }

  return {
    send: (endpoint) => bind(endpoint, sendFailure, (operation, issue) => sendFailure(operation, undocumented(issue))),
    change: (endpoint) =>
      bind(endpoint, changeFailure, (operation, issue) => changeFailure(operation, undocumented(issue))),
    read: (endpoint) =>
      bind(endpoint, readFailure, (operation, issue) => {
        const issues = Issues.fromParseIssue(issue)
        return new UnexpectedResponse({
          operation,
          status: 200,
          message: `the answer is not what Postmark documents: ${Issues.describe(issues)}`,
          issues
        })
      })
  }
}

const undocumented = (issue: ParseResult.ParseIssue): Answered =>
  unlikePostmark(`the answer is not what Postmark documents (${Issues.describe(Issues.fromParseIssue(issue))})`)

/** The failure of a 200 that Postmark would not have written. */
export const unlikePostmark = (problem: string): Answered => ({
  _tag: "Answered",
  status: 200,
  retryAfter: undefined,
  errorCode: undefined,
  postmarkMessage: undefined,
  problem
})

const own = (response: HttpClientResponse.HttpClientResponse, maximum: number): Effect.Effect<unknown, Failed> =>
  Effect.flatMap(readText(response, maximum), (text): Effect.Effect<unknown, Failed> => {
    const status = response.status
    const encoding = response.headers["content-encoding"]
    const json = text === undefined || (encoding !== undefined && encoding !== "identity")
      ? undefined
      : Option.getOrUndefined(Option.liftThrowable(Json.parse)(text))
    const isJson = typeof json === "object" && json !== null
    if (status >= 200 && status < 300 && isJson) return Effect.succeed(json)
    const { errorCode, message } = isJson ? errorBody(json) : noError
    return Effect.fail({
      _tag: "Answered",
      status,
      retryAfter: retryAfter(response.headers["retry-after"]),
      errorCode,
      postmarkMessage: message,
      fieldErrors: isJson ? fieldErrors(json) : [],
      problem: text === undefined
        ? `HTTP ${status} with more than ${maximum} bytes`
        : isJson
        ? `HTTP ${status}`
        : `HTTP ${status} with a body that is not Postmark's JSON`
    })
  })

/** The body as text; undefined when it passes the cap. The rest is then not read. */
const readText = (
  response: HttpClientResponse.HttpClientResponse,
  maximum: number
): Effect.Effect<string | undefined, Failed> => {
  const declared = Number(response.headers["content-length"])
  if (declared > maximum) return Effect.succeed(undefined)
  const text = Number.isNaN(declared)
    ? response.stream.pipe(
      Stream.mapAccum(0, (total, bytes: Uint8Array) => [total + bytes.length, { total: total + bytes.length, bytes }]),
      Stream.takeUntil(({ total }) => total > maximum),
      Stream.runCollect,
      Effect.map((chunk) => {
        const parts = Chunk.toReadonlyArray(chunk)
        return (parts.at(-1)?.total ?? 0) > maximum ? undefined : utf8(parts.map(({ bytes }) => bytes))
      })
    )
    : response.text
  return Effect.catchAll(text, (error) =>
    error.reason === "EmptyBody"
      ? Effect.succeed("")
      : Effect.fail<Failed>({ _tag: "Transport", cause: error.cause }))
}

const utf8 = (parts: ReadonlyArray<Uint8Array>): string => {
  const decoder = new TextDecoder()
  return parts.map((part) => decoder.decode(part, { stream: true })).join("") + decoder.decode()
}

const errorBody = (json: object): { readonly errorCode: number | undefined; readonly message: string | undefined } => ({
  errorCode: "ErrorCode" in json && typeof json.ErrorCode === "number" ? json.ErrorCode : undefined,
  message: "Message" in json && typeof json.Message === "string" ? json.Message : undefined
})

const fieldErrors = (json: object): ReadonlyArray<FieldError> =>
  "Errors" in json && typeof json.Errors === "object" && json.Errors !== null
    ? Object.entries(json.Errors).flatMap(([field, errors]: [string, unknown]) =>
      (Array.isArray(errors) ? errors : []).flatMap((error: unknown) => {
        const { errorCode, message } = typeof error === "object" && error !== null ? errorBody(error) : noError
        return errorCode === undefined ? [] : [{ field, errorCode, postmarkMessage: message }]
      })
    )
    : []

const noError = { errorCode: undefined, message: undefined }

/** Milliseconds from a `Retry-After` in seconds; other forms say nothing that can be trusted without a clock. */
const retryAfter = (header: string | undefined): number | undefined =>
  header !== undefined && /^\d{1,6}$/.test(header.trim()) ? Number(header) * 1000 : undefined

const encoder = <A>(schema: Option.Option<Schema.Schema<A, unknown>>) => {
  if (Option.isNone(schema)) return (_: A | undefined) => Either.right<unknown>(undefined)
  const encode = ParseResult.encodeUnknownEither(schema.value, { errors: "all" })
  return (value: A | undefined): Either.Either<unknown, ParseResult.ParseIssue> => encode(value)
}

const encoded = (
  operation: string,
  part: string,
  result: Either.Either<unknown, ParseResult.ParseIssue>
): Either.Either<unknown, ValidationFailure> =>
  Either.mapLeft(
    result,
    (issue) => invalid(operation, Issues.fromParseIssue(issue), part === "body" ? "the input" : `the ${part}`)
  )

/** Our own refusal of an input, before anything is sent. */
export const invalid = (
  operation: string,
  issues: ReadonlyArray<ValidationFailure["issues"][number]>,
  what = "the input"
): ValidationFailure =>
  new ValidationFailure({
    operation,
    message: `${what} is invalid: ${scrub(Issues.describe(issues))}`,
    reason: "invalid",
    issues,
    inactiveRecipients: []
  })

const fill = (template: string, values: unknown): string => {
  const fields = new Map(entries(values))
  return template.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(fields.get(name) ?? ""))
}

const entries = (values: unknown): ReadonlyArray<readonly [string, string]> =>
  typeof values === "object" && values !== null
    ? Object.entries(values).flatMap(([name, value]): Array<[string, string]> =>
      value === undefined ? [] : [[name, String(value)]]
    )
    : []
