/** Runs work at a bounded rate: in the order in which it came, and one after another for each key. */
import * as Effect from "effect/Effect"
import * as FiberSet from "effect/FiberSet"
import type * as Scope from "effect/Scope"

export interface Lanes<R> {
  /** `null` has no order. */
  readonly submit: (key: string | null, work: Effect.Effect<void, never, R>) => void
  /** What runs or waits. */
  readonly size: () => number
  /** Fails when a piece of work does, against expectation. */
  readonly watch: Effect.Effect<void>
}

export const make = <R>(
  concurrency: number,
  onFree: () => void
): Effect.Effect<Lanes<R>, never, R | Scope.Scope> =>
  Effect.gen(function*() {
    const fibers = yield* FiberSet.make<void, never>()
    const fork = yield* FiberSet.runtime(fibers)<R>()
    const waiting: Array<{ readonly key: string | null; readonly work: Effect.Effect<void, never, R> }> = []
    const busy = new Set<string>()
    let running = 0

    const pump = (): void => {
      while (running < concurrency) {
        const at = waiting.findIndex(({ key }) => key === null || !busy.has(key))
        const [next] = at === -1 ? [] : waiting.splice(at, 1)
        if (next === undefined) return
        running += 1
        if (next.key !== null) busy.add(next.key)
        fork(Effect.zipRight(
          next.work,
          Effect.sync(() => {
            running -= 1
            if (next.key !== null) busy.delete(next.key)
            pump()
            onFree()
          })
        ))
      }
    }

    return {
      submit: (key, work) => {
        waiting.push({ key, work })
        pump()
      },
      size: () => running + waiting.length,
      watch: FiberSet.join(fibers)
    }
  })
