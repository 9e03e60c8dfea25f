/**
 * When a call to Postmark is made again. A read is made again after any error that is `retryable`. A send, or a change of
 * settings, is made again only when it is proven that Postmark did not take it: no connection was made, or the answer
 * was 429, or 503 with code 100. No policy can make an unsafe retry; it only says how often and how soon.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { dual } from "effect/Function"
import * as Schedule from "effect/Schedule"
import type { PostmarkError } from "./PostmarkError.ts"

/**
 * How often and how soon. A `Retry-After` of Postmark's takes the place of the schedule's pause, up to
 * `maximumRetryAfter`; whether there is a next try is the schedule's decision all the same.
 *
 * @since 0.1.0
 * @category models
 */
export interface Policy {
  readonly reads: Schedule.Schedule<unknown, PostmarkError>
  readonly sends: Schedule.Schedule<unknown, PostmarkError>
  readonly maximumRetryAfter: Duration.DurationInput
}

/**
 * The policy of the calls: up to three more tries, after about 0.5, 1 and 2 seconds (each 20 % more or less), and a
 * `Retry-After` up to one minute. Read when a call is made.
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
export const standard: Policy = { reads: backOff, sends: backOff, maximumRetryAfter: "1 minute" }

/**
 * Every call is made once.
 *
 * @since 0.1.0
 * @category constructors
 */
export const none: Policy = { reads: Schedule.stop, sends: Schedule.stop, maximumRetryAfter: 0 }

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
