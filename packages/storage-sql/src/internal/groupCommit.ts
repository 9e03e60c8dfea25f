/**
 * Commits concurrent writes together. One fiber collects them and responds to each caller after the commit. A write
 * is committed even if its caller stops waiting.
 */
import * as Metrics from "@effect-postmark/core/Metrics"
import type * as Cause from "effect/Cause"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Mailbox from "effect/Mailbox"
import * as Metric from "effect/Metric"
import type * as Scope from "effect/Scope"
import * as EventLoop from "./eventLoop.ts"

export interface Options<In, Out, E> {
  /** Writes a group in one transaction, and answers for each input of it. */
  readonly write: (group: ReadonlyArray<In>) => Effect.Effect<(input: In) => Out, E>
  /** About how much memory an input takes. */
  readonly weigh: (input: In) => number
  /** True for a failure that every other write would share, after a wait that nobody should pay twice. */
  readonly isContention: (cause: Cause.Cause<E>) => boolean
  readonly overloaded: () => E
  readonly closed: () => E
  /** The limits on waiting inputs: their number, and their total size. */
  readonly maxPending: number
  readonly maxPendingWeight: number
  readonly groupSize: number
  readonly groupWeight: number
}

/** Hands an input to the writer; `unsafe` does so without a fiber, and calls back once. */
export interface Append<In, Out, E> {
  (input: In): Effect.Effect<Out, E>
  readonly unsafe: (input: In, done: (exit: Exit.Exit<Out, E>) => void) => void
}

export const make = <In, Out, E>(
  options: Options<In, Out, E>
): Effect.Effect<Append<In, Out, E>, never, Scope.Scope> =>
  Effect.gen(function*() {
    const mailbox = yield* Mailbox.make<Item<In, Out, E>>()
    let pending = 0
    let pendingWeight = 0

    const settle = (item: Item<In, Out, E>, exit: Exit.Exit<Out, E>) => {
      if (item.isSettled) return
      item.isSettled = true
      pending -= 1
      pendingWeight -= item.weight
      item.done(exit)
    }

    const writeGroup = (group: ReadonlyArray<Item<In, Out, E>>): Effect.Effect<void> =>
      Effect.gen(function*() {
        const inputs = group.map((item) => item.input)
        const exit = yield* Effect.exit(Effect.suspend(() => options.write(inputs)))
        if (Exit.isSuccess(exit)) {
          for (const item of group) settle(item, Exit.succeed(exit.value(item.input)))
        } else if (group.length === 1 || options.isContention(exit.cause)) {
          for (const item of group) settle(item, Exit.failCause(exit.cause))
        } else {
          yield* writeSingly(group)
        }
      })

    /** One input may be at fault: the others must not fail with it. */
    const writeSingly = (group: ReadonlyArray<Item<In, Out, E>>): Effect.Effect<void> =>
      Effect.gen(function*() {
        let contention: Exit.Exit<never, E> | undefined
        for (const item of group) {
          const exit = contention ?? (yield* Effect.exit(Effect.suspend(() => options.write([item.input]))))
          if (Exit.isFailure(exit) && options.isContention(exit.cause)) contention = Exit.failCause(exit.cause)
          settle(item, Exit.map(exit, (answer) => answer(item.input)))
        }
      })

    /** Nobody waits for this fiber: if it ended, every later write would wait for ever. */
    const guarded = (group: ReadonlyArray<Item<In, Out, E>>): Effect.Effect<void> =>
      Effect.catchAllCause(writeGroup(group), (cause) =>
        Effect.sync(() => {
          for (const item of group) settle(item, Exit.failCause(cause))
        }).pipe(
          Effect.zipRight(Metric.increment(Metric.tagged(Metrics.restarts, "fiber", "GroupCommit"))),
          Effect.zipRight(Effect.logError("a group of writes ended in a defect; the next ones are written"))
        ))

    const writer = Effect.gen(function*() {
      while (true) {
        const [first, done] = yield* mailbox.takeAll
        const items = Array.from(first)
        // Requests that have arrived already get to hand over their input. A turn of the event loop that brings nothing
        // ends the waiting, so that a lone caller waits for one turn only.
        for (let turn = 0; turn < maxTurns && items.length < options.groupSize; turn++) {
          yield* EventLoop.turn
          const more = yield* mailbox.clear
          if (Chunk.isEmpty(more)) break
          items.push(...more)
        }
        for (const group of split(items, options)) yield* guarded(group)
        if (done) return
      }
    })

    const fiber = yield* Effect.forkScoped(Effect.uninterruptible(writer))
    // What was handed over before the end is written before the database closes.
    yield* Effect.addFinalizer(() => Effect.zipRight(mailbox.end, Fiber.await(fiber)))

    const unsafe = (input: In, done: (exit: Exit.Exit<Out, E>) => void): void => {
      const weight = options.weigh(input)
      if (pending >= options.maxPending || (pending > 0 && pendingWeight + weight > options.maxPendingWeight)) {
        done(Exit.fail(options.overloaded()))
      } else if (mailbox.unsafeOffer({ input, weight, done, isSettled: false })) {
        pending += 1
        pendingWeight += weight
      } else {
        done(Exit.fail(options.closed()))
      }
    }
    return Object.assign(
      (input: In): Effect.Effect<Out, E> => Effect.async((resume) => unsafe(input, resume)),
      { unsafe }
    )
  })

const maxTurns = 16

interface Item<In, Out, E> {
  readonly input: In
  readonly weight: number
  readonly done: (exit: Exit.Exit<Out, E>) => void
  isSettled: boolean
}

const split = <In, Out, E>(
  items: ReadonlyArray<Item<In, Out, E>>,
  { groupSize, groupWeight }: Options<In, Out, E>
): ReadonlyArray<ReadonlyArray<Item<In, Out, E>>> => {
  const groups: Array<Array<Item<In, Out, E>>> = []
  let weight = 0
  for (const item of items) {
    const last = groups.at(-1)
    if (last === undefined || last.length >= groupSize || weight + item.weight > groupWeight) {
      groups.push([item])
      weight = item.weight
    } else {
      last.push(item)
      weight += item.weight
    }
  }
  return groups
}
