/**
 * What a server must have to be ready, besides its store.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"

/**
 * One check. Anybody can read its failure's message at `/readyz`. If an optional check fails, the server is degraded, but
 * takes requests.
 *
 * @since 0.1.0
 * @category models
 */
export interface Check {
  readonly name: string
  readonly isOptional?: boolean
  readonly check: Effect.Effect<void, { readonly message: string }>
}

/**
 * The checks of `/readyz`, besides the store.
 *
 * @since 0.1.0
 * @category references
 */
export class Readiness extends Context.Reference<Readiness>()("@effect-postmark/http-server/Readiness", {
  defaultValue: (): ReadonlyArray<Check> => []
}) {}
