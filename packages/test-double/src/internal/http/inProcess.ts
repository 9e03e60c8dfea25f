/** The two ways into the double that need no socket. */
import type * as HttpBody from "@effect/platform/HttpBody"
import * as HttpClientError from "@effect/platform/HttpClientError"
import type * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import * as Effect from "effect/Effect"
import * as Runtime from "effect/Runtime"
import * as Stream from "effect/Stream"
import { type Answer, type Head, head, isBodiless, pieces, type Reply } from "../../Exchange.ts"
import { isWebUrl } from "../rules/fields.ts"

type Handle = (head: Head, readBody: Effect.Effect<string, unknown>) => Effect.Effect<Reply>

type Run = <A>(effect: Effect.Effect<A>, options: { readonly signal: AbortSignal }) => Promise<A>

export const exchangeWithClient = (
  handle: Handle,
  request: HttpClientRequest.HttpClientRequest,
  url: URL,
  signal: AbortSignal
): Effect.Effect<HttpClientResponse.HttpClientResponse, HttpClientError.HttpClientError> => {
  const headers = request.body.contentType === undefined
    ? request.headers
    : { "content-type": request.body.contentType, ...request.headers }
  return Effect.flatMap(
    handle(head(request.method, url, Object.entries(headers)), readBody(request.body)),
    (reply) =>
      reply.kind === "answer"
        ? Effect.map(
          Effect.runtime<never>(),
          (runtime) =>
            HttpClientResponse.fromWeb(request, toResponse(reply, { run: Runtime.runPromise(runtime), signal }))
        )
        : Effect.fail(new HttpClientError.RequestError({ request, reason: "Transport", cause: connectionReset() }))
  )
}

export const exchangeWithFetch = async (handle: Handle, request: Request, run: Run): Promise<Response> => {
  const { signal } = request
  let current = request
  for (let hops = 0;; hops++) {
    if (signal.aborted) throw signal.reason
    const { reply, text } = await exchangeOnce(handle, current, { run, signal })
    if (reply.kind !== "answer") throw failed(connectionReset())
    const next = request.redirect === "manual" ? undefined : follow(current, reply.answer, text)
    if (next === undefined) return toResponse(reply, { run, signal })
    if (request.redirect === "error") throw failed(new Error("unexpected redirect"))
    if (hops === 20) throw failed(new Error("redirect count exceeded"))
    current = next
  }
}

interface Caller {
  readonly run: Run
  readonly signal: AbortSignal
}

const exchangeOnce = async (handle: Handle, request: Request, { run, signal }: Caller) => {
  let text = ""
  const readBody = Effect.tryPromise(async () => text = await request.text())
  const exchange = handle(head(request.method, new URL(request.url), request.headers), readBody)
  const reply = await run(exchange, { signal }).catch((error: unknown) => {
    throw signal.aborted ? signal.reason : error
  })
  return { reply, text }
}

/** The request that an answer sends a `fetch` to, by the rules of the Fetch standard; all of it stays in the double. */
const follow = (request: Request, { headers, status }: Answer, text: string): Request | undefined => {
  const location = headers["location"]
  if (location === undefined || ![301, 302, 303, 307, 308].includes(status)) return undefined
  if (!URL.canParse(location, request.url)) throw failed(new Error("invalid redirect URL"))
  const url = new URL(location, request.url)
  if (!isWebUrl(url.href)) throw failed(new Error("URL scheme must be a HTTP(S) scheme"))
  const forwarded = new Headers(request.headers)
  const becomesGet = status === 303 ? request.method !== "HEAD" : status <= 302 && request.method === "POST"
  if (becomesGet) { for (const name of ["content-type", "content-length"]) forwarded.delete(name) }
  const method = becomesGet ? "GET" : request.method
  return new Request(url, {
    method,
    headers: forwarded,
    ...(method === "GET" || method === "HEAD" || text === "" ? {} : { body: text })
  })
}

const toResponse = (
  { answer, cut, pace }: Extract<Reply, { readonly kind: "answer" }>,
  caller: Caller
): Response => {
  const { body, headers, status } = answer
  // These statuses must not have a body, and `Response` insists.
  if (isBodiless(status)) return new Response(null, { status, headers })
  if (pace !== undefined) {
    return new Response(slowly(pieces(answer, pace), pace.pauseMillis, caller), { status, headers })
  }
  // A text would get a content type of its own; bytes do not.
  const encode = (text: string) => new TextEncoder().encode(text)
  return cut === undefined
    ? new Response(encode(body), { status, headers })
    : new Response(brokenOff(body.slice(0, cut.length)), {
      status,
      headers: { ...headers, "content-length": String(encode(body).length) }
    })
}

/** Gives a piece when it is asked for, with pauses on the caller's clock, until the reader or the caller gives up. */
const slowly = (
  pieces: ReadonlyArray<Uint8Array>,
  pauseMillis: number,
  { run, signal }: Caller
): ReadableStream<Uint8Array> => {
  const reader = new AbortController()
  const stopped = AbortSignal.any([signal, reader.signal])
  let next = 0
  return new ReadableStream({
    pull: async (controller) => {
      if (signal.aborted) throw signal.reason
      if (next > 0 && next < pieces.length) {
        await run(Effect.sleep(pauseMillis), { signal: stopped }).catch((error: unknown) => {
          throw stopped.aborted ? stopped.reason : error
        })
      }
      const piece = pieces[next++]
      if (piece !== undefined) controller.enqueue(piece)
      if (next >= pieces.length) controller.close()
    },
    cancel: () => reader.abort()
  }, { highWaterMark: 0 })
}

/** The beginning of a body whose connection then ends. */
const brokenOff = (text: string): ReadableStream<Uint8Array> => {
  const begun = [new TextEncoder().encode(text)].filter(({ length }) => length > 0)
  return new ReadableStream({
    pull: (controller) => {
      const piece = begun.pop()
      if (piece === undefined) controller.error(new TypeError("terminated", { cause: connectionReset() }))
      else controller.enqueue(piece)
    }
  }, { highWaterMark: 0 })
}

const failed = (cause: Error): TypeError => new TypeError("fetch failed", { cause })

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
