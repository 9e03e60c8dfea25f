/**
 * US Eastern Time, in which Postmark reads the dates of a search (https://postmarkapp.com/developer/api/messages-api).
 * A local time is kept as the milliseconds that it would be in UTC, so that it can be reckoned with; it is not an
 * instant.
 */

const format = new Intl.DateTimeFormat("en-US", {
  timeZone: "America/New_York",
  hourCycle: "h23",
  year: "numeric",
  month: "2-digit",
  day: "2-digit",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit"
})

const hour = 3_600_000

/** Eastern Time is four hours behind UTC in summer and five in winter. */
const offsets = [4 * hour, 5 * hour]

/** The local time of an instant, cut to the second. */
export const localOf = (instant: number): number => {
  const parts = new Map(format.formatToParts(instant).map(({ type, value }) => [type, Number(value)]))
  const part = (name: Intl.DateTimeFormatPartTypes) => parts.get(name) ?? 0
  return Date.UTC(part("year"), part("month") - 1, part("day"), part("hour"), part("minute"), part("second"))
}

/** How many instants have this local time: one, none in the spring gap, two in the hour that autumn repeats. */
export const occurrences = (local: number): number =>
  offsets.filter((offset) => localOf(local + offset) === Math.floor(local / 1_000) * 1_000).length

/** A local time as Postmark reads it: `2026-09-30T16:04:08`. */
export const print = (local: number): string => new Date(local).toISOString().slice(0, 19)

/** Reads `2026-09-30` as the beginning of the day, or as its last second; `2026-09-30T16:04:08` is itself. */
export const parse = (text: string, edge: "from" | "to"): number =>
  Date.parse(text.length > 10 ? `${text}Z` : `${text}T${edge === "from" ? "00:00:00" : "23:59:59"}Z`)
