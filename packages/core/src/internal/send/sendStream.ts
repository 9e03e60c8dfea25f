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
import { newStamp, type Outgoing, type Stamp } from "./stampedMessage.ts"

/** How one message becomes bytes, and how a batch of them is sent; neither of them fails on a batch. */
export interface Batches {
  readonly prepare: (email: Email, index: number, stamp: Stamp) => Effect.Effect<Outgoing, ValidationFailure>
  readonly send: (messages: ReadonlyArray<Outgoing>) => Effect.Effect<ReadonlyArray<SendOutcome>>
}

export const sendStream =
  (batches: Batches) =>
  <E, R>(emails: Stream.Stream<Email, E, R>, options: StreamOptions = {}): Stream.Stream<Indexed, E, R> =>
    Stream.unwrap(Effect.gen(function*() {
      const failure = yield* Ref.make(Option.none<Cause.Cause<E>>())
      const first: Batch = { stamp: yield* newStamp, size: 1, messages: Chunk.empty(), refused: [] }
      const outcomes = emails.pipe(
        // What came before a failure of the source is sent and reported all the same; then the failure comes out.
        Stream.catchAllCause((cause) => Stream.execute(Ref.set(failure, Option.some(cause)))),
        Stream.zipWithIndex,
        Stream.map(Option.some),
        Stream.concat(Stream.succeed(Option.none<readonly [Email, number]>())),
        Stream.mapAccumEffect(first, (batch, next) =>
          Option.match(next, {
            onNone: () => Effect.succeed([batch, isEmpty(batch) ? [] : [batch]] as const),
            onSome: ([email, index]) => take(batches, batch, email, index)
          })),
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
  readonly size: number
  readonly messages: Chunk.Chunk<Outgoing>
  readonly refused: ReadonlyArray<Indexed>
}

const isEmpty = ({ messages, refused }: Batch): boolean => Chunk.isEmpty(messages) && refused.length === 0

type Step = readonly [batch: Batch, ready: ReadonlyArray<Batch>]

/** Puts a message into the batch; a batch that is full is ready, and the message begins the next one. */
const take = (batches: Batches, batch: Batch, email: Email, index: number): Effect.Effect<Step> =>
  Effect.gen(function*() {
    const prepared = yield* Effect.either(batches.prepare(email, index, batch.stamp))
    if (Either.isLeft(prepared)) return yield* refuse(batch, index, prepared.left)
    const grown = add(batch, prepared.right)
    if (grown.size <= maximumBatchBytes) {
      return Chunk.size(grown.messages) < maximumBatchMessages ? [grown, []] : [yield* empty, [grown]]
    }
    if (Chunk.isEmpty(batch.messages)) return yield* refuse(batch, index, tooLarge("sendEmailStream", grown.size))
    // The one message that is encoded again: it carries the value of the batch that it goes out with.
    const [next, ready] = yield* take(batches, yield* empty, email, index)
    return [next, [batch, ...ready]]
  })

const refuse = (batch: Batch, index: number, error: ValidationFailure): Effect.Effect<Step> => {
  const refused = [...batch.refused, { index, outcome: { _tag: "Rejected" as const, error } }]
  const grown = { ...batch, refused }
  return refused.length < maximumBatchMessages
    ? Effect.succeed([grown, []])
    : Effect.map(empty, (next) => [next, [grown]])
}

const empty: Effect.Effect<Batch> = Effect.map(
  newStamp,
  (stamp) => ({ stamp, size: 1, messages: Chunk.empty(), refused: [] })
)

const add = (batch: Batch, message: Outgoing): Batch => ({
  ...batch,
  size: batch.size + message.bytes.length + 1,
  messages: Chunk.append(batch.messages, message)
})

const sendBatch = (batches: Batches, { messages: chunk, refused }: Batch): Effect.Effect<Chunk.Chunk<Indexed>> => {
  const messages = Chunk.toReadonlyArray(chunk)
  return Effect.map(
    messages.length === 0 ? Effect.succeed([]) : batches.send(messages),
    (outcomes) =>
      Chunk.fromIterable(
        [
          ...refused,
          ...messages.flatMap(({ index }, place) => {
            const outcome = outcomes[place]
            return outcome === undefined ? [] : [{ index, outcome }]
          })
        ].sort((a, b) => a.index - b.index)
      )
  )
}
