/** Calls an endpoint of the contract. What became of a request is judged by phase: before the answer came, or after. */
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as Headers from "@effect/platform/Headers"
import type * as HttpApiEndpoint from "@effect/platform/HttpApiEndpoint"
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import type * as HttpMethod from "@effect/platform/HttpMethod"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as ParseResult from "effect/ParseResult"
import * as Redacted from "effect/Redacted"
import type * as Schema from "effect/Schema"
import { BeforeWrite } from "../../BeforeWrite.ts"
import * as Issues from "../../Issues.ts"
import * as Json from "../../Json.ts"
import type { Pacer } from "../../Pacing.ts"
import {
  type ChangeError,
  type PostmarkError,
  type ReadError,
  type SendError,
  UnexpectedResponse,
  type ValidationFailure
} from "../../PostmarkError.ts"
import * as RetryPolicy from "../../RetryPolicy.ts"
import { decodeKnown, encodeValid } from "../wire/compiled.ts"
import { changeFailure, type Failed, readFailure, type Responded, sendFailure } from "./callFailure.ts"
import { type Exchange, type Exchanged, exchangeOf } from "./exchange.ts"
import { invalid, unlikePostmark } from "./failures.ts"
import { measured } from "./measured.ts"
import { own, ownExchanged } from "./readResponse.ts"
import { retryingChange, retryingRead } from "./retrying.ts"
import { isPlatformClock, longestTimer, within } from "./within.ts"

/** Which of Postmark's two kinds of token a client has. */
export type Credentials =
  | { readonly serverToken: Redacted.Redacted }
  | { readonly accountToken: Redacted.Redacted }

export type TransportOptions = Credentials & {
  readonly apiUrl: string
  readonly timeout: Duration.Duration
  readonly maxResponseBytes: number
  readonly pacer: Pacer
}

/** A decoded answer, and the JSON it was decoded from. */
export interface Decoded<A> {
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
  /** Sends a body that is encoded already. Never tried again here: who sends knows what may be sent again. */
  readonly send: <Name extends string, Path, UrlParams, Payload, Success>(
    endpoint: Endpoint<Name, Path, UrlParams, Payload, Success>
  ) => (body: Uint8Array) => Effect.Effect<Decoded<Success>, SendError>
  /** Reads, and again as the retry policy says. For writes too that may be made twice without harm. */
  readonly read: <Name extends string, Path, UrlParams, Payload, Success>(
    endpoint: Endpoint<Name, Path, UrlParams, Payload, Success>
  ) => (input: Input<Path, UrlParams, Payload>) => Effect.Effect<Decoded<Success>, ReadError>
  /** A write that is not a send: retried only if Postmark did not process it. */
  readonly change: <Name extends string, Path, UrlParams, Payload, Success>(
    endpoint: Endpoint<Name, Path, UrlParams, Payload, Success>
  ) => (input: Input<Path, UrlParams, Payload>) => Effect.Effect<Decoded<Success>, ChangeError>
  /** Reads once. */
  readonly readOnce: <Name extends string, Path, UrlParams, Payload, Success>(
    endpoint: Endpoint<Name, Path, UrlParams, Payload, Success>
  ) => (input: Input<Path, UrlParams, Payload>) => Effect.Effect<Decoded<Success>, ReadError>
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

  /** The general way, through any `HttpClient`. */
  const ask = (request: Request, timeout: Duration.Duration): Effect.Effect<unknown, Failed> =>
    within(
      quiet.execute(requestOf(apiUrl, headers, request)).pipe(
        Effect.mapError((error): Failed => ({ _tag: "Transport", cause: error.cause })),
        Effect.flatMap((response) => own(response, options.maxResponseBytes)),
        Effect.provideService(FetchHttpClient.RequestInit, { redirect: "manual" })
      ),
      timeout,
      () => timedOut(Duration.toMillis(timeout))
    )

  const bodyHeaders = { ...headers, "content-type": "application/json" }

  /** The short way, for a client that exchanges request and response as a whole. */
  const askDirectly =
    (exchange: Exchange, { origin, pathname }: URL) => ({ body, method, path, query }: Request, milliseconds: number) =>
      Effect.flatMap(
        Effect.async<Exchanged, Failed>((resume) => {
          const timer = setTimeout(() => {
            giveUp()
            resume(Effect.fail(timedOut(milliseconds)))
          }, milliseconds)
          const giveUp = exchange(
            {
              origin,
              path: pathname.replace(/\/$/, "") + path +
                (query.length === 0 ? "" : `?${new URLSearchParams(query.map(pair))}`),
              method,
              headers: body === undefined ? headers : bodyHeaders,
              body
            },
            options.maxResponseBytes,
            {
              response: (response) => {
                clearTimeout(timer)
                resume(Effect.succeed(response))
              },
              failure: (cause) => {
                clearTimeout(timer)
                resume(Effect.fail({ _tag: "Transport", cause }))
              }
            }
          )
          return Effect.sync(() => {
            clearTimeout(timer)
            giveUp()
          })
        }),
        (response) => ownExchanged(response, options.maxResponseBytes)
      )

  const exchange = exchangeOf(client)
  const direct = exchange !== undefined && URL.canParse(apiUrl) ? askDirectly(exchange, new URL(apiUrl)) : undefined

  // A clock of one's own, such as a test's, is slept on.
  const answer = (request: Request, timeout: Duration.Duration): Effect.Effect<unknown, Failed> =>
    direct === undefined
      ? ask(request, timeout)
      : Effect.clockWith((clock) => {
        const milliseconds = Duration.toMillis(timeout)
        return isPlatformClock(clock) && milliseconds < longestTimer
          ? direct(request, milliseconds)
          : ask(request, timeout)
      })

  const execute = (request: Request, before: Effect.Effect<void>): Effect.Effect<unknown, Failed> =>
    Effect.gen(function*() {
      const policy = yield* RetryPolicy.RetryPolicy
      const maximumWait = Duration.min(Duration.decode(policy.maximumWait), yield* timeLeft)
      const turn = yield* Effect.mapError(
        options.pacer.turn(maximumWait),
        ({ retryAfter }): Failed => ({ _tag: "Held", retryAfter })
      )
      const timeout = Duration.min(options.timeout, yield* timeLeft)
      if (Duration.toMillis(timeout) <= 0) return yield* Effect.fail<Failed>({ _tag: "NoTimeLeft" })
      yield* before
      return yield* answer(request, timeout).pipe(
        Effect.tapBoth({
          onSuccess: () => turn.taken,
          onFailure: (failed) =>
            failed._tag === "Responded" && failed.status === 429
              ? turn.limited(failed.retryAfter === undefined ? undefined : Duration.millis(failed.retryAfter))
              : Effect.void
        })
      )
    })

  /** One call of an endpoint: the request goes out, and its answer is decoded. */
  const bind = <E extends { readonly _tag: string }, Name extends string, Path, UrlParams, Payload, Success>(
    endpoint: Endpoint<Name, Path, UrlParams, Payload, Success>,
    failure: (operation: string, failed: Failed) => E,
    undecodable: (operation: string, error: ParseResult.ParseIssue) => E,
    before: Effect.Effect<void> = Effect.void
  ) => {
    const decode = decodeKnown(endpoint.successSchema)
    return Effect.fnUntraced(function*(path: unknown, query: unknown, body: Uint8Array | undefined) {
      const request = { method: endpoint.method, path: fill(endpoint.path, path), query: entries(query), body }
      const raw = yield* Effect.mapError(execute(request, before), (failed) => failure(endpoint.name, failed))
      const value = yield* Either.mapLeft(decode(raw), (error) => undecodable(endpoint.name, error))
      return { value, raw }
    }, measured(endpoint.name))
  }

  /** A call that is no send: what it takes is encoded, and it is made again as `again` says. */
  const caller = <E extends PostmarkError, Name extends string, Path, UrlParams, Payload, Success>(
    endpoint: Endpoint<Name, Path, UrlParams, Payload, Success>,
    failure: (operation: string, failed: Failed) => E,
    undecodable: (operation: string, issue: ParseResult.ParseIssue) => E,
    again: (call: Effect.Effect<Decoded<Success>, E>) => Effect.Effect<Decoded<Success>, E>,
    before?: Effect.Effect<void>
  ) => {
    const encodePath = encoder(endpoint.pathSchema)
    const encodeQuery = encoder(endpoint.urlParamsSchema)
    const encodeBody = bodyEncoder(endpoint)
    const call = bind(endpoint, failure, undecodable, before)
    const span = spanOf(endpoint)
    return (input: Input<Path, UrlParams, Payload>): Effect.Effect<Decoded<Success>, E | ValidationFailure> =>
      Effect.gen(function*() {
        const path = yield* encoded(endpoint.name, "path", encodePath(input.path))
        const query = yield* encoded(endpoint.name, "query", encodeQuery(input.urlParams))
        const body = input.payload === undefined ? undefined : yield* encodeBody(input.payload)
        const misleading = entries(path).find(([, value]) => value === "" || value === "." || value === "..")
        if (misleading !== undefined) {
          return yield* invalid(endpoint.name, [{ path: [misleading[0]], message: "this would name another path" }])
        }
        return yield* again(call(path, query, body))
      }).pipe(Effect.withSpan(`Postmark.${endpoint.name}`, span))
  }

  return {
    send: (endpoint) => {
      const call = bind(
        endpoint,
        sendFailure,
        (operation, issue) => sendFailure(operation, undocumented(issue)),
        beforeWrite
      )
      const span = spanOf(endpoint)
      return (body) => Effect.withSpan(call(undefined, undefined, body), `Postmark.${endpoint.name}`, span)
    },
    read: (endpoint) => caller(endpoint, readFailure, unexpected, retryingRead),
    readOnce: (endpoint) => caller(endpoint, readFailure, unexpected, (call) => call),
    change: (endpoint) =>
      caller(
        endpoint,
        changeFailure,
        (operation, issue) => changeFailure(operation, undocumented(issue)),
        retryingChange,
        beforeWrite
      )
  }
}

const beforeWrite: Effect.Effect<void> = Effect.flatten(BeforeWrite)

/** A call in wire terms, without what all calls share. */
interface Request {
  readonly method: HttpMethod.HttpMethod
  readonly path: string
  readonly query: ReadonlyArray<readonly [string, string]>
  readonly body: Uint8Array | undefined
}

const requestOf = (
  apiUrl: string,
  headers: Readonly<Record<string, string>>,
  { body, method, path, query }: Request
): HttpClientRequest.HttpClientRequest => {
  const request = HttpClientRequest.make(method)(apiUrl + path, { headers, urlParams: query })
  return body === undefined ? request : HttpClientRequest.bodyUint8Array(request, body, "application/json")
}

const pair = ([name, value]: readonly [string, string]): [string, string] => [name, value]

const timedOut = (milliseconds: number): Failed => ({ _tag: "TimedOut", seconds: milliseconds / 1_000 })

/** What the caller's time limit leaves. */
const timeLeft: Effect.Effect<Duration.Duration> = Effect.flatMap(
  RetryPolicy.Deadline,
  ({ at }) =>
    at === undefined
      ? Effect.succeed(Duration.infinity)
      : Effect.map(Clock.currentTimeMillis, (now) => Duration.millis(Math.max(at - now, 0)))
)

const unexpected = (operation: string, issue: ParseResult.ParseIssue): ReadError => {
  const issues = Issues.fromParseIssue(issue)
  return new UnexpectedResponse({
    operation,
    status: 200,
    message: `the answer is not what Postmark documents: ${Issues.describe(issues)}`,
    issues
  })
}

const undocumented = (issue: ParseResult.ParseIssue): Responded =>
  unlikePostmark(`the answer is not what Postmark documents (${Issues.describe(Issues.fromParseIssue(issue))})`)

/** Encodes what an endpoint takes into the bytes that go out. */
export const bodyEncoder = <Name extends string, Path, UrlParams, Payload, Success>(
  endpoint: Endpoint<Name, Path, UrlParams, Payload, Success>
): (payload: Payload) => Either.Either<Uint8Array, ValidationFailure> => {
  const encode = encoder(endpoint.payloadSchema)
  return (payload) =>
    Either.map(encoded(endpoint.name, "body", encode(payload)), (body) => utf8Encoder.encode(Json.stringify(body)))
}

/** As {@link bodyEncoder}, for a payload that was checked. */
export const checkedBodyEncoder = <Payload, Encoded>(schema: Schema.Schema<Payload, Encoded>) => {
  const encode = encodeValid(schema)
  return (payload: Payload): Uint8Array => utf8Encoder.encode(Json.stringify(encode(payload)))
}

const utf8Encoder = new TextEncoder()

const spanOf = (endpoint: { readonly method: string; readonly path: string }) => ({
  kind: "client" as const,
  captureStackTrace: false,
  attributes: { "http.request.method": endpoint.method, "url.template": endpoint.path }
})

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
