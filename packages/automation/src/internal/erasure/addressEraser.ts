/** Finds an address in a text, however it is written there, and puts a marker in its place. */
import { escapes } from "./escapes.ts"

/** A valid address that can never belong to anybody (RFC 2606), without a character that JSON or HTML would escape. */
export const marker = "erased@erased.invalid"

export const make = (address: string): (text: string) => string => {
  const variants = [...new Set([address, withAsciiDomain(address)].map((one) => one.normalize("NFC")))]
  const pattern = patternOf(variants)
  const hint = hintOf(variants)
  const inText = (text: string): string => hint.test(text) ? text.replace(pattern, marker) : text

  const inString = (text: string): string => (/^\s*[[{]/.test(text) ? inJson(text) : undefined) ?? inText(text)

  /** Literal by literal, so that numbers, spaces and everything else stay as they are; undefined when it is not JSON. */
  const inJson = (text: string): string | undefined => {
    if (!isJson(text)) return undefined
    let [result, done] = ["", 0]
    for (let begin = text.indexOf("\""); begin >= 0; begin = text.indexOf("\"", done)) {
      const end = endOfLiteral(text, begin)
      result += text.slice(done, begin) + inLiteral(text.slice(begin, end))
      done = end
    }
    return result + text.slice(done)
  }

  const inLiteral = (literal: string): string => {
    if (!mayContain.test(literal)) return literal
    const decoded: unknown = JSON.parse(literal)
    if (typeof decoded !== "string") return literal
    const next = inString(decoded)
    return next === decoded ? literal : JSON.stringify(next)
  }

  return (text) => inJson(text) ?? inText(text)
}

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

const endOfLiteral = (text: string, begin: number): number => {
  for (let at = begin + 1; at < text.length; at++) {
    const character = text[at]
    if (character === "\\") at += 1
    else if (character === "\"") return at + 1
  }
  return text.length
}

/** Each way to write an address has one of these characters. */
const mayContain = /[@\\%&=]/

const patternOf = (variants: ReadonlyArray<string>): RegExp => {
  const alternatives = variants.map((one) => [...one].map(anyForm).join(softBreak)).join("|")
  return new RegExp(`${boundaryBefore}(?:${alternatives})${boundaryAfter}`, "giu")
}

/** The at sign between its neighbours: much faster to look for, as few characters can begin it. */
const hintOf = (variants: ReadonlyArray<string>): RegExp => {
  const alternatives = variants.map((one) => {
    const characters = [...one]
    const at = characters.lastIndexOf("@")
    const [before = "", sign = "", after = ""] = characters.slice(at - 1, at + 2).map(anyForm)
    return `(?<=${before}${softBreak})${sign}${softBreak}${after}`
  })
  return new RegExp(alternatives.join("|"), "iu")
}

const withAsciiDomain = (address: string): string => {
  const at = address.lastIndexOf("@")
  try {
    return address.slice(0, at + 1) + new URL(`http://${address.slice(at + 1)}`).hostname
  } catch {
    return address
  }
}

/** Quoted-printable cuts lines anywhere. */
const softBreak = "(?:=\\r?\\n)?"

/** A character in either case, as it is, and as JSON, URLs, HTML and quoted-printable spell it. */
const anyForm = (character: string): string => {
  const cases = new Set([character, character.toLowerCase(), character.toUpperCase()])
  const spellings = [...cases].flatMap((one) => [one, one.normalize("NFD")])
  return `(?:${[...new Set(spellings.flatMap((one) => [literally(one), ...escapes(one)]))].join("|")})`
}

const literally = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&")

/** A longer local part does not end here; it can also be spelled with escapes. */
const boundaryBefore = (() => {
  // Two hexadecimal digits of an ASCII character that is not part of a word: `<` is 3c.
  const hex = "(?:[01][0-9a-f]|2[0-46-9acf]|3[a-f]|40|5[b-e]|60|7[b-f])"
  return `(?<=^|[^\\p{L}\\p{N}\\p{M}._%+-]|\\\\[bfnrt]|\\\\u00${hex}|[%=]${hex})`
})()

const boundaryAfter = "(?!-*[\\p{L}\\p{N}]|\\.[\\p{L}\\p{N}])"
