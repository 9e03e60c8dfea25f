/** A stream of messages of any length: cut into batches, sent a few at a time, an outcome for each message. */
import type * as Cause from "effect/Cause"
import * as Chunk from "effect/Chunk"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Ref from "effect/Ref"
import * as Stream from "effect/Stream"
import type { Email } from "../../Email.ts"
import type { ValidationFailure } from "../../PostmarkError.ts"
import * as RetryPolicy from "../../RetryPolicy.ts"
import type { Indexed, SendOutcome, StreamOptions } from "../../SendOutcome.ts"
import { maximumBatchBytes, maximumBatchMessages, tooLarge } from "./batchLimits.ts"
import { logWarnings, type Outgoing, type Stamp, stamps } from "./stampedMessage.ts"

/** How a message is checked and becomes bytes, and how a batch of them is sent; a batch never fails. */
export interface Batches {
  readonly check: (email: Email) => Either.Either<Email, ValidationFailure>
  readonly prepare: (email: Email, index: number, stamp: Stamp) => Outgoing
  readonly send: (messages: ReadonlyArray<Outgoing>) => Effect.Effect<ReadonlyArray<SendOutcome>>
}

export const sendStream =
  (batches: Batches) =>
  <E, R>(emails: Stream.Stream<Email, E, R>, options: StreamOptions = {}): Stream.Stream<Indexed, E, R> =>
    Stream.unwrap(Effect.gen(function*() {
      const failure = yield* Ref.make(Option.none<Cause.Cause<E>>())
      const cutter = makeCutter(batches, yield* stamps)
      const outcomes = emails.pipe(
        // What came before a failure of the source is sent and reported all the same; then the failure comes out.
        Stream.catchAllCause((cause) => Stream.execute(Ref.set(failure, Option.some(cause)))),
        // A source may give all its messages at once; no more of them are encoded than are sent soon.
        Stream.chunks,
        Stream.mapConcat((chunk) => Chunk.chunksOf(chunk, maximumBatchMessages)),
        Stream.mapEffect((slice) => Effect.zipRight(cutter.add(slice), cutter.ready)),
        Stream.concat(Stream.fromEffect(cutter.rest)),
        Stream.mapConcat((ready) => ready),
        // One batch per chunk, so that a batch is not held back until the next one is there.
        Stream.rechunk(1),
        Stream.mapEffect((batch) => patiently(sendBatch(batches, batch), options), {
          concurrency: options.concurrency ?? 4,
          unordered: options.ordered === false
        }),
        Stream.flattenChunks
      )
      const rethrown = Stream.unwrap(Effect.map(
        Ref.get(failure),
        Option.match({ onNone: () => Stream.empty, onSome: (cause) => Stream.failCause(cause) })
      ))
      return Stream.concat(outcomes, rethrown)
    }))

/** A caller of one message is told at once to come again later; a stream has nobody else to wait for it. */
const patiently = <A>(sending: Effect.Effect<A>, { maximumWait = "1 minute" }: StreamOptions): Effect.Effect<A> =>
  Effect.flatMap(RetryPolicy.RetryPolicy, (policy) =>
    RetryPolicy.withRetryPolicy(sending, {
      ...policy,
      maximumWait: Duration.max(policy.maximumWait, maximumWait)
    }))

/** A batch in the making. `size` is that of its JSON list. Messages that are not valid wait here for their turn. */
interface Batch {
  readonly stamp: Stamp
  size: number
  readonly messages: Array<Outgoing>
  readonly refused: Array<Indexed>
}

/** Cuts messages into batches: `add` takes them in, `ready` gives out what is full, `rest` what is left at the end. */
interface Cutter {
  readonly add: (emails: Iterable<Email>) => Effect.Effect<void>
  readonly ready: Effect.Effect<ReadonlyArray<Batch>>
  readonly rest: Effect.Effect<ReadonlyArray<Batch>>
}

const makeCutter = (batches: Batches, nextStamp: () => Stamp): Cutter => {
  const begin = (): Batch => ({ stamp: nextStamp(), size: 1, messages: [], refused: [] })
  let batch = begin()
  let full: Array<Batch> = []
  let next = 0

  const close = () => {
    full.push(batch)
    batch = begin()
  }

  const refuse = (index: number, error: ValidationFailure) => {
    batch.refused.push({ index, outcome: { _tag: "Rejected", error } })
    if (batch.refused.length === maximumBatchMessages) close()
  }

  const put = (email: Email, index: number): void => {
    const message = batches.prepare(email, index, batch.stamp)
    const size = batch.size + message.bytes.length + 1
    if (size > maximumBatchBytes) {
      if (batch.messages.length === 0) return refuse(index, tooLarge("sendEmailStream", size))
      // The one message that is encoded again: it carries the value of the batch that it goes out with.
      close()
      return put(email, index)
    }
    batch.size = size
    batch.messages.push(message)
    if (batch.messages.length === maximumBatchMessages) close()
  }

  const ready = Effect.sync(() => {
    const given = full
    full = []
    return given
  })

  return {
    ready,
    rest: Effect.suspend(() => {
      if (batch.messages.length + batch.refused.length > 0) close()
      return ready
    }),
    add: (emails) =>
      Effect.suspend(() => {
        const odd: Array<Email> = []
        for (const email of emails) {
          const index = next++
          const checked = batches.check(email)
          if (Either.isLeft(checked)) {
            refuse(index, checked.left)
          } else {
            if (checked.right.headers !== undefined) odd.push(checked.right)
            put(checked.right, index)
          }
        }
        return odd.length === 0 ? Effect.void : Effect.forEach(odd, logWarnings, { discard: true })
      })
  }
}

const sendBatch = (batches: Batches, { messages, refused }: Batch): Effect.Effect<Chunk.Chunk<Indexed>> =>
  Effect.map(
    messages.length === 0 ? Effect.succeed([]) : batches.send(messages),
    (outcomes) => {
      const all = messages.flatMap(({ index }, place): Array<Indexed> => {
        const outcome = outcomes[place]
        return outcome === undefined ? [] : [{ index, outcome }]
      })
      return Chunk.unsafeFromArray(
        refused.length === 0 ? all : [...refused, ...all].sort((a, b) => a.index - b.index)
      )
    }
  )
