/** The time of Effect's clock, as RFC 3339 text in UTC. */
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"

export const now: Effect.Effect<string> = Effect.map(DateTime.now, DateTime.formatIso)
