/**
 * What is done when it is unknown whether Postmark took a message: the history is searched for the message's
 * correlation. A search can only prove that a message was taken. It can never prove the opposite, because a message is
 * found only some time after it was taken.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { dual } from "effect/Function"
import * as Schema from "effect/Schema"

/**
 * What the search came to for a message whose outcome is still unknown.
 *
 * - `notFound`: it searched, and the message was not there yet; that proves nothing
 * - `searchFailed`: no search got an answer
 * - `noCorrelation`: the message carries nothing to search for
 * - `noActivity`: the token is Postmark's test token, which keeps no history
 * - `off`: nobody searched
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
 * How long to search. `pauses` are the waits before each search, one search for each; none at all turns it off.
 *
 * With `resendUnknownAfter`, a message that is still unknown so long after the doubt arose is searched for once more and
 * then sent again, once. Postmark may then mail it twice, and its receipt or its error says `possiblyDuplicate`. Without
 * it, which is the default, nothing unknown is ever sent again.
 *
 * @since 0.1.0
 * @category models
 */
export interface Settings {
  readonly pauses: ReadonlyArray<Duration.DurationInput>
  readonly resendUnknownAfter?: Duration.DurationInput | undefined
}

/**
 * The settings of the sends: four searches within 10 seconds, after 1, 2, 3 and 4 seconds more, and no second send. Read
 * when a send is made.
 *
 * @since 0.1.0
 * @category references
 */
export class Reconciliation extends Context.Reference<Reconciliation>()("@effect-postmark/core/Reconciliation", {
  defaultValue: (): Settings => ({ pauses: ["1 second", "2 seconds", "3 seconds", "4 seconds"] })
}) {}

/**
 * Never searches and never sends again: an unknown outcome is reported at once.
 *
 * @since 0.1.0
 * @category constructors
 */
export const none: Settings = { pauses: [] }

/**
 * Sets how unknown outcomes are settled for the sends inside an effect.
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
