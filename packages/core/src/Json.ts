/**
 * JSON that keeps every digit: integers above 2^53 come back as bigint, and go out as plain digits again.
 *
 * @since 0.1.0
 */
import * as LosslessJson from "lossless-json"

/**
 * Parses JSON text; integers that a number cannot hold exactly become bigint. Throws a SyntaxError on bad JSON.
 *
 * @since 0.1.0
 * @category conversions
 */
export const parse = (text: string): unknown => {
  if (!longInteger.test(text)) return JSON.parse(text)
  try {
    return LosslessJson.parse(text, null, parseNumber)
  } catch {
    // lossless-json refuses duplicate keys and very deep nesting, which JSON.parse reads; a SyntaxError comes again.
    return JSON.parse(text)
  }
}

/**
 * Writes JSON text; bigint becomes a number literal.
 *
 * @since 0.1.0
 * @category conversions
 */
export const stringify = (value: unknown): string => {
  try {
    return JSON.stringify(value) ?? "null"
  } catch {
    // JSON.stringify refuses a bigint; only a value that holds one pays for the slower way.
    return LosslessJson.stringify(value) ?? "null"
  }
}

/** Fewer digits than this can never pass 2^53 - 1 = 9007199254740991. */
const longInteger = /\d{16}/

const parseNumber = (text: string): number | bigint =>
  LosslessJson.isSafeNumber(text) || !/^-?\d+$/.test(text) ? Number(text) : BigInt(text)

/**
 * JSON text in one canonical spelling: keys sorted, no spaces, each number token as it was written. Undefined when the
 * text cannot be put into one (duplicate keys, extreme nesting): its bytes are then the only identity it has.
 *
 * @since 0.1.0
 * @category conversions
 */
export const canonical = (text: string): string | undefined => {
  try {
    const parsed: unknown = JSON.parse(text)
    // A text that comes back letter by letter has no number that was rounded and no key that stands twice.
    if (JSON.stringify(parsed) !== text) {
      return spell(LosslessJson.parse(text, null, (token) => new NumberToken(token)))
    }
    // The platform writes a whole value much sooner than this module, but not every key where it was put.
    const put = sorted(parsed)
    return put === movesKeys ? spell(parsed) : JSON.stringify(put)
  } catch {
    return undefined
  }
}

const movesKeys = Symbol("movesKeys")

/** An object keeps keys that look like an index before all others, and none by the name `__proto__`. */
const isMoved = (key: string): boolean => {
  const first = key.charCodeAt(0)
  return (first >= 0x30 && first <= 0x39) || key === "__proto__"
}

/** The same value with the keys of its objects in order. */
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
 * How deep a webhook may nest and still be parsed. Postmark's own bodies have 3 levels; a body of 200,000 would cost
 * hundreds of megabytes, and whoever writes it again would run out of stack.
 *
 * @since 0.1.0
 * @category constants
 */
export const maxDepth = 64

/**
 * True when a text nests objects and lists deeper than {@link maxDepth}, without parsing it.
 *
 * @since 0.1.0
 * @category predicates
 */
export const isTooDeep = (text: string): boolean => {
  // Each level takes a character.
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

/** The index of the quote that closes the string; the text's end when there is none. */
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
