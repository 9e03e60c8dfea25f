/** Makes a call again as the retry policy of the caller's context says. */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import type { PostmarkError } from "../PostmarkError.ts"
import * as RetryPolicy from "../RetryPolicy.ts"
import { isNeverConnected } from "./neverConnected.ts"

export const retryingRead = <A, E extends PostmarkError>(call: Effect.Effect<A, E>): Effect.Effect<A, E> =>
  Effect.flatMap(RetryPolicy.RetryPolicy, (policy) =>
    Effect.retry(call, {
      schedule: paced(policy.reads, policy),
      while: (error) => error.retryable
    }))

/** A change of settings may not be made twice by us either: it is tried again only if Postmark did not look at it. */
export const retryingChange = <A, E extends PostmarkError>(call: Effect.Effect<A, E>): Effect.Effect<A, E> =>
  Effect.flatMap(RetryPolicy.RetryPolicy, (policy) =>
    Effect.retry(call, {
      schedule: paced(policy.reads, policy),
      while: isUntouched
    }))

const isUntouched = (error: PostmarkError): boolean => {
  if (error._tag === "RateLimited") return true
  if (error._tag !== "PostmarkUnavailable") return false
  return (error.status === 503 && error.errorCode === 100) ||
    (error.transportCode !== undefined && isNeverConnected(error.transportCode))
}

/** Only what is proven not to have been taken is sent again, whatever the policy says. */
export const retryingSend = <A, E extends PostmarkError>(call: Effect.Effect<A, E>): Effect.Effect<A, E> =>
  Effect.flatMap(RetryPolicy.RetryPolicy, (policy) =>
    Effect.retry(call, {
      schedule: paced(policy.sends, policy),
      while: (error) => error.disposition === "notSent" && error.retryable
    }))

const paced = (schedule: RetryPolicy.Policy["sends"], policy: RetryPolicy.Policy) =>
  Schedule.intersect(schedule, Schedule.identity<PostmarkError>()).pipe(
    Schedule.modifyDelay(([, error], pause) => {
      const asked = "retryAfter" in error ? error.retryAfter : undefined
      return asked === undefined ? pause : Duration.min(asked, policy.maximumRetryAfter)
    })
  )
