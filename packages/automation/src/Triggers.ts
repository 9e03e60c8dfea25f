/**
 * Subscribers inside a program: a handler that gets every event of a trigger, at least once, also after a restart.
 *
 * @since 0.1.0
 */
import { CursorStore, type Service as Cursors } from "@effect-postmark/core/CursorStore"
import { EventLog } from "@effect-postmark/core/EventLog"
import * as Metrics from "@effect-postmark/core/Metrics"
import type { StoreUnavailable } from "@effect-postmark/core/StoreUnavailable"
import type * as Trigger from "@effect-postmark/core/Trigger"
import * as TriggerEvent from "@effect-postmark/core/TriggerEvent"
import * as Cause from "effect/Cause"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Metric from "effect/Metric"
import * as Option from "effect/Option"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { failureName } from "./internal/failureName.ts"
import * as Progress from "./internal/progress.ts"

/**
 * How a handler is subscribed. The cursor is kept under `subscriber`, the trigger and each of `connections`: the same name
 * goes on where it stopped, and a connection that is added later begins at its first event. Without `connections` the
 * handler gets the events of all of them, with a cursor of its own. `pollInterval` (one second by default) bounds how long
 * an event that another process stored can stay unseen.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options {
  readonly subscriber: string
  readonly connections?: ReadonlyArray<string> | undefined
  readonly pollInterval?: Duration.DurationInput | undefined
}

/**
 * Another handler of this program has the same subscriber and trigger, and both would move one cursor.
 *
 * @since 0.1.0
 * @category errors
 */
export class SubscriberTaken
  extends Schema.TaggedError<SubscriberTaken>("@effect-postmark/automation/Triggers/SubscriberTaken")(
    "SubscriberTaken",
    { subscriber: Schema.String, trigger: Schema.String }
  )
{
  override get message(): string {
    return `the subscriber "${this.subscriber}" already handles ${this.trigger} in this program: use another name`
  }
}

/**
 * Subscribes a handler to a trigger for the life of the layer. Events come one after another, in the order of the log,
 * each at least once: the cursor moves when the handler is done, so a crash in between repeats an event. A handler that
 * fails, or is interrupted from inside, is called again with the same event, after 200 ms at first and a minute at most;
 * the following events wait. Fails with `SubscriberTaken` when the program has this subscriber for this trigger already.
 *
 * @since 0.1.0
 * @category layers
 */
export const on = <Id extends string, Event, EventJson, E, R>(
  trigger: Trigger.Trigger<Id, Event, EventJson>,
  options: Options,
  handler: (event: Event, about: TriggerEvent.TriggerEvent<Event>) => Effect.Effect<unknown, E, R>
): Layer.Layer<never, SubscriberTaken, EventLog | CursorStore | R> =>
  Layer.scopedDiscard(
    Effect.gen(function*() {
      const log = yield* EventLog
      const cursors = yield* CursorStore
      const { connections, subscriber } = options
      yield* claim(cursors, subscriber, trigger.id)
      const typed = TriggerEvent.fromStored(trigger)
      const tags = { subscriber, trigger: trigger.id }

      // An interruption of this fiber unwinds past the retry; one that arrives here came out of the handler.
      const deliver = (about: TriggerEvent.TriggerEvent<Event>) =>
        Effect.suspend(() => handler(about.event, about)).pipe(
          Effect.sandbox,
          Effect.tapError((cause) =>
            Effect.zipRight(
              Metric.increment(Metric.tagged(Metrics.handlerFailures, "trigger", trigger.id)),
              Effect.annotateLogs(Effect.logWarning("a trigger's handler failed and is called again"), {
                ...tags,
                sequence: about.sequence,
                failure: failureName(cause)
              })
            )
          ),
          Effect.retry(patience),
          Effect.unsandbox,
          Effect.orDie
        )

      const waiting = (error: StoreUnavailable) =>
        Effect.annotateLogs(Effect.logWarning("a trigger's subscriber waits for the store", error.message), tags)

      const follow: Effect.Effect<never, StoreUnavailable, R> = Effect.gen(function*() {
        const progress = yield* Progress.make(cursors, subscriber, trigger.id, connections)
        /** Hands on what is there; true when there may be more. */
        const page = Effect.gen(function*() {
          const end = yield* log.latest
          const events = yield* log.read({
            after: progress.position(),
            limit: pageSize,
            connections,
            trigger: trigger.id
          })
          for (const stored of events) {
            if (progress.isDone(stored)) continue
            const event = typed(stored)
            if (Either.isRight(event)) yield* deliver(event.right)
            yield* progress.done(stored)
          }
          if (events.length === pageSize) return true
          yield* progress.doneUntil(end)
          return false
        })
        const drain = Effect.repeat(page, { while: (more) => more }).pipe(
          Effect.catchTag("StoreUnavailable", (error) => waiting(error))
        )
        yield* Stream.runForEach(
          Stream.merge(log.changes, Stream.tick(options.pollInterval ?? "1 second")),
          () => drain
        )
        return yield* Effect.never
      })

      yield* follow.pipe(
        Effect.sandbox,
        Effect.tapError((cause) =>
          Option.match(Cause.failureOption(cause), {
            onSome: waiting,
            onNone: () =>
              Effect.zipRight(
                Metric.increment(Metric.tagged(Metrics.restarts, "fiber", "Triggers")),
                Effect.logError("a trigger's subscriber ended and is started again", { failure: failureName(cause) })
              )
          }).pipe(Effect.annotateLogs(tags))
        ),
        Effect.retry(Schedule.resetAfter(patience, "5 minutes")),
        Effect.forkScoped
      )
    })
  )

/** Cursor stores stand for programs here: a test, or a host, can run several beside each other. */
const claimed = new WeakMap<Cursors, Set<string>>()

const claim = (cursors: Cursors, subscriber: string, trigger: string) =>
  Effect.acquireRelease(
    Effect.suspend(() => {
      const taken = claimed.get(cursors) ?? new Set()
      claimed.set(cursors, taken)
      const key = JSON.stringify([subscriber, trigger])
      if (taken.has(key)) return Effect.fail(new SubscriberTaken({ subscriber, trigger }))
      taken.add(key)
      return Effect.succeed({ key, taken })
    }),
    ({ key, taken }) => Effect.sync(() => taken.delete(key))
  )

const pageSize = 100

const patience = Schedule.exponential("200 millis").pipe(
  Schedule.modifyDelay((_, delay) => Duration.min(delay, "1 minute"))
)
