/**
 * JSON without loss of digits: integers above 2^53 become bigint, and are written as plain digits.
 *
 * @since 0.1.0
 */
import * as LosslessJson from "lossless-json"

/**
 * Parses JSON text. Integers beyond the exact range of a number become bigint. Throws a SyntaxError on invalid JSON.
 *
 * @since 0.1.0
 * @category conversions
 */
export const parse = (text: string): unknown => {
  if (!longInteger.test(text)) return JSON.parse(text)
  try {
    return LosslessJson.parse(text, null, parseNumber)
  } catch {
    // lossless-json rejects duplicate keys and very deep nesting, which JSON.parse accepts. Invalid JSON throws a
    // SyntaxError again.
    return JSON.parse(text)
  }
}

/**
 * Writes JSON text. A bigint becomes a number literal.
 *
 * @since 0.1.0
 * @category conversions
 */
export const stringify = (value: unknown): string => {
  try {
    return JSON.stringify(value) ?? "null"
  } catch {
    // JSON.stringify rejects a bigint, so only a value that contains one takes the slower path.
    return LosslessJson.stringify(value) ?? "null"
  }
}

/** An integer with fewer digits is always below 2^53 - 1 = 9007199254740991. */
const longInteger = /\d{16}/

const parseNumber = (text: string): number | bigint =>
  LosslessJson.isSafeNumber(text) || !/^-?\d+$/.test(text) ? Number(text) : BigInt(text)

/**
 * Returns JSON text in canonical form: sorted keys, no spaces, number tokens unchanged. Returns undefined when the
 * text has no canonical form (duplicate keys, extreme nesting); its bytes are then its only identity.
 *
 * @since 0.1.0
 * @category conversions
 */
export const canonical = (text: string): string | undefined => {
  try {
    return canonicalOf(text, JSON.parse(text))
  } catch {
    return undefined
  }
}

/**
 * Parses JSON text and writes its canonical form, with less work than `parse` and `canonical` have apart. Throws a
 * SyntaxError on invalid JSON.
 *
 * @since 0.1.0
 * @category conversions
 */
export const parseWithCanonical = (
  text: string
): { readonly value: unknown; readonly canonical: string | undefined } => {
  if (longInteger.test(text)) return { value: parse(text), canonical: canonical(text) }
  const value: unknown = JSON.parse(text)
  try {
    return { value, canonical: canonicalOf(text, value) }
  } catch {
    return { value, canonical: undefined }
  }
}

/** `parsed` is the text as the platform parses it. */
const canonicalOf = (text: string, parsed: unknown): string => {
  // If the text is reproduced exactly, no number was rounded and no key is duplicated.
  if (JSON.stringify(parsed) !== text) {
    return spell(LosslessJson.parse(text, null, (token) => new NumberToken(token)))
  }
  // The platform writes a whole value much faster than this module, but does not keep the order of all keys.
  const put = sorted(parsed)
  return put === movesKeys ? spell(parsed) : JSON.stringify(put)
}

const movesKeys = Symbol("movesKeys")

/** An object puts keys that look like an index first, and has no own key `__proto__` by assignment. */
const isMoved = (key: string): boolean => {
  const first = key.charCodeAt(0)
  return (first >= 0x30 && first <= 0x39) || key === "__proto__"
}

/** Returns the value with sorted keys in its objects. */
const sorted = (value: unknown): unknown => {
  if (typeof value !== "object" || value === null) return value
  if (Array.isArray(value)) {
    const items = value.map(sorted)
    return items.includes(movesKeys) ? movesKeys : items
  }
  const out: Record<string, unknown> = {}
  for (const key of Object.keys(value).sort()) {
    if (isMoved(key)) return movesKeys
    const item = sorted(Reflect.get(value, key))
    if (item === movesKeys) return movesKeys
    out[key] = item
  }
  return out
}

/**
 * The deepest nesting of a webhook body that is parsed. Postmark's bodies have 3 levels. A body with 200,000 levels
 * would need hundreds of megabytes, and writing it again would overflow the stack.
 *
 * @since 0.1.0
 * @category constants
 */
export const maxDepth = 64

/**
 * Tests whether a text nests objects and lists deeper than {@link maxDepth}, without parsing it.
 *
 * @since 0.1.0
 * @category predicates
 */
export const isTooDeep = (text: string): boolean => {
  // Each level needs at least one character.
  if (text.length <= maxDepth) return false
  let depth = 0
  for (let index = 0; index < text.length; index++) {
    switch (text.charCodeAt(index)) {
      case 0x22:
        index = endOfString(text, index)
        break
      case 0x5b:
      case 0x7b:
        if (++depth > maxDepth) return true
        break
      case 0x5d:
      case 0x7d:
        depth--
        break
    }
  }
  return false
}

/** The index of the closing quote of a string, or the end of the text when there is none. */
const endOfString = (text: string, start: number): number => {
  for (let end = text.indexOf("\"", start + 1); end !== -1; end = text.indexOf("\"", end + 1)) {
    let backslashes = 0
    while (text.charCodeAt(end - 1 - backslashes) === 0x5c) backslashes++
    if (backslashes % 2 === 0) return end
  }
  return text.length
}

class NumberToken {
  readonly token: string
  constructor(token: string) {
    this.token = token
  }
}

const spell = (value: unknown): string => {
  if (value instanceof NumberToken) return value.token
  if (typeof value === "string") return JSON.stringify(value)
  if (Array.isArray(value)) return `[${value.map(spell).join(",")}]`
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
    return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${spell(item)}`).join(",")}}`
  }
  return JSON.stringify(value)
}
