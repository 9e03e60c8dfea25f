/** Tells the fibers of this program when the waits that they wait for have ended. */
import type { Service as Log } from "@effect-postmark/core/EventLog"
import type { Service as Store, StoredWait } from "@effect-postmark/core/WaitStore"
import * as Deferred from "effect/Deferred"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Metric from "effect/Metric"
import * as Option from "effect/Option"
import * as WaitMetrics from "../../WaitMetrics.ts"
import * as Rounds from "./rounds.ts"

export interface Options<E> {
  readonly pollInterval: Duration.DurationInput
  readonly retention: Duration.DurationInput
  /** What a listener gets whose wait is not there any more. */
  readonly gone: E
}

interface Watched<E> {
  readonly deadline: number
  readonly listeners: Set<Deferred.Deferred<StoredWait, E>>
}

export const make = <E>(store: Store, log: Log, { gone, pollInterval, retention }: Options<E>) =>
  Effect.gen(function*() {
    const watched = new Map<string, Watched<E>>()

    const tell = (id: string, result: Effect.Effect<StoredWait, E>) =>
      Effect.sync(() => {
        const listeners = watched.get(id)?.listeners ?? new Set()
        watched.delete(id)
        for (const listener of listeners) Deferred.unsafeDone(listener, result)
      })

    const round = (now: number) =>
      Effect.gen(function*() {
        const ids = [...watched.keys()]
        for (let at = 0; at < ids.length; at += page) {
          for (const wait of yield* store.ended(ids.slice(at, at + page))) {
            yield* Metric.increment(
              Metric.tagged(WaitMetrics.ended, "result", wait.event === null ? "deadline" : "event")
            )
            yield* tell(wait.id, Effect.succeed(wait))
          }
        }
        let next = Infinity
        for (const [id, { deadline }] of watched) {
          // Another process can have cancelled it.
          if (deadline <= now && Option.isNone(yield* store.get(id))) yield* tell(id, Effect.fail(gone))
          else next = Math.min(next, Math.max(deadline - now, 1))
        }
        return next
      })

    const wake = yield* Rounds.make(store, log, { name: "Waits", pollInterval, retention }, round)

    return {
      cancelled: (id: string) => tell(id, Effect.fail(gone)),
      ended: (wait: StoredWait): Effect.Effect<StoredWait, E> =>
        wait.state === "waiting"
          ? Effect.gen(function*() {
            const listener = yield* Deferred.make<StoredWait, E>()
            const { listeners } = watched.get(wait.id) ?? { listeners: new Set() }
            watched.set(wait.id, { deadline: wait.deadline, listeners: listeners.add(listener) })
            // The round that is under way may have missed it, or sleep beyond its deadline.
            yield* wake
            return yield* Effect.onInterrupt(Deferred.await(listener), () =>
              Effect.sync(() => {
                listeners.delete(listener)
                if (listeners.size === 0 && watched.get(wait.id)?.listeners === listeners) watched.delete(wait.id)
              }))
          })
          : Effect.succeed(wait)
    }
  })

const page = 500
