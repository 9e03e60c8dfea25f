/** Cuts rows into chunks, one call each. What the journal knows of a chunk decides where it begins and ends. */
import { correlationOf } from "@effect-postmark/core/BulkRun"
import type * as Correlation from "@effect-postmark/core/Correlation"
import * as PreparedBatch from "@effect-postmark/core/PreparedBatch"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Stream from "effect/Stream"
import type * as Journal from "../../Journal.ts"
import type { Messages } from "./messages.ts"
import type { RowOutcome } from "./outcome.ts"
import type { Row } from "./rows.ts"

/** `items` are to be sent, or looked up if the chunk is in `doubt`. `rejected` did not pass our checks. */
export interface Chunk {
  readonly index: number
  readonly first: number
  readonly count: number
  readonly correlation: string
  readonly items: ReadonlyArray<PreparedBatch.PreparedItem>
  readonly rejected: ReadonlyArray<RowOutcome>
  /** When the chunk was first sent, if it may have been accepted. */
  readonly doubtSince: number | undefined
}

interface Draft {
  readonly index: number
  readonly first: number
  readonly known: Journal.Chunk | undefined
  readonly correlation: string
  readonly items: Array<PreparedBatch.PreparedItem>
  readonly rejected: Array<RowOutcome>
  count: number
  bytes: number
}

export const cut = <E, R>(
  rows: Stream.Stream<Row, E, R>,
  messages: Messages,
  about: { readonly correlation: string; readonly names: Correlation.Names },
  journaled: ReadonlyMap<number, Journal.Chunk>
): Stream.Stream<Chunk, E, R> => {
  const byFirst = new Map([...journaled.values()].map((chunk) => [chunk.first, chunk]))
  let next = Math.max(-1, ...journaled.keys()) + 1
  let draft: Draft | undefined

  const begin = (row: number): Draft => {
    const known = byFirst.get(row)
    const index = known?.index ?? next++
    const correlation = correlationOf(about, index)
    return { index, first: row, known, correlation, items: [], rejected: [], count: 0, bytes: 0 }
  }

  const finish = (): ReadonlyArray<Chunk> => {
    if (draft === undefined) return []
    const { bytes: _, known, ...rest } = draft
    draft = undefined
    if (known?.state === "done") return []
    return [{ ...rest, doubtSince: known?.state === "doubt" ? known.at : undefined }]
  }

  const isFull = ({ count, first, known }: Draft): boolean =>
    known === undefined
      ? count >= PreparedBatch.maximumMessages || byFirst.has(first + count)
      : count >= known.count

  const add = (row: Row): Effect.Effect<ReadonlyArray<Chunk>> =>
    Effect.gen(function*() {
      draft ??= begin(row.row)
      const at = draft
      at.count++
      // What has its outcome is not even read.
      if (at.known === undefined || at.known.open.has(row.row)) {
        const place = { index: row.row - 1, names: about.names, correlation: at.correlation }
        const prepared = yield* Effect.either(messages.prepare(row, place))
        if (Either.isLeft(prepared)) {
          at.rejected.push({ row: row.row, state: "rejected", message: prepared.left.message })
        } else if (at.known === undefined && at.bytes > 0 && at.bytes + prepared.right.bytes + 1 > maximumBytes) {
          at.count--
          const ready = finish()
          // It is prepared again, since it carries the value of its chunk.
          return [...ready, ...(yield* add(row))]
        } else {
          at.items.push(prepared.right)
          at.bytes += prepared.right.bytes + 1
        }
      }
      return isFull(at) ? finish() : []
    })

  return rows.pipe(
    Stream.mapEffect(add),
    Stream.mapConcat((ready) => ready),
    Stream.concat(Stream.suspend(() => Stream.fromIterable(finish()))),
    Stream.rechunk(1)
  )
}

/** Leaves room for what a call with templates puts around the list. */
const maximumBytes = PreparedBatch.maximumBytes - 64
