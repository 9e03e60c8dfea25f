/** US Eastern Time, in which Postmark reads the dates of a search. */
import * as DateTime from "effect/DateTime"

const zone = DateTime.zoneUnsafeMakeNamed("America/New_York")

/** `2026-09-30T12:04:08` */
export const easternSecond = (epochMillis: number): string =>
  DateTime.formatIsoOffset(DateTime.unsafeMakeZoned(epochMillis, { timeZone: zone })).slice(0, 19)
