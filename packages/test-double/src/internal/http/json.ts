/** JSON with exact integers: one that a number cannot keep is a bigint, and is written as its digits again. */
import * as Json from "@effect-postmark/core/Json"

export const stringify = (value: unknown): string => write(value) ?? "null"

/** What is nested deeper than a program could walk through is not taken either. */
export const parse = (text: string): { readonly value: unknown } | undefined => {
  if (isDeeperThan(text, 1_000)) return undefined
  try {
    return { value: Json.parse(text) }
  } catch {
    return undefined
  }
}

export type JsonObject = { readonly [key: string]: unknown }

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value)

const write = (value: unknown): string | undefined => {
  if (typeof value === "bigint") return value.toString()
  if (Array.isArray(value)) return `[${value.map((item) => write(item) ?? "null").join(",")}]`
  if (isObject(value)) {
    const fields: Array<string> = []
    for (const [key, field] of Object.entries(value)) {
      const text = write(field)
      if (text !== undefined) fields.push(`${JSON.stringify(key)}:${text}`)
    }
    return `{${fields.join(",")}}`
  }
  return JSON.stringify(value)
}

// Not established (docs/postmark.md#error-codes): how deep Postmark reads.
const isDeeperThan = (text: string, most: number): boolean => {
  // Each level takes two characters.
  if (text.length <= 2 * most) return false
  let depth = 0
  for (let at = 0; at < text.length; at++) {
    const character = text[at]
    if (character === "\"") {
      at = endOfString(text, at)
    } else if (character === "[" || character === "{") {
      if (++depth > most) return true
    } else if (character === "]" || character === "}") depth--
  }
  return false
}

/** The place of the quote that ends the string which begins at `start`; the end of the text if there is none. */
const endOfString = (text: string, start: number): number => {
  let end = text.indexOf("\"", start + 1)
  while (end > 0 && isEscaped(text, end)) end = text.indexOf("\"", end + 1)
  return end < 0 ? text.length : end
}

const isEscaped = (text: string, at: number): boolean => {
  let backslashes = 0
  while (text[at - 1 - backslashes] === "\\") backslashes++
  return backslashes % 2 === 1
}
