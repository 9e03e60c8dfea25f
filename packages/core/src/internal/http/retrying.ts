/** Retries a call by the retry policy of the caller's context. */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import * as ScheduleDecision from "effect/ScheduleDecision"
import * as ScheduleIntervals from "effect/ScheduleIntervals"
import type { PostmarkError } from "../../PostmarkError.ts"
import * as RetryPolicy from "../../RetryPolicy.ts"
import { isNeverConnected } from "./neverConnected.ts"

export const retryingRead = <A, E extends PostmarkError>(call: Effect.Effect<A, E>): Effect.Effect<A, E> =>
  retrying(call, (policy) => policy.reads, (error) => error.retryable)

/** A change of settings may not be made twice by us either: it is tried again only if Postmark did not look at it. */
export const retryingChange = <A, E extends PostmarkError>(call: Effect.Effect<A, E>): Effect.Effect<A, E> =>
  retrying(call, (policy) => policy.reads, isUntouched)

const isUntouched = (error: PostmarkError): boolean => {
  if (error._tag === "RateLimited") return true
  if (error._tag !== "PostmarkUnavailable") return false
  return (error.status === 503 && error.errorCode === 100) ||
    (error.transportCode !== undefined && isNeverConnected(error.transportCode))
}

/** Retries a send only if Postmark certainly did not accept it, whatever the policy says. */
export const retryingSend = <A, E extends PostmarkError>(call: Effect.Effect<A, E>): Effect.Effect<A, E> =>
  retrying(call, (policy) => policy.sends, (error) => error.disposition === "notSent" && error.retryable)

/** The schedule is made for a failure that may be tried again, and so hardly ever: it costs more than a call's checks. */
const retrying = <A, E extends PostmarkError>(
  call: Effect.Effect<A, E>,
  scheduleOf: (policy: RetryPolicy.Policy) => RetryPolicy.Policy["sends"],
  again: (error: E) => boolean
): Effect.Effect<A, E> =>
  Effect.catchAll(call, (error) => {
    if (!again(error)) return Effect.fail(error)
    let isFirst = true
    const next = Effect.suspend(() => {
      if (!isFirst) return call
      isFirst = false
      return Effect.fail(error)
    })
    return Effect.flatMap(Effect.zip(RetryPolicy.RetryPolicy, RetryPolicy.Deadline), ([policy, { at }]) => {
      const isWorthIt = (error: E) => again(error) && (askedFor(error) ?? 0) <= Duration.toMillis(policy.maximumWait)
      return isWorthIt(error)
        ? Effect.retry(next, { schedule: endingBy(paced(scheduleOf(policy)), at), while: isWorthIt })
        : Effect.fail(error)
    })
  })

const askedFor = (error: PostmarkError): number | undefined => "retryAfter" in error ? error.retryAfter : undefined

const paced = (schedule: RetryPolicy.Policy["sends"]) =>
  Schedule.intersect(schedule, Schedule.identity<PostmarkError>()).pipe(
    Schedule.modifyDelay(([, error], pause) => askedFor(error) ?? pause)
  )

/** Begins no pause that would end after the deadline. */
const endingBy = <Out>(
  schedule: Schedule.Schedule<Out, PostmarkError>,
  deadline: number | undefined
): Schedule.Schedule<Out, PostmarkError> =>
  deadline === undefined ?
    schedule :
    Schedule.makeWithState(schedule.initial, (now, error, state) =>
      Effect.map(schedule.step(now, error, state), ([next, out, decision]) =>
        ScheduleDecision.isContinue(decision) && ScheduleIntervals.start(decision.intervals) >= deadline
          ? [next, out, ScheduleDecision.done]
          : [next, out, decision]))
