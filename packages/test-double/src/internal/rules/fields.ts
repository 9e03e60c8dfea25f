/** Reads query parameters and body fields that several resources have in common. */
import { isObject, type JsonObject } from "../http/json.ts"
import { parameter, type Refusal, refusal } from "../http/response.ts"
import { readFlag } from "../http/shape.ts"
import { easternRange, type Instant } from "../state/time.ts"

export interface Page {
  readonly count: number
  readonly offset: number
}

export interface PageRule {
  readonly code: number
  /** The most that `count` and `offset` may come to together. */
  readonly most?: number
}

/** `count` and `offset`, both required. The texts of these codes are not established (docs/postmark.md#unknowns). */
export const readPage = (
  query: URLSearchParams,
  { code, most = Number.POSITIVE_INFINITY }: PageRule
): Page | Refusal => {
  const count = Number(parameter(query, "count") ?? Number.NaN)
  const offset = Number(parameter(query, "offset") ?? Number.NaN)
  if (!Number.isInteger(count) || count < 1 || count > 500) {
    return refusal(code, "The 'count' parameter is required, and is a number from 1 to 500.")
  }
  if (!Number.isInteger(offset) || offset < 0) {
    return refusal(code, "The 'offset' parameter is required, and is 0 or more.")
  }
  return count + offset > most
    ? refusal(code, `The sum of 'count' and 'offset' must not exceed ${most}.`)
    : { count, offset }
}

export const cut = <A>(items: ReadonlyArray<A>, { count, offset }: Page): ReadonlyArray<A> =>
  items.slice(offset, offset + count)

/** `fromdate` and `todate`, both inclusive, in US Eastern Time. */
export const readDates = (query: URLSearchParams, code: number): ((at: Instant) => boolean) | Refusal => {
  let from = Number.NEGATIVE_INFINITY
  let to = Number.POSITIVE_INFINITY
  for (const name of ["fromdate", "todate"]) {
    const text = parameter(query, name)
    if (text === undefined) continue
    const range = easternRange(text)
    if (range === undefined) return refusal(code, `The '${name}' parameter '${text}' is not a date.`)
    if (name === "fromdate") from = range.from
    else to = range.to
  }
  return ({ millis }) => millis >= from && millis <= to
}

/** One of the names, in any case and in Postmark's spelling; undefined if the parameter is not there. */
export const readName = <Name extends string>(
  query: URLSearchParams,
  name: string,
  names: ReadonlyArray<Name>,
  code: number
): { readonly name: Name | undefined } | Refusal => {
  const text = parameter(query, name)
  if (text === undefined) return { name: undefined }
  const found = names.find((known) => same(known, text))
  return found === undefined ? refusal(code, `The '${name}' parameter '${text}' is not valid.`) : { name: found }
}

/** `true` or `false` in any case, or `1` or `0`; undefined if the parameter is not there, or is another word. */
export const readSwitch = (query: URLSearchParams, name: string): boolean | undefined => {
  const text = parameter(query, name)?.trim()
  return text === "1" ? true : text === "0" ? false : readFlag(text ?? "")
}

export const same = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase()

export const includes = (text: string, part: string): boolean => text.toLowerCase().includes(part.toLowerCase())

type Kind = "string" | "boolean" | "integer" | "object"

/**
 * Refuses fields of the wrong JSON type; null stands for absence
 * (https://postmarkapp.com/developer/api/overview#error-codes and docs/postmark.md#how-postmark-reads).
 */
export const wrongTypes = (body: JsonObject, kinds: { readonly [name: string]: Kind }): Refusal | undefined => {
  const wrong = Object.entries(kinds).filter(([name, kind]) => !hasKind(body[name], kind)).map(([name]) => `'${name}'`)
  return wrong.length === 0 ? undefined : refusal(403, `Invalid request field(s): ${wrong.join(", ")}.`)
}

const hasKind = (value: unknown, kind: Kind): boolean => {
  if (value === undefined || value === null) return true
  if (kind === "integer") return Number.isSafeInteger(value)
  return kind === "object" ? isObject(value) : typeof value === kind
}

/** A text field; absent, null and "" are the same. */
export const text = (body: JsonObject, name: string): string | undefined => {
  const value = body[name]
  return typeof value === "string" && value !== "" ? value : undefined
}

/** An id in a path. */
export const numericId = (path: { readonly [name: string]: string }): number => Number(path["id"])

export const isWebUrl = (text: string): boolean => {
  try {
    return ["http:", "https:"].includes(new URL(text).protocol)
  } catch {
    return false
  }
}

/** Percent-decodes; what is not well encoded stays as it is. */
export const decodeSafely = (part: string): string => {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}
