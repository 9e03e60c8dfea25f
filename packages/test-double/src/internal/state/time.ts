/** Instants to a tenth of a microsecond, in the spellings of docs/postmark.md#times. */

/** `ticks` are tenths of a microsecond after `millis`; they keep instants of one millisecond apart and in order. */
export interface Instant {
  readonly millis: number
  readonly ticks: number
}

/** `2026-09-30T16:04:08.5123401Z` */
export const utc = ({ millis, ticks }: Instant): string =>
  `${new Date(millis).toISOString().slice(0, -1)}${String(ticks).padStart(4, "0")}Z`

/** `2026-09-30T16:04:08.51Z`: the fraction without zeros at its end, and without a point if it is zero. */
export const utcShort = (at: Instant): string => utc(at).replace(/\.?0*Z$/, "Z")

/** `2026-09-30T16:04:08Z` */
export const utcSeconds = ({ millis }: Instant): string => `${new Date(millis).toISOString().slice(0, 19)}Z`

/** `2026-09-30T12:04:08.5123401-04:00`, US Eastern Time. */
export const eastern = ({ millis, ticks }: Instant): string => {
  const { local, zone } = easternParts(millis)
  return `${local}${String(ticks).padStart(4, "0")}${zone}`
}

/** `2026-09-30T12:04:08-04:00` */
export const easternSeconds = ({ millis }: Instant): string => {
  const { local, zone } = easternParts(millis)
  return local.slice(0, 19) + zone
}

/** `2026-09-30`, the day in New York. */
export const easternDay = (millis: number): string => easternParts(millis).local.slice(0, 10)

const easternParts = (millis: number): { readonly local: string; readonly zone: string } => {
  const offset = easternOffset(millis)
  const size = Math.abs(offset)
  const zone = `${String(Math.floor(size / 60)).padStart(2, "0")}:${String(size % 60).padStart(2, "0")}`
  return {
    local: new Date(millis + offset * 60_000).toISOString().slice(0, -1),
    zone: `${offset < 0 ? "-" : "+"}${zone}`
  }
}

export const isBefore = (a: Instant, b: Instant): boolean =>
  a.millis < b.millis || (a.millis === b.millis && a.ticks < b.ticks)

/**
 * The milliseconds that a date of a query covers: a whole day, one second, or, with a fraction, one millisecond.
 * Without `Z` or an offset it is read in US Eastern Time. Unpadded dates such as `2026-9-7` are taken, because the
 * official client's own tests send them (docs/postmark.md#how-postmark-reads).
 */
export const easternRange = (text: string): { readonly from: number; readonly to: number } | undefined => {
  const match = pattern.exec(text)
  if (match === null) return undefined
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1, 7).map((part) =>
    Number(part ?? 0)
  )
  const wall = Date.UTC(year, month - 1, day, hour, minute, second)
  const back = new Date(wall)
  if (back.getUTCMonth() !== month - 1 || back.getUTCDate() !== day || hour > 23 || minute > 59 || second > 59) {
    return undefined
  }
  const [, , , , hours, , , fraction, zone] = match
  if (hours === undefined) {
    return { from: fromEasternWall(wall), to: fromEasternWall(Date.UTC(year, month - 1, day + 1)) - 1 }
  }
  const offset = zone === undefined ? undefined : offsetOf(zone)
  if (Number.isNaN(offset)) return undefined
  const start = offset === undefined ? fromEasternWall(wall) : wall - offset * 60_000
  if (fraction === undefined) return { from: start, to: start + 999 }
  const at = start + Number(fraction.padEnd(3, "0").slice(0, 3))
  return { from: at, to: at }
}

// A plus sign that is not encoded arrives as a space.
const pattern =
  /^(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ](\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.(\d{1,9}))?)?(Z|[+ -]\d{2}:?\d{2})?)?$/i

/** The minutes that an offset is ahead of UTC; NaN if there is no such offset. */
const offsetOf = (zone: string): number => {
  if (zone.toUpperCase() === "Z") return 0
  const [hours, minutes] = [Number(zone.slice(1, 3)), Number(zone.slice(-2))]
  if (hours > 14 || minutes > 59) return Number.NaN
  return (zone.startsWith("-") ? -1 : 1) * (hours * 60 + minutes)
}

const fromEasternWall = (wall: number): number => {
  // Two rounds: the offset at the first guess can be that of the other side of a daylight saving change.
  const guess = wall - easternOffset(wall) * 60_000
  return wall - easternOffset(guess) * 60_000
}

const newYork = new Intl.DateTimeFormat("en-US", {
  timeZone: "America/New_York",
  hourCycle: "h23",
  year: "numeric",
  month: "2-digit",
  day: "2-digit",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit"
})

/** Minutes that New York is ahead of UTC. */
const easternOffset = (millis: number): number => {
  const parts: Record<string, number> = {}
  for (const { type, value } of newYork.formatToParts(millis)) parts[type] = Number(value)
  const wall = Date.UTC(
    parts["year"] ?? 0,
    (parts["month"] ?? 1) - 1,
    parts["day"] ?? 1,
    parts["hour"] ?? 0,
    parts["minute"] ?? 0,
    parts["second"] ?? 0
  )
  return Math.round((wall - millis) / 60_000)
}
