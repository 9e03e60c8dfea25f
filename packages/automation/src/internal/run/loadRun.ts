/** Stores the input of a run, chunk by chunk: no more than one chunk of it is in memory. */
import { correlationOf, type RunOutcome } from "@effect-postmark/core/BulkRun"
import type { ValidationFailure } from "@effect-postmark/core/PostmarkError"
import * as PreparedBatch from "@effect-postmark/core/PreparedBatch"
import { type NewChunk } from "@effect-postmark/core/RunStore"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Stream from "effect/Stream"

export interface Loading<Message, E2, E3> {
  readonly correlation: string
  readonly chunkSize: number
  readonly names: PreparedBatch.Place["names"]
  readonly prepare: (
    message: Message,
    place: PreparedBatch.Place
  ) => Effect.Effect<PreparedBatch.PreparedItem, ValidationFailure>
  readonly append: (chunk: NewChunk) => Effect.Effect<void, E2>
  /** Decides about a message that is not valid: fails, or the message is recorded as rejected. */
  readonly onInvalid: (index: number, error: ValidationFailure) => Effect.Effect<void, E3>
}

interface Draft {
  readonly index: number
  readonly firstIndex: number
  readonly lines: Array<string>
  readonly outcomes: Array<RunOutcome>
  bytes: number
}

export const load = <Message, E, R, E2, E3>(
  messages: Stream.Stream<Message, E, R>,
  { append, chunkSize, correlation, names, onInvalid, prepare }: Loading<Message, E2, E3>
): Effect.Effect<void, E | E2 | E3, R> =>
  Effect.suspend(() => {
    let draft: Draft = { index: 0, firstIndex: 0, lines: [], outcomes: [], bytes: 0 }

    const flush = Effect.suspend(() => {
      const { firstIndex, index, lines, outcomes } = draft
      draft = { index: index + 1, firstIndex: firstIndex + lines.length, lines: [], outcomes: [], bytes: 0 }
      return append({ index, firstIndex, size: lines.length, items: lines.join("\n"), outcomes })
    })

    const add = (message: Message): Effect.Effect<void, E2 | E3> =>
      Effect.gen(function*() {
        if (draft.lines.length === chunkSize) yield* flush
        const index = draft.firstIndex + draft.lines.length
        const prepared = yield* Effect.either(
          prepare(message, { index, names, correlation: correlationOf({ correlation }, draft.index) })
        )
        if (Either.isLeft(prepared)) {
          yield* onInvalid(index, prepared.left)
          draft.lines.push("")
          draft.outcomes.push({ index, state: "rejected", detail: prepared.left.message })
          return
        }
        const { bytes, json } = prepared.right
        if (draft.bytes > 0 && draft.bytes + bytes + 1 > maximumBytes) {
          yield* flush
          // It is prepared again, since it carries the value of its chunk.
          return yield* add(message)
        }
        draft.lines.push(json)
        draft.bytes += bytes + 1
      })

    return Effect.zipRight(
      Stream.runForEach(messages, add),
      Effect.suspend(() => draft.lines.length === 0 ? Effect.void : flush)
    )
  })

/** Leaves room for what a call with templates puts around the list. */
const maximumBytes = PreparedBatch.maximumBytes - 64
