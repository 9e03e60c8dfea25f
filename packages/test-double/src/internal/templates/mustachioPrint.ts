/** How Mustachio prints a value, which is how .NET does: https://github.com/ActiveCampaign/mustachio */

/**
 * Objects and lists print nothing. Not established: the types that Postmark reads JSON numbers into. Here integers are
 * 64 bits long, and all others are doubles; text is never a date.
 */
export const print = (value: unknown): string => {
  switch (typeof value) {
    case "string":
      return value
    case "boolean":
      return value ? "True" : "False"
    case "bigint":
      return value >= -(2n ** 63n) && value < 2n ** 64n ? value.toString() : printDouble(Number(value))
    case "number":
      // An integer that was written with all its digits and is too long for a number is a bigint here; see json.ts.
      return Number.isSafeInteger(value) ? value.toFixed() : printDouble(value)
    default:
      return ""
  }
}

/**
 * The shortest digits that give the number back; with an exponent (`1E+17`, `1E-05`) from 1e17 on and below 0.0001.
 *
 * Not established: the .NET that Postmark runs on. Before .NET Core 3.0 there are no more than 15 digits, and an
 * exponent from 1e15 on.
 */
const printDouble = (value: number): string => {
  const [mantissa = "", power = "0"] = Math.abs(value).toExponential().split("e")
  const digits = mantissa.replace(".", "")
  const exponent = Number(power)
  const sign = value < 0 ? "-" : ""
  if (exponent >= 17 || exponent < -4) {
    const fraction = digits.length > 1 ? `.${digits.slice(1)}` : ""
    const size = Math.abs(exponent).toString().padStart(2, "0")
    return `${sign}${digits.charAt(0)}${fraction}E${exponent < 0 ? "-" : "+"}${size}`
  }
  if (exponent < 0) return `${sign}0.${"0".repeat(-exponent - 1)}${digits}`
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, "0")
  return digits.length > exponent + 1 ? `${sign}${whole}.${digits.slice(exponent + 1)}` : sign + whole
}

/**
 * .NET's HTML encoding: five ASCII characters, Latin-1 from the no-break space on, and all that is beyond U+FFFF. A
 * surrogate without its other half becomes U+FFFD.
 */
export const encodeHtml = (text: string): string =>
  text.replace(/[&<>"'\u00a0-\u00ff\ud800-\udfff\u{10000}-\u{10ffff}]/gu, (character) => {
    const named = entities.get(character)
    if (named !== undefined) return named
    const code = character.codePointAt(0) ?? 0
    return code >= 0xd800 && code <= 0xdfff ? "\ufffd" : `&#${code};`
  })

const entities: ReadonlyMap<string, string> = new Map([
  ["&", "&amp;"],
  ["<", "&lt;"],
  [">", "&gt;"],
  ["\"", "&quot;"],
  ["'", "&#39;"]
])
