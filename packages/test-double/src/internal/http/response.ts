/** Answers in Postmark's form. */
import type { Answer } from "../../Exchange.ts"
import { type JsonObject, stringify } from "./json.ts"

/** A refusal of Postmark: `ErrorCode` and `Message`, under an HTTP status that is another number. */
export interface Refusal {
  readonly status: number
  readonly code: number
  readonly message: string
  /** Further keys of the body. */
  readonly more?: JsonObject
}

export const refusal = (code: number, message: string, status = 422): Refusal => ({ status, code, message })

export const ok = (body: JsonObject | ReadonlyArray<unknown>): Answer => json(200, body)

export const json = (
  status: number,
  body: JsonObject | ReadonlyArray<unknown>,
  headers: { readonly [name: string]: string } = {}
): Answer => ({
  status,
  headers: { "content-type": "application/json; charset=utf-8", "cache-control": "private", ...headers },
  body: stringify(body)
})

export const refused = ({ code, message, more, status }: Refusal): Answer =>
  json(status, { ErrorCode: code, Message: message, ...more }, { "x-pm-apierrorcode": String(code) })

export const isRefusal = (value: object): value is Refusal => "code" in value && "message" in value

/** A query parameter, its key in any case. */
export const parameter = (query: URLSearchParams, name: string): string | undefined => {
  for (const [key, value] of query) {
    if (key.toLowerCase() === name && value !== "") return value
  }
  return undefined
}
