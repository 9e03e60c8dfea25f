/** A time with its zone, decoded to the form in which the stores compare times: UTC with milliseconds. */
import * as DateTime from "effect/DateTime"
import * as Option from "effect/Option"
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"

const form = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d)$/

export const parse = (text: string): Option.Option<DateTime.Utc> =>
  form.test(text) ? Option.map(DateTime.make(text), DateTime.toUtc) : Option.none()

export const Instant = Schema.transformOrFail(Schema.String, Schema.String, {
  strict: true,
  decode: (text, _, ast) =>
    Option.match(parse(text), {
      onNone: () =>
        ParseResult.fail(
          new ParseResult.Type(ast, text, "must be a time with its zone, such as 2026-09-30T16:05:00Z")
        ),
      onSome: (time) => ParseResult.succeed(DateTime.formatIso(time))
    }),
  encode: (text) => ParseResult.succeed(text)
})
