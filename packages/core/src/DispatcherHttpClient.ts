/**
 * An `HttpClient` on a dispatcher of undici 7 or newer: a `Pool`, a `Client` or an `Agent`. It costs much less time for
 * each call than a general client. The type is structural, so this module imports nothing of Node.
 *
 * @since 0.1.0
 */
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientError from "@effect/platform/HttpClientError"
import type * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import * as Exchange from "./internal/http/exchange.ts"

/**
 * The part of undici's `Dispatcher` that is used. See https://undici.nodejs.org/#/docs/api/Dispatcher.md.
 *
 * @since 0.1.0
 * @category models
 */
export interface Dispatcher {
  dispatch(options: DispatchOptions, handler: DispatchHandler): boolean
}

/**
 * @since 0.1.0
 * @category models
 */
export interface DispatchOptions {
  readonly origin: string
  readonly path: string
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE" | "HEAD" | "OPTIONS"
  readonly headers: Record<string, string>
  readonly body: Uint8Array | null
}

/**
 * @since 0.1.0
 * @category models
 */
export interface DispatchController {
  abort(reason: Error): void
}

/**
 * @since 0.1.0
 * @category models
 */
export interface DispatchHandler {
  onRequestStart(controller: DispatchController, context: unknown): void
  onResponseStart(
    controller: DispatchController,
    statusCode: number,
    headers: Record<string, string | Array<string> | undefined>
  ): void
  onResponseData(controller: DispatchController, chunk: Uint8Array): void
  onResponseEnd(controller: DispatchController, trailers: unknown): void
  onResponseError(controller: DispatchController, error: Error): void
}

/**
 * Options of the client: `maxResponseBytes` is the largest response that other programs may read with it, 64 MB by
 * default. `PostmarkClient` has a limit of its own.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options {
  readonly maxResponseBytes?: number | undefined
}

/**
 * Creates a client on a dispatcher. The client follows no redirect. Whoever made the dispatcher closes it.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (dispatcher: Dispatcher, options: Options = {}): HttpClient.HttpClient => {
  const exchange = exchangeBy(dispatcher)
  const maximumBytes = options.maxResponseBytes ?? 64 * 1024 * 1024
  const client = HttpClient.make((request, url) =>
    Effect.flatMap(
      bodyOf(request),
      (body) =>
        Effect.async<HttpClientResponse.HttpClientResponse, HttpClientError.HttpClientError>((resume) => {
          const { contentLength: _, contentType } = request.body._tag === "Empty"
            ? { contentLength: undefined, contentType: undefined }
            : request.body
          const giveUp = exchange(
            {
              origin: url.origin,
              path: url.pathname + url.search,
              method: request.method,
              headers: contentType === undefined || "content-type" in request.headers
                ? request.headers
                : { ...request.headers, "content-type": contentType },
              body
            },
            maximumBytes,
            {
              failure: (cause) =>
                resume(Effect.fail(new HttpClientError.RequestError({ request, reason: "Transport", cause }))),
              response: (response) => resume(responseOf(request, response, maximumBytes))
            }
          )
          return Effect.sync(giveUp)
        })
    )
  )
  return Exchange.remember(client, exchange)
}

/**
 * The client of {@link make} as a layer.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (dispatcher: Dispatcher, options: Options = {}): Layer.Layer<HttpClient.HttpClient> =>
  Layer.succeed(HttpClient.HttpClient, make(dispatcher, options))

const exchangeBy = (dispatcher: Dispatcher): Exchange.Exchange => (request, maximumBytes, settle) => {
  let controller: DispatchController | undefined
  let isOver = false
  let status = 0
  let headers: Exchange.Exchanged["headers"] = {}
  let length = 0
  const chunks: Array<Uint8Array> = []
  const end = (body: Uint8Array | Exchange.NoBody) => {
    isOver = true
    settle.response({ status, headers, body })
  }
  const handler: DispatchHandler = {
    onRequestStart: (started) => {
      controller = started
      // Given up while it waited for a connection: nothing is written then.
      if (isOver) started.abort(new Error("the request was given up"))
    },
    onResponseStart: (started, statusCode, answered) => {
      status = statusCode
      headers = answered
      if (!isOver && Number(answered["content-length"] ?? 0) > maximumBytes) {
        end(Exchange.tooLong)
        started.abort(new Error("the response is too long"))
      }
    },
    onResponseData: (started, chunk) => {
      if (isOver) return
      length += chunk.length
      if (length > maximumBytes) {
        end(Exchange.tooLong)
        started.abort(new Error("the response is too long"))
      } else {
        chunks.push(chunk)
      }
    },
    onResponseEnd: () => {
      if (!isOver) end(joined(chunks, length))
    },
    onResponseError: (_, error) => {
      if (isOver) return
      if (status !== 0) return end(Exchange.broken)
      isOver = true
      settle.failure(error)
    }
  }
  try {
    dispatcher.dispatch(
      {
        origin: request.origin,
        path: request.path,
        method: methodOf(request.method),
        headers: request.headers,
        body: request.body ?? null
      },
      handler
    )
  } catch (error) {
    // An option that the dispatcher does not accept; nothing was written.
    if (!isOver) {
      isOver = true
      settle.failure(error)
    }
  }
  return () => {
    isOver = true
    controller?.abort(new Error("the request was given up"))
  }
}

const methodOf = (method: string): DispatchOptions["method"] => {
  switch (method) {
    case "POST":
    case "PUT":
    case "PATCH":
    case "DELETE":
    case "HEAD":
    case "OPTIONS":
      return method
    default:
      return "GET"
  }
}

const joined = (chunks: ReadonlyArray<Uint8Array>, length: number): Uint8Array => {
  const [first] = chunks
  if (chunks.length === 1 && first !== undefined) return first
  const whole = new Uint8Array(length)
  let at = 0
  for (const chunk of chunks) {
    whole.set(chunk, at)
    at += chunk.length
  }
  return whole
}

const bodyOf = (
  request: HttpClientRequest.HttpClientRequest
): Effect.Effect<Uint8Array | undefined, HttpClientError.RequestError> => {
  const { body } = request
  const unreadable = (cause: unknown) => new HttpClientError.RequestError({ request, reason: "Encode", cause })
  switch (body._tag) {
    case "Empty":
      return Effect.succeed(undefined)
    case "Uint8Array":
      return Effect.succeed(body.body)
    case "Stream":
      return body.stream.pipe(
        Stream.runFold(Array.of<Uint8Array>(), (chunks, chunk) => [...chunks, chunk]),
        Effect.mapBoth({
          onFailure: unreadable,
          onSuccess: (chunks) => joined(chunks, chunks.reduce((total, { length }) => total + length, 0))
        })
      )
    case "FormData":
      return Effect.fail(unreadable(new Error("the body must be bytes, text or a stream, not a form")))
    case "Raw":
      return typeof body.body === "string"
        ? Effect.succeed(new TextEncoder().encode(body.body))
        : Effect.fail(unreadable(new Error("the body must be bytes, text or a stream")))
  }
}

const responseOf = (
  request: HttpClientRequest.HttpClientRequest,
  { body, headers, status }: Exchange.Exchanged,
  maximumBytes: number
): Effect.Effect<HttpClientResponse.HttpClientResponse, HttpClientError.ResponseError> => {
  const entries = Object.entries(headers).flatMap(([name, value]): Array<[string, string]> =>
    value === undefined ? [] : [[name, typeof value === "string" ? value : value.join(", ")]]
  )
  const isEmpty = status === 204 || status === 304
  const web = (bytes: Uint8Array) =>
    HttpClientResponse.fromWeb(
      request,
      new Response(isEmpty ? null : new Uint8Array(bytes), { status, headers: entries })
    )
  return "_tag" in body
    ? Effect.fail(
      new HttpClientError.ResponseError({
        request,
        response: web(new Uint8Array()),
        reason: "Decode",
        description: body._tag === "TooLong"
          ? `the response has more than ${maximumBytes} bytes`
          : "the response broke off"
      })
    )
    : Effect.succeed(web(body))
}
