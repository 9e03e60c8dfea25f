/** JSON that keeps every digit: integers above 2^53 come back as bigint, and go out as plain digits again. */
import { isSafeNumber, parse, stringify } from "lossless-json"

/** Fewer digits than this can never pass 2^53 - 1 = 9007199254740991. */
const longInteger = /\d{16}/

/** Parses JSON text; integers that a number cannot hold exactly become bigint. Throws a SyntaxError on bad JSON. */
export const parseJson = (text: string): unknown => {
  if (!longInteger.test(text)) return JSON.parse(text)
  try {
    return parse(text, null, parseNumber)
  } catch {
    // lossless-json refuses duplicate keys and very deep nesting, which JSON.parse reads; a SyntaxError comes again.
    return JSON.parse(text)
  }
}

/** Writes JSON text; bigint becomes a number literal. */
export const stringifyJson = (value: unknown): string => stringify(value) ?? "null"

const parseNumber = (text: string): number | bigint =>
  isSafeNumber(text) || !/^-?\d+$/.test(text) ? Number(text) : BigInt(text)

/**
 * JSON text in one canonical spelling: keys sorted, no spaces, each number token as it was written. Undefined when the
 * text cannot be put into one (duplicate keys, extreme nesting): its bytes are then the only identity it has.
 */
export const canonicalJson = (text: string): string | undefined => {
  try {
    return canonical(parse(text, null, (token) => new NumberToken(token)))
  } catch {
    return undefined
  }
}

class NumberToken {
  readonly token: string
  constructor(token: string) {
    this.token = token
  }
}

const canonical = (value: unknown): string => {
  if (value instanceof NumberToken) return value.token
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
    return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonical(item)}`).join(",")}}`
  }
  return JSON.stringify(value)
}
