/** Reads what the platform's request does not offer: all values of a header, and a body up to a limit. */
import * as Json from "@effect-postmark/core/Json"
import * as NodeHttpServerRequest from "@effect/platform-node/NodeHttpServerRequest"
import type * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { IncomingMessage } from "node:http"
import { BodyTooLarge, MalformedBody } from "./failures.ts"

/** Returns all values of `Authorization`; Node's `headers` keeps only the first. */
export const authorization = (request: HttpServerRequest.HttpServerRequest): ReadonlyArray<string> => {
  const message = nodeMessage(request)
  if (message !== undefined) return nodeAuthorization(message)
  const value = request.headers["authorization"]
  return value === undefined ? [] : [value]
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
): Effect.Effect<Uint8Array, BodyTooLarge | MalformedBody> => {
  if (Number(request.headers["content-length"] ?? 0) > limit) return Effect.fail(new BodyTooLarge({ limit }))
  const message = nodeMessage(request)
  return message === undefined ? streamed(request, limit) : collected(message, limit)
}

const nodeMessage = (request: HttpServerRequest.HttpServerRequest): IncomingMessage | undefined => {
  const source: unknown = NodeHttpServerRequest.toIncomingMessage(request)
  return source instanceof IncomingMessage ? source : undefined
}

// Node's own events are twice as fast as the platform's stream.
const collected = (message: IncomingMessage, limit: number): Effect.Effect<Uint8Array, BodyTooLarge | MalformedBody> =>
  Effect.async((resume) =>
    Effect.sync(collect(message, (length) => length <= limit, {
      done: (body) => resume(Effect.succeed(body)),
      refused: () => resume(Effect.fail(new BodyTooLarge({ limit }))),
      gone: () => resume(Effect.fail(new MalformedBody({ message: "the body ended too early" })))
    }))
  )

/**
 * Reads a body, and calls one of the three back. `takes` is asked before each chunk, with the length up to its end. Returns
 * what ends the reading without a call.
 */
export const collect = (
  message: IncomingMessage,
  takes: (length: number) => boolean,
  on: { readonly done: (body: Uint8Array) => void; readonly refused: () => void; readonly gone: () => void }
): () => void => {
  if (message.destroyed) {
    on.gone()
    return () => {}
  }
  const chunks: Array<Uint8Array> = []
  let length = 0
  let isOver = false
  message.on("data", (chunk: Uint8Array) => {
    // What comes now is discarded, so the client can finish writing and read the response.
    if (isOver) return
    length += chunk.length
    if (takes(length)) {
      chunks.push(chunk)
    } else {
      isOver = true
      on.refused()
    }
  })
  message.on("end", () => {
    if (isOver) return
    isOver = true
    on.done(joined(chunks, length))
  })
  // Without a listener for errors, a request that breaks off only closes.
  message.on("close", () => {
    if (isOver) return
    isOver = true
    on.gone()
  })
  return () => {
    isOver = true
    message.resume()
  }
}

const streamed = (
  request: HttpServerRequest.HttpServerRequest,
  limit: number
): Effect.Effect<Uint8Array, BodyTooLarge | MalformedBody> =>
  request.stream.pipe(
    Stream.mapError(() => new MalformedBody({ message: "the body ended too early" })),
    Stream.runFoldEffect({ chunks: Array.of<Uint8Array>(), length: 0 }, ({ chunks, length }, chunk) => {
      const total = length + chunk.length
      return total > limit
        ? Effect.fail(new BodyTooLarge({ limit }))
        : Effect.succeed({ chunks: [...chunks, chunk], length: total })
    }),
    Effect.map(({ chunks, length }) => joined(chunks, length))
  )

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

/** Reads the body as JSON. */
export const json = (
  request: HttpServerRequest.HttpServerRequest,
  limit: number
): Effect.Effect<unknown, BodyTooLarge | MalformedBody> =>
  Effect.flatMap(bytes(request, limit), (body) =>
    Option.match(parse(body), {
      onNone: () => Effect.fail(new MalformedBody({ message: "the body must be JSON in UTF-8" })),
      onSome: ({ value }) => Effect.succeed(value)
    }))

const parse = Option.liftThrowable((body: Uint8Array): { readonly value: unknown } => ({
  value: Json.parse(new TextDecoder("utf-8", { fatal: true }).decode(body))
}))
