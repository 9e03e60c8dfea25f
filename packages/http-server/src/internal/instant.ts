/** Times with a zone, in queries and bodies. */
import * as DateTime from "effect/DateTime"
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"

const pattern = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d)(?::(\d\d)(?:\.\d{1,9})?)?(?:Z|[+-](\d\d):(\d\d))$/i

/**
 * The milliseconds since 1970 of a time with a zone; undefined for any other text. A `+` that was not encoded arrives as a
 * space.
 */
export const instantOf = (given: string | undefined): number | undefined => {
  const text = given?.replace(" ", "+") ?? ""
  const parts = pattern.exec(text)
  if (parts === null) return undefined
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, zoneHour = 0, zoneMinute = 0] = parts.slice(1)
    .map((part) => Number(part ?? 0))
  const date = new Date(Date.UTC(year, month - 1, day))
  // The platform reads the 30th of February as a day of March.
  const isDate = date.getUTCMonth() === month - 1 && date.getUTCDate() === day
  if (!isDate || hour > 23 || minute > 59 || second > 59 || zoneHour > 23 || zoneMinute > 59) return undefined
  const at = Date.parse(text.toUpperCase())
  return Number.isNaN(at) ? undefined : at
}

/** A time with its zone, decoded to the form in which the stores compare times: UTC with milliseconds. */
export const Instant = Schema.transformOrFail(Schema.String, Schema.String, {
  strict: true,
  decode: (text, _, ast) => {
    const at = instantOf(text)
    return at === undefined
      ? ParseResult.fail(new ParseResult.Type(ast, text, "must be a time with its zone, such as 2026-09-30T16:05:00Z"))
      : ParseResult.succeed(DateTime.formatIso(DateTime.unsafeMake(at)))
  },
  encode: (text) => ParseResult.succeed(text)
})
