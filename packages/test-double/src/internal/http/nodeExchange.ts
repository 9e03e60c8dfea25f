/** Requests and answers of the double as `node:http` has them. */
import * as Effect from "effect/Effect"
import Negotiator from "negotiator"
import type { IncomingMessage, ServerResponse } from "node:http"
import { gzip } from "node:zlib"
import { type Answer, type Cut, type Head, head, isBodiless, type Pace, pieces, type Reply } from "../../Exchange.ts"

/** The head of a request; undefined if its target is no path. */
export const readHead = (request: IncomingMessage): Head | undefined => {
  const { method = "GET", url = "/" } = request
  const headers: { [name: string]: string } = {}
  for (const [name, value] of Object.entries(request.headers)) {
    if (typeof value === "string") headers[name] = value
  }
  const query = url.indexOf("?")
  const path = query < 0 ? url : url.slice(0, query)
  // Most targets are as a URL would have them, and a URL takes longer than the rest of the head.
  if (/^(\/[\w-]+)+$/.test(path) && !url.includes("#")) {
    return { method, path, query: new URLSearchParams(query < 0 ? "" : url.slice(query)), headers }
  }
  // The host is of no interest; a URL needs one.
  const base = "http://double.invalid"
  return URL.canParse(url, base) ? head(method, new URL(url, base), Object.entries(headers)) : undefined
}

/** The body of a request as text; it fails when the client breaks off. */
export const readText = (request: IncomingMessage): Effect.Effect<string, unknown> =>
  Effect.async((resume) => {
    const chunks: Array<Buffer> = []
    request.on("data", (chunk: Buffer) => chunks.push(chunk))
    request.on("end", () => resume(Effect.try(() => Buffer.concat(chunks).toString())))
    request.on("error", (error) => resume(Effect.fail(error)))
  })

/** Sends what the double replies: an answer, its beginning, or the end of the connection. */
export const writeReply = (
  request: IncomingMessage,
  response: ServerResponse,
  reply: Reply
): Effect.Effect<void> => {
  if (reply.kind === "answer") {
    const { answer, cut, pace, verbatim } = reply
    if (cut !== undefined) return writeCut(response, answer, cut)
    return pace === undefined
      ? writeAnswer(request, response, answer, verbatim === true)
      : writeSlowly(response, answer, pace)
  }
  return Effect.sync(() => {
    if (reply.kind === "reset") request.socket.resetAndDestroy()
    else request.socket.end()
  })
}

// Not established (docs/postmark.md#transport): the size from which Postmark compresses. Below this, an answer fits
// into one packet anyway.
const smallestCompressed = 1024

const writeAnswer = (
  request: IncomingMessage,
  response: ServerResponse,
  answer: Answer,
  verbatim: boolean
): Effect.Effect<void> =>
  Effect.suspend(() => {
    const { headers, status } = answer
    // These statuses must not have a body; a length without one would keep the client waiting.
    const body = isBodiless(status) ? "" : answer.body
    const length = Buffer.byteLength(body)
    const send = (content: string | Buffer, length: number, more: { readonly [name: string]: string }) => {
      response.writeHead(status, { ...headers, ...more, "content-length": length })
      response.end(content)
    }
    if (length < smallestCompressed || verbatim || headers["content-encoding"] !== undefined) {
      return Effect.sync(() => send(body, length, {}))
    }
    const vary = { vary: "Accept-Encoding" }
    return new Negotiator(request).encoding(["gzip", "identity"]) === "gzip"
      ? Effect.map(compress(body), (bytes) => send(bytes, bytes.length, { ...vary, "content-encoding": "gzip" }))
      : Effect.sync(() => send(body, length, vary))
  })

const compress = (text: string): Effect.Effect<Buffer> =>
  Effect.async((resume) => {
    gzip(text, (error, compressed) => resume(error === null ? Effect.succeed(compressed) : Effect.die(error)))
  })

/**
 * Writes the beginning of an answer under the length of the whole, and ends the connection once it is on its way. The
 * server interrupts this when the connection is gone, so there is nothing to go on with.
 */
const writeCut = (response: ServerResponse, { body, headers, status }: Answer, cut: Cut): Effect.Effect<never> =>
  Effect.async(() => {
    const { socket } = response
    response.writeHead(status, { ...headers, "content-length": Buffer.byteLength(body) })
    response.write(body.slice(0, cut.length), () => {
      if (cut.end === "reset") socket?.resetAndDestroy()
      else socket?.end()
    })
  })

/** Writes an answer in pieces; the server interrupts the pause between two when the connection is gone. */
const writeSlowly = (response: ServerResponse, answer: Answer, pace: Pace): Effect.Effect<void> =>
  Effect.gen(function*() {
    const { headers, status } = answer
    const parts = isBodiless(status) ? [] : pieces(answer, pace)
    response.writeHead(status, { ...headers, "content-length": parts.reduce((sum, { length }) => sum + length, 0) })
    for (const [i, part] of parts.entries()) {
      if (i > 0) yield* Effect.sleep(pace.pauseMillis)
      response.write(part)
    }
    response.end()
  })
