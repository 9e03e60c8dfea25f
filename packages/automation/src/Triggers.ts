/**
 * Subscribers inside a program: a handler that gets every event of a trigger, at least once, also after a restart.
 *
 * @since 0.1.0
 */
import { CursorStore, type Service as Cursors } from "@effect-postmark/core/CursorStore"
import { EventLog } from "@effect-postmark/core/EventLog"
import { SubscriberStore } from "@effect-postmark/core/SubscriberStore"
import type * as Trigger from "@effect-postmark/core/Trigger"
import * as TriggerEvent from "@effect-postmark/core/TriggerEvent"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as EventKey from "./internal/subscriber/eventKey.ts"
import * as Lease from "./internal/subscriber/lease.ts"
import * as Session from "./internal/subscriber/session.ts"
import { supervise } from "./internal/supervise.ts"
import type * as RetryLadder from "./RetryLadder.ts"

/**
 * How a handler is subscribed.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options<Event = unknown> {
  /**
   * The name of the cursor, together with the trigger and each of `connections`: the same name goes on where it stopped.
   * Of several processes with the same name, one handles the events at a time.
   */
  readonly subscriber: string
  /**
   * Hands on events of these connections alone. A connection that is added later begins at its first event. Default: all
   * connections, with a cursor of their own.
   */
  readonly connections?: ReadonlyArray<string> | undefined
  /** How long an event that another process stored can stay unseen. Default: 1 second. */
  readonly pollInterval?: Duration.DurationInput | undefined
  /** How many events are handled at once. Default: 1. */
  readonly concurrency?: number | undefined
  /**
   * Events with the same key are handled in order: one that fails holds up the later ones of its key, and no others.
   * `recipient` is a recipient of one connection; an event without one, such as an inbound email, counts as its
   * connection. For null, a function's event has no order. Default: `recipient`.
   */
  readonly key?: "connection" | "recipient" | EventKey.KeyOf<Event> | undefined
  /**
   * The waits before each try, the first of which is not used. An event whose last try fails becomes a dead letter.
   * Default: `ladder`.
   */
  readonly ladder?: RetryLadder.RetryLadder | undefined
  /**
   * Hands events on one after another, in the order of the log. A failure is tried again until it succeeds, after 200 ms
   * at first and a minute at most, and all following events wait: `concurrency`, `key` and `ladder` do not apply, except
   * to rows that were left or replayed. Default: false.
   */
  readonly ordered?: boolean | undefined
  /** How long a process that was killed keeps its work from the others, at least a second. Default: 10 seconds. */
  readonly lease?: Duration.DurationInput | undefined
}

/**
 * Ten tries over an hour.
 *
 * @since 0.1.0
 * @category constants
 */
export const ladder: RetryLadder.RetryLadder = [
  "0 seconds",
  "1 second",
  "5 seconds",
  "15 seconds",
  "30 seconds",
  "1 minute",
  "3 minutes",
  "10 minutes",
  "20 minutes",
  "25 minutes"
]

/**
 * Another handler of this program has the same subscriber and trigger: it would only ever wait for the first.
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
 * Subscribes a handler to a trigger for the life of the layer. It gets each event at least once: the cursor moves when
 * the handler is done, so a crash in between repeats an event. When it fails, or is interrupted from inside, the cursor
 * moves on, and the event is tried again from a row of the `SubscriberStore`, up to the end of `ladder`. Then it is a
 * dead letter, which `Subscribers` lists and replays. Fails with `SubscriberTaken` when the program has this subscriber
 * for this trigger already.
 *
 * @since 0.1.0
 * @category layers
 */
export const on = <Id extends string, Event, EventJson, E, R>(
  trigger: Trigger.Trigger<Id, Event, EventJson>,
  options: Options<Event>,
  handler: (event: Event, about: TriggerEvent.TriggerEvent<Event>) => Effect.Effect<unknown, E, R>
): Layer.Layer<never, SubscriberTaken, EventLog | CursorStore | SubscriberStore | R> =>
  Layer.scopedDiscard(
    Effect.gen(function*() {
      const log = yield* EventLog
      const cursors = yield* CursorStore
      const subscribers = yield* SubscriberStore
      const subscription = { subscriber: options.subscriber, trigger: trigger.id }
      const isOrdered = options.ordered ?? false
      const settings: Session.Settings<Event, E, R> = {
        connections: options.connections,
        ordered: isOrdered,
        concurrency: isOrdered ? 1 : Math.max(options.concurrency ?? 1, 1),
        ladder: options.ladder ?? ladder,
        pollMs: Duration.toMillis(options.pollInterval ?? "1 second"),
        read: TriggerEvent.fromStored(trigger),
        keyOf: EventKey.make(options.key ?? "recipient"),
        handler
      }
      const leaseMs = Math.max(Math.round(Duration.toMillis(options.lease ?? "10 seconds")), 1_000)
      yield* claim(cursors, options.subscriber, trigger.id)
      yield* Lease.whileHeld(
        subscribers,
        subscription,
        leaseMs,
        (held) => Session.run({ log, cursors, subscribers }, subscription, settings, held)
      ).pipe((work) => supervise("Triggers", work), Effect.annotateLogs(subscription), Effect.forkScoped)
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
