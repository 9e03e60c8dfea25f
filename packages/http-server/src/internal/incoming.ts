/** Reads what the platform's request does not offer: all values of a header, and a body up to a limit. */
import * as Json from "@effect-postmark/core/Json"
import * as NodeHttpServerRequest from "@effect/platform-node/NodeHttpServerRequest"
import type * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { IncomingMessage } from "node:http"
import { BodyTooLarge, BodyTooSlow, MalformedBody } from "./failures.ts"

/** Returns all values of a header; Node's `headers` keeps only the first or joins them. */
export const header = (request: HttpServerRequest.HttpServerRequest, name: string): ReadonlyArray<string> => {
  const message = nodeMessage(request)
  if (message !== undefined) {
    return name === "authorization" ? nodeAuthorization(message) : message.headersDistinct[name] ?? []
  }
  const value = request.headers[name]
  return value === undefined ? [] : [value]
}

/** Returns all values of `Authorization`. */
export const authorization = (request: HttpServerRequest.HttpServerRequest): ReadonlyArray<string> =>
  header(request, "authorization")

/** The body, if a guard has read it already: it can be read once only. */
export class ReadBody extends Context.Reference<ReadBody>()("@effect-postmark/http-server/internal/incoming/ReadBody", {
  defaultValue: (): Uint8Array | undefined => undefined
}) {}

/** The one bearer token of a request. The platform takes any seven characters for `Bearer `, and ignores a second header. */
export const bearer = (request: HttpServerRequest.HttpServerRequest): string | undefined => {
  const presented = authorization(request)
  return presented.length === 1 ? /^bearer +(\S+)$/i.exec(presented[0] ?? "")?.[1] : undefined
}

export const nodeAuthorization = (message: IncomingMessage): ReadonlyArray<string> => {
  // Read from the raw headers: `headersDistinct` makes an object of all of them.
  const { rawHeaders } = message
  const values: Array<string> = []
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const [name = "", value = ""] = [rawHeaders[index], rawHeaders[index + 1]]
    if (name.length === 13 && name.toLowerCase() === "authorization") values.push(value)
  }
  return values
}

/** Reads the body's bytes. Rejects a declared length over the limit before it reads anything. */
export const bytes = (
  request: HttpServerRequest.HttpServerRequest,
  limit: number
): Effect.Effect<Uint8Array, BodyTooLarge | BodyTooSlow | MalformedBody> =>
  Effect.flatMap(ReadBody, (body) =>
    body === undefined
      ? read(request, limit)
      : body.length > limit
      ? Effect.fail(new BodyTooLarge({ limit }))
      : Effect.succeed(body))

const read = (
  request: HttpServerRequest.HttpServerRequest,
  limit: number
): Effect.Effect<Uint8Array, BodyTooLarge | BodyTooSlow | MalformedBody> => {
  if (Number(request.headers["content-length"] ?? 0) > limit) return Effect.fail(new BodyTooLarge({ limit }))
  const message = nodeMessage(request)
  return message === undefined ? streamed(request, limit) : collected(message, limit)
}

const nodeMessage = (request: HttpServerRequest.HttpServerRequest): IncomingMessage | undefined => {
  const source: unknown = NodeHttpServerRequest.toIncomingMessage(request)
  return source instanceof IncomingMessage ? source : undefined
}

// Node's own events are twice as fast as the platform's stream.
const collected = (
  message: IncomingMessage,
  limit: number
): Effect.Effect<Uint8Array, BodyTooLarge | BodyTooSlow | MalformedBody> =>
  Effect.async((resume) =>
    Effect.sync(collect(message, (length) => length <= limit, {
      done: (body) => resume(Effect.succeed(body)),
      refused: () => resume(Effect.fail(new BodyTooLarge({ limit }))),
      slow: () => resume(Effect.fail(new BodyTooSlow({ seconds }))),
      gone: () => resume(Effect.fail(endedEarly))
    }))
  )

/**
 * Reads a body, and calls one of the four back. `takes` is asked before each chunk, with the length up to its end. Returns
 * what ends the reading without a call.
 */
export const collect = (
  message: IncomingMessage,
  takes: (length: number) => boolean,
  on: {
    readonly done: (body: Uint8Array) => void
    readonly refused: () => void
    readonly slow: () => void
    readonly gone: () => void
  }
): () => void => {
  if (message.destroyed) {
    on.gone()
    return () => {}
  }
  const chunks: Array<Uint8Array> = []
  let length = 0
  let isOver = false
  const end = (then: () => void) => {
    if (isOver) return
    isOver = true
    clearTimeout(timer)
    then()
  }
  const timer = setTimeout(() => end(on.slow), seconds * 1_000)
  message.on("data", (chunk: Uint8Array) => {
    // What comes now is discarded, so the client can finish writing and read the response.
    if (isOver) return
    length += chunk.length
    if (takes(length)) {
      chunks.push(chunk)
    } else {
      end(on.refused)
    }
  })
  message.on("end", () => end(() => on.done(joined(chunks, length))))
  // Without a listener for errors, a request that breaks off only closes.
  message.on("close", () => end(on.gone))
  return () => {
    end(() => {})
    message.resume()
  }
}

const streamed = (
  request: HttpServerRequest.HttpServerRequest,
  limit: number
): Effect.Effect<Uint8Array, BodyTooLarge | BodyTooSlow | MalformedBody> =>
  request.stream.pipe(
    Stream.mapError(() => endedEarly),
    Stream.runFoldEffect({ chunks: Array.of<Uint8Array>(), length: 0 }, ({ chunks, length }, chunk) => {
      const total = length + chunk.length
      return total > limit
        ? Effect.fail(new BodyTooLarge({ limit }))
        : Effect.succeed({ chunks: [...chunks, chunk], length: total })
    }),
    Effect.map(({ chunks, length }) => joined(chunks, length))
  )

/** How long a body may take. */
export const seconds = 30

const joined = (chunks: ReadonlyArray<Uint8Array>, length: number): Uint8Array => {
  const [first] = chunks
  if (first !== undefined && chunks.length === 1) return first
  const whole = new Uint8Array(length)
  let offset = 0
  for (const chunk of chunks) {
    whole.set(chunk, offset)
    offset += chunk.length
  }
  return whole
}

/**
 * The body's bytes as they come; the client waits while nobody pulls. Unlike the platform's stream, it leaves the request
 * open when it ends early, so that a response can be sent.
 */
export const chunks = (
  request: HttpServerRequest.HttpServerRequest
): Stream.Stream<Uint8Array, BodyTooSlow | MalformedBody> => {
  const message = nodeMessage(request)
  return message === undefined
    ? Stream.mapError(request.stream, () => endedEarly)
    : Stream.repeatEffectOption(pull(message))
}

const pull = (message: IncomingMessage): Effect.Effect<Uint8Array, Option.Option<BodyTooSlow | MalformedBody>> =>
  Effect.async((resume) => {
    const look = () => {
      const chunk: unknown = message.read()
      if (chunk instanceof Uint8Array) settle(Effect.succeed(chunk))
      else if (message.readableEnded) settle(Effect.fail(Option.none()))
    }
    const onFailure = () => settle(Effect.fail(Option.some(endedEarly)))
    const timer = setTimeout(() => settle(Effect.fail(Option.some(new BodyTooSlow({ seconds })))), seconds * 1_000)
    const stop = () => {
      clearTimeout(timer)
      message.off("readable", look)
      message.off("end", look)
      message.off("error", onFailure)
      message.off("aborted", onFailure)
    }
    const settle = (result: Effect.Effect<Uint8Array, Option.Option<BodyTooSlow | MalformedBody>>) => {
      stop()
      resume(result)
    }
    message.on("readable", look)
    message.on("end", look)
    message.on("error", onFailure)
    message.on("aborted", onFailure)
    if (message.destroyed && !message.readableEnded) onFailure()
    else look()
    return Effect.sync(stop)
  })

const endedEarly = new MalformedBody({ message: "the body ended too early" })

/** Reads the body as JSON. */
export const json = (
  request: HttpServerRequest.HttpServerRequest,
  limit: number
): Effect.Effect<unknown, BodyTooLarge | BodyTooSlow | MalformedBody> =>
  Effect.flatMap(bytes(request, limit), (body) =>
    Option.match(parse(body), {
      onNone: () => Effect.fail(new MalformedBody({ message: "the body must be JSON in UTF-8" })),
      onSome: ({ value }) => Effect.succeed(value)
    }))

const parse = Option.liftThrowable((body: Uint8Array): { readonly value: unknown } => ({
  value: Json.parse(new TextDecoder("utf-8", { fatal: true }).decode(body))
}))
