/** Reads the durations and dates of flags: `90`, `90s`, `5m`, `12h`, `2d`, `1w`, or a date of Eastern Time. */
import * as OutboundHistory from "@effect-postmark/core/OutboundHistory"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { UsageError } from "../CliError.ts"

const units: Readonly<Record<string, number>> = { "": 1, s: 1, m: 60, h: 3_600, d: 86_400, w: 604_800 }

const millisOf = (text: string): number | undefined => {
  const [, amount, unit = ""] = /^(\d{1,9}(?:\.\d{1,6})?)(s|m|h|d|w|)$/.exec(text) ?? []
  const millis = Number(amount) * (units[unit] ?? Number.NaN) * 1_000
  return millis > 0 ? millis : undefined
}

export const durationOf = (text: string, name: string): Effect.Effect<Duration.Duration, UsageError> => {
  const millis = millisOf(text)
  return millis === undefined
    ? new UsageError({ message: `--${name} must be a duration above 0, such as 10, 0.5, 90s or 5m` })
    : Effect.succeed(Duration.millis(millis))
}

/** The `fromDate` of a query: a time this long ago, or the date itself. */
export const fromDateOf = (text: string): Effect.Effect<string, UsageError> => {
  if (/^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}:\d{2})?$/.test(text)) return Effect.succeed(text)
  const millis = /[smhdw]$/.test(text) ? millisOf(text) : undefined
  return millis === undefined
    ? new UsageError({ message: "--since must be a duration such as 90m, 12h or 2d, or a date such as 2026-09-30" })
    : Effect.map(Clock.currentTimeMillis, (now) => OutboundHistory.dates(now - millis, now).fromDate)
}
