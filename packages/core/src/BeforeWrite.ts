/**
 * Lets a caller note that a request is about to be written. A program that dies before the note has certainly not sent; one
 * that dies after it may have.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import { dual } from "effect/Function"

/**
 * An effect that runs right before each request of a send or a change is written to Postmark, also before each retry. If it
 * dies, the request is not written and the call dies with it. Searches and other reads do not run it.
 *
 * @since 0.1.0
 * @category references
 */
export class BeforeWrite extends Context.Reference<BeforeWrite>()("@effect-postmark/core/BeforeWrite", {
  defaultValue: (): Effect.Effect<void> => Effect.void
}) {}

/**
 * Sets the effect for the sends and changes inside an effect.
 *
 * @since 0.1.0
 * @category combinators
 */
export const withBeforeWrite: {
  (before: Effect.Effect<void>): <A, E, R>(self: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
  <A, E, R>(self: Effect.Effect<A, E, R>, before: Effect.Effect<void>): Effect.Effect<A, E, R>
} = dual(
  2,
  <A, E, R>(self: Effect.Effect<A, E, R>, before: Effect.Effect<void>): Effect.Effect<A, E, R> =>
    Effect.provideService(self, BeforeWrite, before)
)
