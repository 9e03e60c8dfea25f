/** Other ways to write a text, as parts of a regular expression that ignores case. */
export const escapes = (text: string): ReadonlyArray<string> => {
  const bytes = [...new TextEncoder().encode(text)].map((byte) => hex(byte, 2))
  const units = Array.from({ length: text.length }, (_, at) => hex(text.charCodeAt(at), 4))
  const points = [...text].map((character) => character.codePointAt(0) ?? 0)
  return [
    units.map((unit) => `\\\\{1,8}u${unit}`).join(""),
    bytes.map((byte) => `%${byte}`).join(""),
    points.map((point) => `&#0*${point};?`).join(""),
    points.map((point) => `&#x0*${point.toString(16)};?`).join(""),
    ...(/^[a-z0-9]$/i.test(text) ? [] : [bytes.map((byte) => `=${byte}`).join("")]),
    ...(text === "@" ? ["&commat;"] : [])
  ]
}

const hex = (number: number, digits: number): string => number.toString(16).padStart(digits, "0")
