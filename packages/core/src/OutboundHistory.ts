/**
 * The whole history as a stream, beyond the 10,000 messages that Postmark returns for one search. The time span is
 * halved until each part fits.
 *
 * @since 0.1.0
 */
import * as Chunk from "effect/Chunk"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as EasternTime from "./internal/wire/easternTime.ts"
import type { OutboundMessage, OutboundMessagesQuery } from "./OutboundMessage.ts"
import type * as OutboundMessages from "./OutboundMessages.ts"
import { maximumPageSize } from "./Paging.ts"
import type { ReadError } from "./PostmarkError.ts"

/**
 * The filters of a search, without paging. Without `messageStream`, the search covers the stream `outbound` only.
 *
 * @since 0.1.0
 * @category models
 */
export type Query = Omit<typeof OutboundMessagesQuery.Encoded, "count" | "offset">

/**
 * One span contains more messages than Postmark returns for a search, and it cannot be halved: it is one second, or
 * the hour that repeats in autumn. Narrow the search with another filter.
 *
 * @since 0.1.0
 * @category errors
 */
export class TooManyInSpan
  extends Schema.TaggedError<TooManyInSpan>("@effect-postmark/core/OutboundHistory/TooManyInSpan")(
    "TooManyInSpan",
    { fromDate: Schema.String, toDate: Schema.String, totalCount: Schema.Int }
  )
{
  override get message(): string {
    return `${this.totalCount} messages from ${this.fromDate} to ${this.toDate} (Eastern Time) are more than one search ` +
      "gives, and the span cannot be halved; narrow the search by a tag, a recipient or a metadata field"
  }
  readonly retryable = false
}

/**
 * The part of a client that reads the history.
 *
 * @since 0.1.0
 * @category models
 */
export type Reader = Pick<OutboundMessages.Service, "list">

/**
 * Streams the messages of one search, newest first: at most the first 10,000.
 *
 * @since 0.1.0
 * @category combinators
 */
export const pages = (reader: Reader, query: Query): Stream.Stream<OutboundMessage, ReadError> =>
  paged(reader, query, windowSize)

/**
 * Streams every message of a search once, newest first, without messages that are sent while the stream runs. Without
 * `fromDate`, it goes back one year, the longest time for which Postmark stores activity.
 *
 * @since 0.1.0
 * @category combinators
 */
export const stream = (
  reader: Reader,
  query: Query,
  /** The number of messages that one search returns: Postmark's 10,000, or fewer in a test. */
  window = windowSize
): Stream.Stream<OutboundMessage, ReadError | TooManyInSpan> =>
  Stream.unwrap(Effect.map(Clock.currentTimeMillis, (now) => {
    const present = EasternTime.localOf(now)
    const asked = query.toDate === undefined ? present : EasternTime.parse(query.toDate, "to")
    const to = Math.min(asked, present)
    const from = query.fromDate === undefined ? to - year : EasternTime.parse(query.fromDate, "from")
    return from > to ? Stream.empty : Stream.filter(span(reader, query, window, { from, to }), unseen())
  }))

/**
 * The dates of a search that finds everything between two instants (milliseconds since 1970). Around the hour that
 * Eastern Time skips or repeats, the search finds up to an hour more.
 *
 * @since 0.1.0
 * @category conversions
 */
export const dates = (from: number, to: number): { readonly fromDate: string; readonly toDate: string } => ({
  fromDate: EasternTime.print(EasternTime.localOf(isNearShift(from) ? from - hour : from)),
  toDate: EasternTime.print(EasternTime.localOf(isNearShift(to) ? to + hour : to))
})

/** The clocks change within an hour of this instant. */
const isNearShift = (instant: number): boolean =>
  EasternTime.localOf(instant + hour) - EasternTime.localOf(instant - hour) !== 2 * hour

const windowSize = 10_000
const second = 1_000
const hour = 3_600 * second
const year = 366 * 24 * 3_600 * second

/** Local times in US Eastern Time, both ends inclusive. */
interface Span {
  readonly from: number
  readonly to: number
}

const span = (
  reader: Reader,
  query: Query,
  window: number,
  { from, to }: Span
): Stream.Stream<OutboundMessage, ReadError | TooManyInSpan> => {
  const narrowed = { ...query, fromDate: EasternTime.print(from), toDate: EasternTime.print(to) }
  return Stream.unwrap(
    Effect.map(reader.list({ ...narrowed, count: 1, offset: 0 }), ({ totalCount }) => {
      if (totalCount <= window) return paged(reader, narrowed, window)
      const cut = cutOf({ from, to })
      if (Option.isNone(cut)) {
        return Stream.fail(new TooManyInSpan({ fromDate: narrowed.fromDate, toDate: narrowed.toDate, totalCount }))
      }
      // Both halves include the second of the cut, because Postmark decides which half contains a fraction of it.
      return Stream.concat(
        span(reader, query, window, { from: cut.value, to }),
        Stream.suspend(() => span(reader, query, window, { from, to: cut.value }))
      )
    })
  )
}

/**
 * Finds where to halve a span. The hour that autumn repeats has two instants for each local time, and the hour that
 * spring skips has none. A cut in either hour moves to the next local time with exactly one instant.
 */
const cutOf = ({ from, to }: Span): Option.Option<number> => {
  const middle = Math.floor((from + to) / 2 / second) * second
  const isCut = (local: number) => local > from && local < to && EasternTime.occurrences(local) === 1
  if (isCut(middle)) return Option.some(middle)
  // The skipped or repeated hour starts at a full hour and lasts one hour.
  const hour = Math.floor(middle / 3_600_000) * 3_600_000
  return Option.fromIterable([hour - second, hour + 3_600_000].filter(isCut))
}

const paged = (reader: Reader, query: Query, window: number): Stream.Stream<OutboundMessage, ReadError> => {
  const size = Math.min(maximumPageSize, window)
  return Stream.paginateChunkEffect(0, (offset) =>
    Effect.map(
      reader.list({ ...query, offset, count: Math.min(size, window - offset) }),
      ({ messages, totalCount }) => {
        const next = offset + messages.length
        const isLast = messages.length === 0 || next >= Math.min(totalCount, window)
        return [Chunk.fromIterable(messages), isLast ? Option.none() : Option.some(next)]
      }
    ))
}

/** Emits each message once. Duplicates are close together: at a cut, or where a late message moved a page. */
const unseen = () => {
  let recent = new Set<string>()
  let older = new Set<string>()
  return ({ messageId }: OutboundMessage): boolean => {
    if (recent.has(messageId) || older.has(messageId)) return false
    recent.add(messageId)
    if (recent.size >= 2 * windowSize) {
      older = recent
      recent = new Set()
    }
    return true
  }
}
