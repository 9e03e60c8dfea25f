/** The work of the process that has a subscription's lease: reads the log, and hands on what is new and what is due. */
import type { Service as Cursors } from "@effect-postmark/core/CursorStore"
import type { Service as Log, StoredEvent } from "@effect-postmark/core/EventLog"
import type { StoreUnavailable } from "@effect-postmark/core/StoreUnavailable"
import type { Row, Service as Subscribers, Settlement, Subscription } from "@effect-postmark/core/SubscriberStore"
import type * as TriggerEvent from "@effect-postmark/core/TriggerEvent"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Queue from "effect/Queue"
import * as Stream from "effect/Stream"
import type * as RetryLadder from "../../RetryLadder.ts"
import { supervise } from "../supervise.ts"
import * as Attempt from "./attempt.ts"
import * as Lanes from "./lanes.ts"
import type { Held } from "./lease.ts"
import * as Progress from "./progress.ts"

export interface Settings<Event, E, R> {
  readonly connections: ReadonlyArray<string> | undefined
  readonly ordered: boolean
  readonly concurrency: number
  readonly ladder: RetryLadder.RetryLadder
  readonly pollMs: number
  readonly read: (stored: StoredEvent) => Either.Either<TriggerEvent.TriggerEvent<Event>, unknown>
  readonly keyOf: (about: TriggerEvent.TriggerEvent<Event>) => string | null
  readonly handler: (event: Event, about: TriggerEvent.TriggerEvent<Event>) => Effect.Effect<unknown, E, R>
}

export interface Stores {
  readonly log: Log
  readonly cursors: Cursors
  readonly subscribers: Subscribers
}

export const run = <Event, E, R>(
  { cursors, log, subscribers }: Stores,
  subscription: Subscription,
  settings: Settings<Event, E, R>,
  held: Held
): Effect.Effect<never, never, R> =>
  Effect.gen(function*() {
    const { subscriber, trigger } = subscription
    const progress = yield* persistently(Progress.make(cursors, subscriber, trigger, settings.connections))
    const wakes = yield* Queue.sliding<void>(1)
    let isStarved = false
    const lanes = yield* Lanes.make<R>(settings.concurrency, () => {
      if (!isStarved || lanes.size() >= roomy) return
      isStarved = false
      Queue.unsafeOffer(wakes, undefined)
    })
    const roomy = Math.max(pageSize / 2, settings.concurrency)
    /** Keys with open rows, as far as it is known: the next event of such a key waits as a row too. */
    const hindered = new Set<string>()
    const rowsInHand = new Set<number>()

    const settle = (settlement: Settlement) =>
      persistently(subscribers.settle({ ...subscription, owner: held.owner, settlements: [settlement] })).pipe(
        Effect.flatMap((open) => {
          if (open === null) return held.lost
          const { key } = settlement
          if (key === null) return Effect.void
          if (!open.includes(key)) return Effect.sync(() => hindered.delete(key))
          hindered.add(key)
          return Queue.offer(wakes, undefined)
        }),
        Effect.tap(() => settlement.state === "dead" ? Attempt.gaveUp(settlement, trigger) : Effect.void)
      )

    const attempt = (about: TriggerEvent.TriggerEvent<Event>) =>
      Effect.zipRight(held.check, Attempt.once(settings.handler, about))

    const passed = (stored: StoredEvent) =>
      Effect.suspend(() => {
        progress.settled(stored)
        return persistently(progress.save)
      })

    const handle = (stored: StoredEvent, about: TriggerEvent.TriggerEvent<Event>, key: string | null) =>
      Effect.gen(function*() {
        const row = Attempt.rowOf(about, key)
        if (settings.ordered) yield* Effect.zipRight(held.check, Attempt.untilDone(settings.handler, about))
        else if (key !== null && hindered.has(key)) yield* settle(row)
        else {
          const begun = yield* Clock.currentTimeMillis
          const failure = yield* attempt(about)
          if (failure !== null) yield* Effect.flatMap(Attempt.after(row, settings.ladder, failure, begun), settle)
        }
        yield* passed(stored)
      })

    const handleRow = (row: Row) =>
      Effect.gen(function*() {
        const [stored] = yield* persistently(log.read({ after: row.sequence - 1, limit: 1, trigger }))
        const read = stored?.sequence === row.sequence ? Either.getRight(settings.read(stored)) : Option.none()
        if (Option.isNone(read)) {
          yield* Effect.annotateLogs(Effect.logWarning("an event that was to be handled again is not in the log"), {
            sequence: row.sequence
          })
          yield* settle({ state: "done", sequence: row.sequence, key: row.key })
        } else {
          const begun = yield* Clock.currentTimeMillis
          const failure = yield* attempt(read.value)
          yield* failure === null
            ? settle({ state: "done", sequence: row.sequence, key: row.key })
            : Effect.flatMap(Attempt.after(row, settings.ladder, failure, begun), settle)
        }
        rowsInHand.delete(row.sequence)
      })

    /** Hands on what is new; true when there may be more. */
    const page = Effect.gen(function*() {
      if (lanes.size() >= roomy || progress.ahead() >= maximumAhead) {
        isStarved = true
        return false
      }
      const end = yield* log.latest
      const events = yield* log.read({
        after: progress.position(),
        limit: pageSize,
        connections: settings.connections,
        trigger
      })
      const fresh = events.filter((stored) => !progress.isRead(stored)).map((stored) => {
        const about = Either.getOrUndefined(settings.read(stored))
        return { stored, about, key: about === undefined ? null : settings.keyOf(about) }
      })
      const standing = fresh.length === 0 ? { sequences: [], keys: [] } : yield* subscribers.standing({
        ...subscription,
        sequences: fresh.map(({ stored }) => stored.sequence),
        keys: fresh.flatMap(({ key }) => key === null ? [] : [key])
      })
      for (const key of standing.keys) hindered.add(key)
      const known = new Set(standing.sequences)
      for (const { about, key, stored } of fresh) {
        progress.begin(stored)
        if (about === undefined || known.has(stored.sequence)) progress.settled(stored)
        else lanes.submit(key, handle(stored, about, key))
      }
      const last = events.length === pageSize ? events.at(-1) : undefined
      progress.readUntil(last?.sequence ?? end)
      yield* progress.save
      return last !== undefined
    })

    /** Hands on rows that are due; answers for how long nothing more is, in milliseconds. */
    const rows = Effect.gen(function*() {
      const first = yield* subscribers.nextDue(subscription)
      if (first === null) return settings.pollMs
      const now = yield* Clock.currentTimeMillis
      if (first > now) return Math.min(first - now, settings.pollMs)
      // The answer can be older than an outcome that is written meanwhile.
      const inHand = new Set(rowsInHand)
      const limit = inHand.size + Math.max(roomy - lanes.size(), 0)
      const due = yield* subscribers.due({ ...subscription, now, limit })
      for (const row of due) {
        if (inHand.has(row.sequence)) continue
        rowsInHand.add(row.sequence)
        lanes.submit(row.key, handleRow(row))
      }
      if (due.length === limit) isStarved = true
      return settings.pollMs
    })

    yield* Effect.forkScoped(
      supervise("Triggers.changes", Stream.runForEach(log.changes, () => Queue.offer(wakes, undefined)))
    )
    const working = Effect.gen(function*() {
      while (true) {
        const idleMs = yield* Effect.catchTag(rows, "StoreUnavailable", (error) =>
          Effect.as(waiting(error), settings.pollMs))
        const isMore = yield* Effect.catchTag(page, "StoreUnavailable", (error) =>
          Effect.as(waiting(error), false))
        if (!isMore) {
          yield* Effect.timeoutOption(Queue.take(wakes), idleMs)
        }
      }
    })
    return yield* Effect.raceFirst(working, Effect.zipRight(lanes.watch, Effect.never))
  }).pipe(Effect.scoped)

const waiting = (error: StoreUnavailable) =>
  Effect.logWarning("a trigger's subscriber waits for the store", error.message)

const persistently = <A>(effect: Effect.Effect<A, StoreUnavailable>): Effect.Effect<A> =>
  effect.pipe(Effect.tapError(waiting), Effect.retry(Attempt.patience), Effect.orDie)

const pageSize = 100

/** A handler that takes long does not hold up the others, up to so many events. */
const maximumAhead = 1_000
