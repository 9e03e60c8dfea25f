/** The two ways into the double that need no socket. */
import type * as HttpBody from "@effect/platform/HttpBody"
import * as HttpClientError from "@effect/platform/HttpClientError"
import type * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { type Head, head, type Reply } from "../Exchange.ts"

type Handle = (head: Head, readBody: Effect.Effect<string, unknown>) => Effect.Effect<Reply>

export const exchangeWithClient = (
  handle: Handle,
  request: HttpClientRequest.HttpClientRequest,
  url: URL
): Effect.Effect<HttpClientResponse.HttpClientResponse, HttpClientError.HttpClientError> => {
  const headers = request.body.contentType === undefined
    ? request.headers
    : { "content-type": request.body.contentType, ...request.headers }
  return Effect.flatMap(
    handle(head(request.method, url, Object.entries(headers)), readBody(request.body)),
    (reply) =>
      reply.kind === "answer"
        ? Effect.succeed(HttpClientResponse.fromWeb(request, toResponse(reply)))
        : Effect.fail(new HttpClientError.RequestError({ request, reason: "Transport", cause: connectionReset() }))
  )
}

export const exchangeWithFetch = async (
  handle: Handle,
  request: Request,
  run: <A>(effect: Effect.Effect<A>, options: { readonly signal: AbortSignal }) => Promise<A>
): Promise<Response> => {
  const { signal } = request
  if (signal.aborted) throw signal.reason
  const exchange = handle(
    head(request.method, new URL(request.url), request.headers),
    Effect.tryPromise(() => request.text())
  )
  const reply = await run(exchange, { signal }).catch((error: unknown) => {
    throw signal.aborted ? signal.reason : error
  })
  if (reply.kind !== "answer") throw new TypeError("fetch failed", { cause: connectionReset() })
  return toResponse(reply)
}

const toResponse = (
  { answer: { body, headers, status }, cut }: Extract<Reply, { readonly kind: "answer" }>
): Response => {
  // These statuses must not have a body, and `Response` insists.
  if (status === 204 || status === 205 || status === 304) return new Response(null, { status, headers })
  // A text would get a content type of its own; bytes do not.
  const encode = (text: string) => new TextEncoder().encode(text)
  return cut === undefined
    ? new Response(encode(body), { status, headers })
    : new Response(encode(body.slice(0, cut.length)), {
      status,
      headers: { ...headers, "content-length": String(encode(body).length) }
    })
}

const connectionReset = () => Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET", syscall: "read" })

const readBody = (body: HttpBody.HttpBody): Effect.Effect<string, unknown> => {
  switch (body._tag) {
    case "Empty":
      return Effect.succeed("")
    case "Uint8Array":
      return Effect.sync(() => new TextDecoder().decode(body.body))
    case "Raw":
      return typeof body.body === "string" ? Effect.succeed(body.body) : Effect.fail("a raw body that is not text")
    case "FormData":
      return Effect.fail("form data")
    case "Stream":
      return Stream.runFold(Stream.decodeText(body.stream), "", (text, chunk) => text + chunk)
  }
}
