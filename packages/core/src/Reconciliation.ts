/**
 * Searches Postmark's history for a message whose outcome is unknown, by the message's correlation. A search can only
 * prove that Postmark accepted the message. It cannot prove the opposite, because a message appears in the history
 * with a delay.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { dual } from "effect/Function"
import * as Schema from "effect/Schema"

/**
 * The result of the search for a message whose outcome is still unknown:
 *
 * - `notFound`: the message was not in the history yet; that proves nothing
 * - `searchFailed`: no search got a response
 * - `noCorrelation`: the message has no correlation to search for
 * - `noActivity`: the token is Postmark's test token, which has no history
 * - `off`: no search was made
 *
 * @since 0.1.0
 * @category models
 */
export const ReconciliationResult = Schema.Literal("notFound", "searchFailed", "noCorrelation", "noActivity", "off")
  .annotations({ identifier: "ReconciliationResult" })

/**
 * @since 0.1.0
 * @category models
 */
export type ReconciliationResult = typeof ReconciliationResult.Type

/**
 * How long to search. `pauses` are the waits before each search; an empty list turns the search off.
 *
 * `resendUnknownAfter` sends a message again, once, if its outcome is still unknown after that time and one more
 * search. Postmark may then deliver it twice, and the receipt or error says `possiblyDuplicate`. Without this option,
 * the default, no message with an unknown outcome is sent again.
 *
 * @since 0.1.0
 * @category models
 */
export interface Settings {
  readonly pauses: ReadonlyArray<Duration.DurationInput>
  readonly resendUnknownAfter?: Duration.DurationInput | undefined
}

/**
 * The settings of the sends: 4 searches within 10 seconds, after pauses of 1, 2, 3 and 4 seconds, and no second send.
 * They are read at each send.
 *
 * @since 0.1.0
 * @category references
 */
export class Reconciliation extends Context.Reference<Reconciliation>()("@effect-postmark/core/Reconciliation", {
  defaultValue: (): Settings => ({ pauses: ["1 second", "2 seconds", "3 seconds", "4 seconds"] })
}) {}

/**
 * Never searches and never sends again: reports an unknown outcome at once.
 *
 * @since 0.1.0
 * @category constructors
 */
export const none: Settings = { pauses: [] }

/**
 * Sets how the sends inside an effect resolve unknown outcomes.
 *
 * @since 0.1.0
 * @category combinators
 */
export const withReconciliation: {
  (settings: Settings): <A, E, R>(self: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
  <A, E, R>(self: Effect.Effect<A, E, R>, settings: Settings): Effect.Effect<A, E, R>
} = dual(
  2,
  <A, E, R>(self: Effect.Effect<A, E, R>, settings: Settings): Effect.Effect<A, E, R> =>
    Effect.provideService(self, Reconciliation, settings)
)
