/**
 * Provides the caller of a request to its handler.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import { Authorization, Caller } from "../api/Authorization.ts"

/**
 * Reads the caller that the edge authenticated before the request reached the router.
 *
 * @since 0.1.0
 * @category accessors
 */
export const caller = Effect.flatMap(
  Effect.serviceOption(Caller),
  Option.match({
    onNone: () => Effect.dieMessage("a route without access annotation needs a caller"),
    onSome: Effect.succeed
  })
)

/**
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<Authorization> = Layer.succeed(Authorization, { apiKey: () => caller })
