/**
 * How the ports that store personal data let it be rewritten: a few rows at a time, from a position that the caller keeps.
 *
 * @since 0.1.0
 */
import type * as Effect from "effect/Effect"
import type { StoreUnavailable } from "./StoreUnavailable.ts"

/**
 * Which rows to look at: those after the position `after`, at most `limit`, of one connection if one is named. `rewrite`
 * gets each stored text and returns what to store in its place. It must keep valid JSON valid, and be harmless to repeat.
 *
 * @since 0.1.0
 * @category models
 */
export interface Step {
  readonly after: number
  readonly limit: number
  readonly connectionId?: string | undefined
  readonly rewrite: (text: string) => string
}

/**
 * `changed` counts rows. `next` is the position of the last row that was looked at; null when no rows are left.
 *
 * @since 0.1.0
 * @category models
 */
export interface Stepped {
  readonly changed: number
  readonly next: number | null
}

/**
 * Rewrites the texts of a few rows in one transaction. A row that changed in between is left for a repetition.
 *
 * @since 0.1.0
 * @category models
 */
export type Rewrite = (step: Step) => Effect.Effect<Stepped, StoreUnavailable>
