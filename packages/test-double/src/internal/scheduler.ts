/** Work that is due later: fibers in the double's scope that sleep on its clock, and a signal for every change. */
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as FiberId from "effect/FiberId"
import * as Runtime from "effect/Runtime"
import * as Stream from "effect/Stream"

export interface Scheduler {
  readonly now: () => number
  /** Runs the work after so many milliseconds, in a fiber of its own. */
  readonly schedule: (delay: number, work: Effect.Effect<void>) => void
  /** Wakes all who wait for a change. */
  readonly changed: () => void
  readonly waitFor: (predicate: () => boolean) => Effect.Effect<void>
  /** Emits at once, then once for all changes since the last element was taken: nothing piles up for a slow reader. */
  readonly changes: Stream.Stream<void>
  /** Waits until nothing is due or running. */
  readonly settled: Effect.Effect<void>
  readonly cancelAll: Effect.Effect<void>
}

export const makeScheduler = Effect.gen(function*() {
  const scope = yield* Effect.scope
  const clock = yield* Effect.clock
  // The fiber that happens to make a request must not lend its trace, its logger or its interruption to later work.
  const runtime = yield* Effect.runtime<never>()
  const tasks = new Map<number, { readonly dueAt: number; fiber?: Fiber.RuntimeFiber<void> }>()
  let nextTask = 0
  let change = Deferred.unsafeMake<void>(FiberId.none)
  let count = 0

  const changed = () => {
    const woken = change
    count++
    change = Deferred.unsafeMake<void>(FiberId.none)
    Deferred.unsafeDone(woken, Effect.void)
  }
  const waitFor = (predicate: () => boolean): Effect.Effect<void> =>
    Effect.suspend(() => predicate() ? Effect.void : Effect.flatMap(Deferred.await(change), () => waitFor(predicate)))
  const now = () => clock.unsafeCurrentTimeMillis()

  const scheduler: Scheduler = {
    now,
    changed,
    waitFor,
    changes: Stream.unwrap(Effect.sync(() => {
      let seen = -1
      return Stream.repeatEffect(Effect.map(waitFor(() => count !== seen), () => {
        seen = count
      }))
    })),
    schedule: (delay, work) => {
      const id = nextTask++
      const task: { readonly dueAt: number; fiber?: Fiber.RuntimeFiber<void> } = { dueAt: now() + delay }
      tasks.set(id, task)
      task.fiber = Runtime.runFork(runtime)(
        (delay > 0 ? Effect.zipRight(clock.sleep(Duration.millis(delay)), work) : work).pipe(
          Effect.interruptible,
          Effect.ensuring(Effect.sync(() => {
            tasks.delete(id)
            changed()
          }))
        ),
        { scope }
      )
    },
    settled: waitFor(() => {
      const present = now()
      return ![...tasks.values()].some(({ dueAt }) => dueAt <= present)
    }),
    cancelAll: Effect.suspend(() =>
      Fiber.interruptAll([...tasks.values()].flatMap(({ fiber }) => fiber === undefined ? [] : [fiber]))
    )
  }
  return scheduler
})
