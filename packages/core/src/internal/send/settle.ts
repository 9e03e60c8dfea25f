/** Sends messages and determines the outcome of each: retries where that is safe, and searches where it is not. */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Metric from "effect/Metric"
import * as Metrics from "../../Metrics.ts"
import type { OutcomeUnknown, SendError } from "../../PostmarkError.ts"
import * as Reconciliation from "../../Reconciliation.ts"
import type { SendOutcome } from "../../SendOutcome.ts"
import { retryingSend } from "../http/retrying.ts"
import { annotated, ofFailure } from "./messageOutcome.ts"
import { isOverBy, type Search, type Searched } from "./reconcile.ts"
import type { Outgoing } from "./stampedMessage.ts"

/** One call with these messages: an outcome for each, in their order. */
export type Post = (messages: ReadonlyArray<Outgoing>) => Effect.Effect<ReadonlyArray<SendOutcome>, SendError>

/** A message with what is known of it. */
interface Tracked {
  readonly message: Outgoing
  readonly outcome: SendOutcome
}

interface Doubtful extends Tracked {
  readonly outcome: Extract<SendOutcome, { readonly _tag: "Unknown" }>
}

/** The outcomes of the messages, in their order. Never fails: what failed is an outcome. */
export const settle = (
  messages: ReadonlyArray<Outgoing>,
  post: Post,
  search: Search
): Effect.Effect<ReadonlyArray<SendOutcome>> => Effect.tap(determine(messages, post, search), count)

const determine = (
  messages: ReadonlyArray<Outgoing>,
  post: Post,
  search: Search
): Effect.Effect<ReadonlyArray<SendOutcome>> =>
  Effect.gen(function*() {
    const settings = yield* Reconciliation.Reconciliation
    const startedAt = yield* Clock.currentTimeMillis
    const sent = yield* attempt(messages, post)
    if (!sent.some(isDoubtful)) return sent.map(({ outcome }) => outcome)
    const doubtSince = yield* Clock.currentTimeMillis
    const searched = yield* reconcile(sent, search(settings.pauses, startedAt))
    const { resendUnknownAfter } = settings
    if (resendUnknownAfter === undefined || !searched.some(isDoubtful)) return searched.map(({ outcome }) => outcome)
    const due = doubtSince + Duration.toMillis(resendUnknownAfter) - (yield* Clock.currentTimeMillis)
    if (yield* isOverBy(due)) return searched.map(({ outcome }) => outcome)
    yield* Effect.sleep(Math.max(due, 0))
    const looked = yield* reconcile(searched, search([0], startedAt))
    const resent = yield* sendAgain(looked, post)
    const final = yield* reconcile(resent, search(settings.pauses, startedAt))
    return final.map(({ outcome }) => outcome)
  })

const counters = {
  Accepted: Metric.tagged(Metrics.messages, "outcome", "accepted"),
  Rejected: Metric.tagged(Metrics.messages, "outcome", "rejected"),
  NotSent: Metric.tagged(Metrics.messages, "outcome", "notSent"),
  Unknown: Metric.tagged(Metrics.messages, "outcome", "unknown")
}

const count = (outcomes: ReadonlyArray<SendOutcome>): Effect.Effect<void> => {
  const [first] = outcomes
  if (first !== undefined && outcomes.length === 1) return Metric.increment(counters[first._tag])
  return Effect.forEach(
    Object.keys(counters),
    (tag) => {
      const own = outcomes.filter(({ _tag }) => _tag === tag)
      const [one] = own
      return one === undefined ? Effect.void : Metric.incrementBy(counters[one._tag], own.length)
    },
    { discard: true }
  )
}

const attempt = (messages: ReadonlyArray<Outgoing>, post: Post): Effect.Effect<ReadonlyArray<Tracked>> =>
  retryingSend(post(messages)).pipe(
    Effect.map((outcomes) => zip(messages, outcomes)),
    Effect.catchAll((error) =>
      Effect.succeed(messages.map((message) => ({ message, outcome: ofFailure(error, message) })))
    )
  )

const zip = (messages: ReadonlyArray<Outgoing>, outcomes: ReadonlyArray<SendOutcome>): ReadonlyArray<Tracked> =>
  messages.flatMap((message, place) => {
    const outcome = outcomes[place]
    return outcome === undefined ? [] : [{ message, outcome }]
  })

const isDoubtful = (tracked: Tracked): tracked is Doubtful => tracked.outcome._tag === "Unknown"

/** Turns what the search finds into acceptances, and says of the rest what the search came to. */
const reconcile = (
  tracked: ReadonlyArray<Tracked>,
  search: (messages: ReadonlyArray<Outgoing>) => Effect.Effect<Searched>
): Effect.Effect<ReadonlyArray<Tracked>> => {
  const doubtful = tracked.filter(isDoubtful)
  if (doubtful.length === 0) return Effect.succeed(tracked)
  return Effect.map(
    search(doubtful.map(({ message }) => message)),
    ({ found, resultOf }) =>
      tracked.map((one): Tracked => {
        if (!isDoubtful(one)) return one
        const { message, outcome: { error } } = one
        const receipt = found.get(message)
        return {
          message,
          outcome: receipt === undefined
            ? { _tag: "Unknown", error: annotated(error, { reconciliation: resultOf(message) }) }
            : { _tag: "Accepted", receipt: error.possiblyDuplicate ? { ...receipt, possiblyDuplicate: true } : receipt }
        }
      })
  )
}

/** The caller's choice: one more send of what is still unknown. Its outcome stands beside the doubt about the first. */
const sendAgain = (tracked: ReadonlyArray<Tracked>, post: Post): Effect.Effect<ReadonlyArray<Tracked>> =>
  Effect.gen(function*() {
    const doubtful = tracked.filter(isDoubtful)
    if (doubtful.length === 0) return tracked
    const again = new Map(
      (yield* attempt(doubtful.map(({ message }) => message), post)).map(({ message, outcome }) => [message, outcome])
    )
    return tracked.map((one) =>
      isDoubtful(one) ? { message: one.message, outcome: combined(one.outcome.error, again.get(one.message)) } : one
    )
  })

/** If Postmark did not accept the second send, the doubt about the first one remains. */
const combined = (first: OutcomeUnknown, second: SendOutcome | undefined): SendOutcome => {
  switch (second?._tag) {
    case "Accepted":
      return { _tag: "Accepted", receipt: { ...second.receipt, possiblyDuplicate: true } }
    case "Unknown":
      return { _tag: "Unknown", error: annotated(second.error, { possiblyDuplicate: true }) }
    default:
      return { _tag: "Unknown", error: first }
  }
}
