/** Reads a `Retry-After`, which Postmark documents nowhere, in its two forms. */
import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"

/** Longest wait that is reported. */
const aDay = 24 * 60 * 60 * 1_000

const httpDate = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/

/** Milliseconds from now; undefined when there is none, or nothing that can be read. */
export const retryAfter = (header: string | undefined): Effect.Effect<number | undefined> => {
  const text = header?.trim() ?? ""
  if (/^\d+$/.test(text)) return Effect.succeed(Math.min(Number(text) * 1_000, aDay))
  if (!httpDate.test(text)) return Effect.succeed(undefined)
  return Effect.map(Clock.currentTimeMillis, (now) =>
    Option.match(DateTime.make(new Date(text)), {
      onNone: () => undefined,
      onSome: (date) => Math.min(Math.max(DateTime.toEpochMillis(date) - now, 0), aDay)
    }))
}
