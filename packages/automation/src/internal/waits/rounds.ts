/** Work in rounds: after the log changed, at the poll interval, and at once when a round asks for it. */
import type { Service as Log } from "@effect-postmark/core/EventLog"
import type { Service as Store } from "@effect-postmark/core/WaitStore"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Queue from "effect/Queue"
import * as Stream from "effect/Stream"
import { supervise } from "../supervise.ts"

export interface Options {
  readonly name: string
  readonly pollInterval: Duration.DurationInput
  readonly retention: Duration.DurationInput
}

/**
 * Each round answers how long there is nothing to do, in milliseconds; the poll interval bounds that. Waits whose deadline
 * has come are ended before it. The answer wakes the fiber.
 */
export const make = <E>(
  store: Store,
  log: Log,
  { name, pollInterval, retention }: Options,
  round: (now: number) => Effect.Effect<number, E>
) =>
  Effect.gen(function*() {
    const pollMs = Duration.toMillis(pollInterval)
    const wakes = yield* Queue.sliding<void>(1)

    const working = Effect.gen(function*() {
      while (true) {
        const now = yield* Clock.currentTimeMillis
        while ((yield* store.expire({ now, limit: step })) === step) yield* Effect.yieldNow()
        const idleMs = Math.min(yield* round(now), pollMs)
        if (idleMs > 0) yield* Effect.timeoutOption(Queue.take(wakes), idleMs)
      }
    })

    const pruning = Effect.gen(function*() {
      while (true) {
        yield* Effect.sleep("1 hour")
        const before = (yield* Clock.currentTimeMillis) - Duration.toMillis(retention)
        while ((yield* store.prune({ before, limit: step })) > 0) yield* Effect.sleep("50 millis")
      }
    })

    const wake = Queue.offer(wakes, undefined)
    yield* Effect.forkScoped(supervise(`${name}.work`, working))
    yield* Effect.forkScoped(supervise(`${name}.changes`, Stream.runForEach(log.changes, () => wake)))
    yield* Effect.forkScoped(supervise(`${name}.prune`, pruning))
    return wake
  })

const step = 500
