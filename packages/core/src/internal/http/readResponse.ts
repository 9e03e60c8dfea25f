/**
 * The answer to a call is owned here, before anything decodes it: read as text up to a cap, compared with its declared
 * length, parsed without losing digits, and only a 2xx that is JSON goes on.
 */
import type * as Headers from "@effect/platform/Headers"
import type * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as Json from "../../Json.ts"
import type { Failed, FieldError } from "./callFailure.ts"
import { broken, type Exchanged, type NoBody, tooLong } from "./exchange.ts"
import { retryAfter } from "./retryAfter.ts"

/** The JSON of a trustworthy answer, or what came instead. */
export const own = (
  response: HttpClientResponse.HttpClientResponse,
  maximum: number
): Effect.Effect<unknown, Failed> => {
  // Some clients put the headers together anew each time they are asked for.
  const headers = response.headers
  return Effect.flatMap(
    readBody(response, headers, maximum),
    (body) => judged(response.status, (name) => headers[name], body, maximum)
  )
}

/** As {@link own}, for a response that is here as a whole. */
export const ownExchanged = ({ body, headers, status }: Exchanged, maximum: number): Effect.Effect<unknown, Failed> => {
  const header = (name: string) => {
    const value = headers[name]
    return typeof value === "string" ? value : value?.join(", ")
  }
  const declared = Number(header("content-length") ?? Number.NaN)
  const whole = "_tag" in body
    ? body
    : Number.isNaN(declared) || body.length === declared || header("content-encoding") !== undefined
    ? decoder.decode(body)
    : broken
  return judged(status, header, whole, maximum)
}

const decoder = new TextDecoder()

const judged = (
  status: number,
  header: (name: string) => string | undefined,
  body: string | NoBody,
  maximum: number
): Effect.Effect<unknown, Failed> => {
  const encoding = header("content-encoding")
  const json = typeof body !== "string" || (encoding !== undefined && encoding !== "identity")
    ? undefined
    : parsed(body)
  const isJson = typeof json === "object" && json !== null
  if (status >= 200 && status < 300 && isJson) return Effect.succeed(json)
  const { errorCode, message } = isJson ? errorBody(json) : noError
  return Effect.flatMap(retryAfter(header("retry-after")), (wait) =>
    Effect.fail<Failed>({
      _tag: "Responded",
      status,
      retryAfter: wait,
      errorCode,
      postmarkMessage: message,
      fieldErrors: isJson ? fieldErrors(json) : [],
      problem: typeof body !== "string"
        ? `HTTP ${status} with ${body._tag === "TooLong" ? `more than ${maximum} bytes` : "a body that broke off"}`
        : isJson
        ? `HTTP ${status}`
        : `HTTP ${status} with a body that is not Postmark's JSON`,
      broken: typeof body !== "string" && body._tag === "Broken"
    }))
}

const parsed = (body: string): unknown => {
  try {
    return Json.parse(body)
  } catch {
    return undefined
  }
}

/** The body as text, or why there is none. What lies beyond the cap is not read. */
const readBody = (
  response: HttpClientResponse.HttpClientResponse,
  headers: Headers.Headers,
  maximum: number
): Effect.Effect<string | NoBody> => {
  const declared = Number(headers["content-length"] ?? Number.NaN)
  if (declared > maximum) return Effect.succeed(tooLong)
  const body = Number.isNaN(declared)
    ? response.stream.pipe(
      Stream.mapAccum(0, (total, bytes: Uint8Array) => [total + bytes.length, { total: total + bytes.length, bytes }]),
      Stream.takeUntil(({ total }) => total > maximum),
      Stream.runCollect,
      Effect.map((chunk) => {
        const parts = Chunk.toReadonlyArray(chunk)
        return (parts.at(-1)?.total ?? 0) > maximum ? tooLong : utf8(parts.map(({ bytes }) => bytes))
      })
    )
    // Not every client notices that an answer ends before its declared length. A client that has undone a compression
    // shows another length than the declared one; such an answer is not trusted anyway.
    : Effect.map(
      response.arrayBuffer,
      (buffer) =>
        buffer.byteLength === declared || headers["content-encoding"] !== undefined
          ? new TextDecoder().decode(buffer)
          : broken
    )
  return Effect.catchAll(body, (error) => Effect.succeed(error.reason === "EmptyBody" ? "" : broken))
}

const utf8 = (parts: ReadonlyArray<Uint8Array>): string => {
  const decoder = new TextDecoder()
  return parts.map((part) => decoder.decode(part, { stream: true })).join("") + decoder.decode()
}

const errorBody = (json: object): { readonly errorCode: number | undefined; readonly message: string | undefined } => ({
  errorCode: "ErrorCode" in json && typeof json.ErrorCode === "number" ? json.ErrorCode : undefined,
  message: "Message" in json && typeof json.Message === "string" ? json.Message : undefined
})

const noError = { errorCode: undefined, message: undefined }

/**
 * The errors of single fields, which only bulk requests tell
 * (https://postmarkapp.com/developer/api/overview#error-codes).
 */
const fieldErrors = (json: object): ReadonlyArray<FieldError> =>
  "Errors" in json && typeof json.Errors === "object" && json.Errors !== null
    ? Object.entries(json.Errors).flatMap(([field, errors]: [string, unknown]) =>
      (Array.isArray(errors) ? errors : []).flatMap((error: unknown) => {
        const { errorCode, message } = typeof error === "object" && error !== null ? errorBody(error) : noError
        return errorCode === undefined ? [] : [{ field, errorCode, postmarkMessage: message }]
      })
    )
    : []
