/**
 * Links a message in Postmark's history to the call that sent it. Postmark has no idempotency key, so a send adds two
 * metadata fields: one value for all messages of a call, and each message's index. Postmark searches one metadata
 * field at a time, so one search by the shared value finds all messages of a call.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import { dual } from "effect/Function"
import * as Schema from "effect/Schema"

/**
 * The correlation of a message. `metadata_<name>=<value>` finds the call, and `index` is the message's position in
 * the caller's list. It is `none` when correlation is off, when the message has fewer than two of its 10 metadata
 * fields free, or when it uses one of the two names itself.
 *
 * @since 0.1.0
 * @category models
 */
export const Correlation = Schema.Union(
  Schema.Literal("none"),
  Schema.Struct({ name: Schema.String, value: Schema.String, index: Schema.NonNegativeInt })
).annotations({ identifier: "Correlation" })

/**
 * @since 0.1.0
 * @category models
 */
export type Correlation = typeof Correlation.Type

/**
 * The names of the two metadata fields, at most 20 characters each, or `off`.
 *
 * @since 0.1.0
 * @category models
 */
export type Names = { readonly call: string; readonly index: string } | "off"

/**
 * The names that sends use: by default `ep_call` and `ep_index`. They are read at each send.
 *
 * @since 0.1.0
 * @category references
 */
export class CorrelationNames extends Context.Reference<CorrelationNames>()(
  "@effect-postmark/core/Correlation/CorrelationNames",
  { defaultValue: (): Names => ({ call: "ep_call", index: "ep_index" }) }
) {}

/**
 * Sets other field names for the sends inside an effect, or turns correlation `off` for them. With `off`, their
 * metadata is sent unchanged, and an unknown outcome stays unknown.
 *
 * @since 0.1.0
 * @category combinators
 */
export const withCorrelation: {
  (names: Names): <A, E, R>(self: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
  <A, E, R>(self: Effect.Effect<A, E, R>, names: Names): Effect.Effect<A, E, R>
} = dual(
  2,
  <A, E, R>(self: Effect.Effect<A, E, R>, names: Names): Effect.Effect<A, E, R> =>
    Effect.provideService(self, CorrelationNames, names)
)

/**
 * The value that the messages of one call share, if the caller chose it; a random one otherwise.
 *
 * @since 0.1.0
 * @category references
 */
export class CorrelationValue extends Context.Reference<CorrelationValue>()(
  "@effect-postmark/core/Correlation/CorrelationValue",
  { defaultValue: (): string | undefined => undefined }
) {}

/**
 * Sets the shared value of the one send inside an effect, so that a later run of the program can search for its messages.
 * At most 80 characters. Two calls with the same value cannot be told apart.
 *
 * @since 0.1.0
 * @category combinators
 */
export const withCorrelationValue: {
  (value: string): <A, E, R>(self: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
  <A, E, R>(self: Effect.Effect<A, E, R>, value: string): Effect.Effect<A, E, R>
} = dual(
  2,
  <A, E, R>(self: Effect.Effect<A, E, R>, value: string): Effect.Effect<A, E, R> =>
    Effect.provideService(self, CorrelationValue, value)
)
