/** How many events a response reads at a time, so that it has about a quarter of a megabyte in memory. */
import type { StoredEvent } from "@effect-postmark/core/EventLog"

export const first = 16

/** The size after a page: as many events as its average suggests, and never more than twice as many as before. */
export const next = (size: number, page: ReadonlyArray<StoredEvent>): number => {
  const length = page.reduce((sum, { event, raw }) => sum + raw.length + (event?.length ?? 0), 0)
  const fitting = Math.floor((target * Math.max(page.length, 1)) / Math.max(length, 1))
  return Math.max(1, Math.min(fitting, size * 2, maximum))
}

const target = 262_144
const maximum = 200
