/** One call of a handler, and what follows from its failure. */
import * as Metrics from "@effect-postmark/core/Metrics"
import type { Settlement } from "@effect-postmark/core/SubscriberStore"
import type * as TriggerEvent from "@effect-postmark/core/TriggerEvent"
import type * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Metric from "effect/Metric"
import * as Schedule from "effect/Schedule"
import * as RetryLadder from "../../RetryLadder.ts"
import { failureName } from "../failureName.ts"

type Handler<Event, E, R> = (
  event: Event,
  about: TriggerEvent.TriggerEvent<Event>
) => Effect.Effect<unknown, E, R>

/** A row that is written: all of it but the subscription. */
export type OpenRow = Exclude<Settlement, { readonly state: "done" }>

/** Soon at first, and then once a minute. */
export const patience = Schedule.exponential("200 millis").pipe(
  Schedule.modifyDelay((_, delay) => Duration.min(delay, "1 minute"))
)

// An interruption of this fiber unwinds past `sandbox`; one that arrives there came out of the handler.
const called = <Event, E, R>(handler: Handler<Event, E, R>, about: TriggerEvent.TriggerEvent<Event>) =>
  Effect.suspend(() => handler(about.event, about)).pipe(
    Effect.sandbox,
    Effect.tapError((cause: Cause.Cause<E>) =>
      Effect.zipRight(
        Metric.increment(Metric.tagged(Metrics.handlerFailures, "trigger", about.trigger)),
        Effect.annotateLogs(Effect.logWarning("a trigger's handler failed"), {
          sequence: about.sequence,
          failure: failureName(cause)
        })
      )
    )
  )

/** The name of the failure; null when there was none. */
export const once = <Event, E, R>(
  handler: Handler<Event, E, R>,
  about: TriggerEvent.TriggerEvent<Event>
): Effect.Effect<string | null, never, R> =>
  Effect.match(called(handler, about), { onFailure: failureName, onSuccess: () => null })

export const untilDone = <Event, E, R>(
  handler: Handler<Event, E, R>,
  about: TriggerEvent.TriggerEvent<Event>
): Effect.Effect<void, never, R> =>
  called(handler, about).pipe(Effect.retry(patience), Effect.unsandbox, Effect.orDie, Effect.asVoid)

/** The row of an event that was not tried. */
export const rowOf = (about: TriggerEvent.TriggerEvent<unknown>, key: string | null): OpenRow => ({
  state: "pending",
  sequence: about.sequence,
  connectionId: about.connectionId,
  key,
  receivedAt: about.receivedAt,
  attempts: 0,
  dueAt: 0,
  failure: null,
  firstTriedAt: null,
  lastTriedAt: null,
  settledAt: null
})

/** The row after one more failure. `begun` is when that try began. */
export const after = (
  row: Omit<OpenRow, "state">,
  ladder: RetryLadder.RetryLadder,
  failure: string,
  begun: number
): Effect.Effect<OpenRow> =>
  Effect.gen(function*() {
    const at = yield* Clock.currentTimeMillis
    const attempts = row.attempts + 1
    const wait = yield* RetryLadder.wait(ladder, attempts, undefined)
    const tried = {
      sequence: row.sequence,
      connectionId: row.connectionId,
      key: row.key,
      receivedAt: row.receivedAt,
      attempts,
      failure,
      firstTriedAt: row.firstTriedAt ?? begun,
      lastTriedAt: begun
    }
    return wait === undefined
      ? { ...tried, state: "dead", dueAt: row.dueAt, settledAt: at }
      : { ...tried, state: "pending", dueAt: at + wait, settledAt: null }
  })

/** Says that an event became a dead letter. */
export const gaveUp = ({ attempts, connectionId, failure, sequence }: OpenRow, trigger: string): Effect.Effect<void> =>
  Effect.zipRight(
    Metric.increment(Metric.tagged(Metrics.deadLetters, "trigger", trigger)),
    Effect.annotateLogs(Effect.logError("a trigger's handler failed for the last time: the event is a dead letter"), {
      sequence,
      connectionId,
      attempts,
      failure
    })
  )
