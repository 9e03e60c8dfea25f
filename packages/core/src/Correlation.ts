/**
 * What ties a message in Postmark's history to the call that sent it. Postmark has no idempotency key, so a send carries
 * two metadata fields: one value that all messages of a call share, and each message's own index. Postmark searches one
 * metadata field at a time, so one search by the shared value settles a whole call.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import { dual } from "effect/Function"
import * as Schema from "effect/Schema"

/**
 * What a message carries: `metadata_<name>=<value>` finds the call, and `index` is the message's place in what the
 * caller gave. `none` if nothing was stamped: correlation is off, the message leaves fewer than two of its 10 metadata
 * fields free, or it uses one of the two names itself.
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
 * The names that sends use: `ep_call` and `ep_index` unless provided otherwise. Read when a send is made.
 *
 * @since 0.1.0
 * @category references
 */
export class CorrelationNames extends Context.Reference<CorrelationNames>()(
  "@effect-postmark/core/Correlation/CorrelationNames",
  { defaultValue: (): Names => ({ call: "ep_call", index: "ep_index" }) }
) {}

/**
 * Names the fields differently for the sends inside an effect, or turns correlation `off` for them: their metadata then
 * goes out as it is, and an unknown outcome stays unknown.
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
