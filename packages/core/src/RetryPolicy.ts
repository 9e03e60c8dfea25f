/**
 * When a call to Postmark is made again. A read is made again after any error that is `retryable`. A send, or a change of
 * settings, is made again only when it is proven that Postmark did not take it: no connection was made, or the answer
 * was 429, or 503 with code 100. No policy can make an unsafe retry; it only says how often and how soon.
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
 * How often and how soon. A `Retry-After` from Postmark replaces the schedule's pause; the schedule still decides whether
 * there is a next try.
 *
 * A call never waits longer than `maximumWait` because Postmark asked for it. A longer `Retry-After` ends the retries at
 * once, and a call that would wait longer for its turn (`Pacing`) is not made: both fail with `retryAfter` in the error.
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
 * The policy of the calls: up to three more tries, after about 0.5, 1 and 2 seconds (each 20 % more or less), and
 * waits of up to 5 seconds. Read when a call is made.
 *
 * @since 0.1.0
 * @category references
 */
export class RetryPolicy extends Context.Reference<RetryPolicy>()("@effect-postmark/core/RetryPolicy", {
  defaultValue: (): Policy => standard
}) {}

const backOff = Schedule.exponential("500 millis").pipe(Schedule.jittered, Schedule.intersect(Schedule.recurs(3)))

/**
 * The policy that holds unless another is provided.
 *
 * @since 0.1.0
 * @category constructors
 */
export const standard: Policy = { reads: backOff, sends: backOff, maximumWait: "5 seconds" }

/**
 * Every call is made once. It still waits up to 5 seconds for its turn after a 429.
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
 * The time, in milliseconds since 1970, by which the calls of the context must have ended; none by default. Set with
 * {@link withTimeLimit}.
 *
 * @since 0.1.0
 * @category references
 */
export class Deadline extends Context.Reference<Deadline>()("@effect-postmark/core/RetryPolicy/Deadline", {
  defaultValue: (): { readonly at: number | undefined } => ({ at: undefined })
}) {}

/**
 * Limits the whole time of the calls inside an effect: tries, retries, waits for a turn, and searches after an unknown
 * outcome. A pause that would end after the limit is not begun: the call fails at once with what is known by then. A
 * request under way at the limit ends as with `timeout`. An earlier limit around the effect stays in force.
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
