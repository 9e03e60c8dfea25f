/** Reads of Postmark's API for a sweep: everything between two instants, paced. */
import * as OutboundHistory from "@effect-postmark/core/OutboundHistory"
import { maximumPageSize } from "@effect-postmark/core/Paging"
import * as Effect from "effect/Effect"

/** Postmark returns no more of a list than this. */
const window = 10_000

export interface Page<A> {
  readonly totalCount: number
  readonly items: ReadonlyArray<A>
}

interface Paging {
  readonly count: number
  readonly offset: number
}

/** A list that can be searched by dates: all of it, oldest first. The span is halved until a part fits a search. */
export const between = <A, E>(
  list: (query: Paging & { readonly fromDate: string; readonly toDate: string }) => Effect.Effect<Page<A>, E>,
  from: number,
  to: number
): Effect.Effect<{ readonly items: ReadonlyArray<A>; readonly isComplete: boolean }, E> =>
  Effect.gen(function*() {
    const dates = OutboundHistory.dates(from, to)
    const page = (offset: number) => list({ ...dates, offset, count: maximumPageSize })
    const first = yield* page(0)
    if (first.totalCount > window && to - from > 2_000) {
      const middle = Math.floor((from + to) / 2_000) * 1_000
      const older = yield* between(list, from, middle)
      const newer = yield* between(list, middle, to)
      return { items: [...older.items, ...newer.items], isComplete: older.isComplete && newer.isComplete }
    }
    const items = [...first.items]
    while (items.length < Math.min(first.totalCount, window)) {
      const next = yield* page(items.length)
      if (next.items.length === 0) break
      items.push(...next.items)
    }
    return { items: items.reverse(), isComplete: first.totalCount <= window }
  })

/**
 * A list without dates, newest first, down to an instant: oldest first. Pages go on until one has nothing newer, since a
 * page may be out of order by a little.
 */
export const downTo = <A, E>(
  list: (query: Paging) => Effect.Effect<Page<A>, E>,
  timeOf: (item: A) => number,
  from: number
): Effect.Effect<{ readonly items: ReadonlyArray<A>; readonly isComplete: boolean }, E> =>
  Effect.gen(function*() {
    const items: Array<A> = []
    for (let offset = 0; offset < window; offset += maximumPageSize) {
      const page = yield* list({ offset, count: maximumPageSize })
      const newer = page.items.filter((item) => !(timeOf(item) < from))
      items.push(...newer)
      if (newer.length === 0 || offset + page.items.length >= page.totalCount) {
        return { items: items.reverse(), isComplete: true }
      }
    }
    return { items: items.reverse(), isComplete: false }
  })

/** Lets reads pass no faster than a rate; 0 is no limit. */
export const pacer = (perSecond: number): Effect.Effect<<A, E>(read: Effect.Effect<A, E>) => Effect.Effect<A, E>> =>
  Effect.map(
    Effect.makeSemaphore(1),
    (door) => (read) =>
      perSecond <= 0 ? read : Effect.zipRight(door.withPermits(1)(Effect.sleep(1_000 / perSecond)), read)
  )
