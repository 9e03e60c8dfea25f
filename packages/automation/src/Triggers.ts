/**
 * Subscribers inside a program: a handler that gets every event of a trigger, at least once, also after a restart.
 *
 * @since 0.1.0
 */
import { CursorStore } from "@effect-postmark/core/CursorStore"
import { EventLog } from "@effect-postmark/core/EventLog"
import type * as Trigger from "@effect-postmark/core/Trigger"
import * as TriggerEvent from "@effect-postmark/core/TriggerEvent"
import * as Cause from "effect/Cause"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"

/**
 * How a handler is subscribed. The cursor is kept under `subscriber`: the same name goes on where it stopped, another
 * name begins at the first event of the log. `connections` narrows the events; `pollInterval` (one second by default)
 * bounds how long an event that another process stored can stay unseen.
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
 * Subscribes a handler to a trigger for the life of the layer. Events come one after another, in the order of the log,
 * each at least once: the cursor moves when the handler is done, so a crash in between repeats an event. A handler that
 * fails is called again with the same event, after 200 ms at first and a minute at most; the following events wait.
 *
 * @since 0.1.0
 * @category layers
 */
export const on = <Id extends string, Event, EventJson, E, R>(
  trigger: Trigger.Trigger<Id, Event, EventJson>,
  options: Options,
  handler: (event: Event, about: TriggerEvent.TriggerEvent<Event>) => Effect.Effect<unknown, E, R>
): Layer.Layer<never, never, EventLog | CursorStore | R> =>
  Layer.scopedDiscard(
    Effect.gen(function*() {
      const log = yield* EventLog
      const cursors = yield* CursorStore
      const typed = TriggerEvent.fromStored(trigger)
      const { connections, subscriber } = options

      const deliver = (about: TriggerEvent.TriggerEvent<Event>) =>
        Effect.suspend(() => handler(about.event, about)).pipe(
          Effect.tapErrorCause((cause) =>
            Cause.isInterruptedOnly(cause)
              ? Effect.void
              : Effect.annotateLogs(Effect.logWarning("a trigger's handler failed and is called again"), {
                subscriber,
                sequence: about.sequence,
                failure: failureName(cause)
              })
          ),
          Effect.sandbox,
          Effect.retry({ schedule: patience, while: (cause) => !Cause.isInterrupted(cause) }),
          Effect.unsandbox,
          Effect.orDie
        )

      /** Hands on what is there; true when there may be more. */
      const page = Effect.gen(function*() {
        const after = yield* cursors.get(subscriber)
        const events = yield* log.read({ after, limit: pageSize, connections, trigger: trigger.id })
        for (const stored of events) {
          const event = typed(stored)
          if (Either.isRight(event)) yield* deliver(event.right)
          yield* cursors.advance(subscriber, stored.sequence)
        }
        return events.length === pageSize
      })

      const drain = Effect.repeat(page, { while: (more) => more }).pipe(
        Effect.catchTag("StoreUnavailable", (error) =>
          Effect.annotateLogs(Effect.logWarning("a trigger's subscriber waits for the store", error.message), {
            subscriber
          }))
      )

      yield* Effect.forkScoped(
        Stream.merge(log.changes, Stream.tick(options.pollInterval ?? "1 second")).pipe(
          Stream.runForEach(() =>
            drain
          )
        )
      )
    })
  )

const pageSize = 100

const patience = Schedule.exponential("200 millis").pipe(
  Schedule.modifyDelay((_, delay) => Duration.min(delay, "1 minute"))
)

/** The failure's tag or class: its message may hold what must not be logged. */
const failureName = (cause: Cause.Cause<unknown>): string => {
  const failure = Cause.squash(cause)
  if (typeof failure !== "object" || failure === null) return typeof failure
  return "_tag" in failure && typeof failure._tag === "string" ? failure._tag : failure.constructor.name
}
