/** Reads the log once for all who wait while their caller does, and only while somebody waits. */
import type { Service as Log, StoredEvent } from "@effect-postmark/core/EventLog"
import { messageIdFrom } from "@effect-postmark/core/Ids"
import type { StoreUnavailable } from "@effect-postmark/core/StoreUnavailable"
import { type Criteria, type EndingEvent, isEndedBy, type Service as Store } from "@effect-postmark/core/WaitStore"
import * as Deferred from "effect/Deferred"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Queue from "effect/Queue"
import * as Stream from "effect/Stream"
import { supervise } from "../supervise.ts"

interface Listener {
  readonly wait: Criteria
  readonly found: Deferred.Deferred<EndingEvent>
}

export const make = (store: Store, log: Log, pollInterval: Duration.DurationInput) =>
  Effect.gen(function*() {
    const listeners = new Map<string, Set<Listener>>()
    const somebody = yield* Effect.makeLatch(false)
    const joining = yield* Effect.makeSemaphore(1)
    const wakes = yield* Queue.sliding<void>(1)
    /** Where the reader is; none while nobody waits. */
    let position: number | undefined

    /** From here on, the listener is told of each event that is stored. */
    const join = (listener: Listener) =>
      joining.withPermits(1)(Effect.gen(function*() {
        if (position === undefined) {
          const latest = yield* log.latest
          position = latest
        }
        const key = keyOf(listener.wait)
        listeners.set(key, (listeners.get(key) ?? new Set()).add(listener))
        somebody.unsafeOpen()
      }))

    const leave = (listener: Listener) =>
      Effect.sync(() => {
        const key = keyOf(listener.wait)
        const same = listeners.get(key)
        same?.delete(listener)
        if (same?.size === 0) listeners.delete(key)
      })

    const tell = (event: StoredEvent) => {
      if (event.messageId === null) return
      for (const { found, wait } of listeners.get(keyOf({ ...event, messageId: event.messageId })) ?? []) {
        if (isEndedBy(wait, event)) Deferred.unsafeDone(found, Effect.succeed(endingOf(event)))
      }
    }

    const reading = Effect.gen(function*() {
      while (true) {
        yield* somebody.await
        if (listeners.size === 0) {
          position = undefined
          somebody.unsafeClose()
          continue
        }
        const events = yield* log.read({ after: position ?? 0, limit: pageSize })
        for (const event of events) {
          position = event.sequence
          tell(event)
        }
        if (events.length < pageSize) yield* Effect.timeoutOption(Queue.take(wakes), pollInterval)
      }
    })

    yield* Effect.forkScoped(supervise("Waits.tail", reading))
    yield* Effect.forkScoped(
      supervise("Waits.tailChanges", Stream.runForEach(log.changes, () => Queue.offer(wakes, undefined)))
    )

    return {
      /** `before` runs if the event is not in the log yet: it can refuse to wait. None when the time is over. */
      await: <E, R>(
        wait: Criteria,
        within: Duration.DurationInput,
        before: Effect.Effect<void, E, R>
      ): Effect.Effect<Option.Option<EndingEvent>, E | StoreUnavailable, R> =>
        Effect.acquireUseRelease(
          Effect.tap(
            Effect.map(Deferred.make<EndingEvent>(), (found): Listener => ({ wait, found })),
            join
          ),
          ({ found }) =>
            Effect.flatMap(store.find(wait), (earlier) =>
              Option.isSome(earlier)
                ? Effect.succeed(earlier)
                : Effect.zipRight(before, Effect.timeoutOption(Deferred.await(found), within))),
          leave
        )
    }
  })

const endingOf = ({ event, receivedAt, sequence, trigger }: StoredEvent): EndingEvent => ({
  sequence,
  trigger: trigger ?? "",
  receivedAt,
  json: event ?? "null"
})

const keyOf = ({ connectionId, messageId }: { readonly connectionId: string; readonly messageId: string }): string =>
  `${connectionId} ${messageIdFrom(messageId)}`

const pageSize = 500
