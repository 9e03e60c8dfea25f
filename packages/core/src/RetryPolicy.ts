/**
 * When a call to Postmark is retried. A read is retried after any `retryable` error. A send or a change is retried
 * only when Postmark certainly did not accept it: no connection was made, or the response was 429, or 503 with error
 * code 100. A policy sets how often and how soon; it cannot make a retry unsafe.
 *
 * @since 0.1.0
 */
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { dual } from "effect/Function"
import * as Schedule from "effect/Schedule"
import type { PostmarkError } from "./PostmarkError.ts"

/**
 * How often and how soon a call is retried. The schedule decides whether there is another retry. A `Retry-After` from
 * Postmark replaces the schedule's pause.
 *
 * A call never waits longer than `maximumWait` because Postmark asked for it. A longer `Retry-After` ends the
 * retries, and a call whose turn (`Pacing`) would come later is not made. Both fail at once with `retryAfter` in the
 * error.
 *
 * @since 0.1.0
 * @category models
 */
export interface Policy {
  readonly reads: Schedule.Schedule<unknown, PostmarkError>
  readonly sends: Schedule.Schedule<unknown, PostmarkError>
  readonly maximumWait: Duration.DurationInput
}

/**
 * The policy of the calls: up to 3 retries, after about 0.5, 1 and 2 seconds (± 20 %), and waits of up to 5 seconds.
 * It is read at each call.
 *
 * @since 0.1.0
 * @category references
 */
export class RetryPolicy extends Context.Reference<RetryPolicy>()("@effect-postmark/core/RetryPolicy", {
  defaultValue: (): Policy => standard
}) {}

const backOff = Schedule.exponential("500 millis").pipe(Schedule.jittered, Schedule.intersect(Schedule.recurs(3)))

/**
 * The default policy.
 *
 * @since 0.1.0
 * @category constructors
 */
export const standard: Policy = { reads: backOff, sends: backOff, maximumWait: "5 seconds" }

/**
 * Makes every call once. A call still waits up to 5 seconds for its turn after a 429.
 *
 * @since 0.1.0
 * @category constructors
 */
export const none: Policy = { reads: Schedule.stop, sends: Schedule.stop, maximumWait: "5 seconds" }

/**
 * Sets the policy of the calls inside an effect.
 *
 * @since 0.1.0
 * @category combinators
 */
export const withRetryPolicy: {
  (policy: Policy): <A, E, R>(self: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
  <A, E, R>(self: Effect.Effect<A, E, R>, policy: Policy): Effect.Effect<A, E, R>
} = dual(
  2,
  <A, E, R>(self: Effect.Effect<A, E, R>, policy: Policy): Effect.Effect<A, E, R> =>
    Effect.provideService(self, RetryPolicy, policy)
)

/**
 * The time by which the calls of the context must end, in milliseconds since 1970; none by default. Set it with
 * {@link withTimeLimit}.
 *
 * @since 0.1.0
 * @category references
 */
export class Deadline extends Context.Reference<Deadline>()("@effect-postmark/core/RetryPolicy/Deadline", {
  defaultValue: (): { readonly at: number | undefined } => ({ at: undefined })
}) {}

/**
 * Limits the total time of the calls inside an effect: tries, pauses, waits for a turn, and searches after an unknown
 * outcome. If a pause would end after the limit, the call fails at once with its last error. A request in progress at
 * the limit ends as with `timeout`. An earlier limit around the effect still applies.
 *
 * @since 0.1.0
 * @category combinators
 */
export const withTimeLimit: {
  (limit: Duration.DurationInput): <A, E, R>(self: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
  <A, E, R>(self: Effect.Effect<A, E, R>, limit: Duration.DurationInput): Effect.Effect<A, E, R>
} = dual(
  2,
  <A, E, R>(self: Effect.Effect<A, E, R>, limit: Duration.DurationInput): Effect.Effect<A, E, R> =>
    Effect.flatMap(
      Effect.zip(Clock.currentTimeMillis, Deadline),
      ([now, outer]) =>
        Effect.provideService(self, Deadline, {
          at: Math.min(now + Duration.toMillis(limit), outer.at ?? Number.POSITIVE_INFINITY)
        })
    )
)
