/** What the standalone server checks at `/readyz` besides its store. */
import * as RelayMetrics from "@effect-postmark/automation/RelayMetrics"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Metric from "effect/Metric"
import type { Check } from "../Readiness.ts"

export const checks = (
  options: {
    readonly storage: Effect.Effect<{ readonly tables: number; readonly expected: number }, unknown>
    readonly relayPoll: Duration.DurationInput | undefined
  }
): Effect.Effect<ReadonlyArray<Check>> =>
  Effect.gen(function*() {
    const startedAt = yield* Clock.currentTimeMillis
    // A few rounds, with room for a slow store.
    const patienceMs = Math.max(60_000, 3 * Duration.toMillis(options.relayPoll ?? 0))
    const migrations: Check = {
      name: "migrations",
      check: Effect.matchEffect(options.storage, {
        onFailure: () => Effect.fail({ message: "the store is unavailable" }),
        onSuccess: ({ expected, tables }) =>
          tables >= expected ? Effect.void : Effect.fail({
            message:
              `the database has migration ${tables} of ${expected}: restart the server, or run its migrate command`
          })
      })
    }
    // Without the relay the server still stores what Postmark sends.
    const relay: Check = {
      name: "relay",
      isOptional: true,
      check: Effect.gen(function*() {
        const { value } = yield* Metric.value(RelayMetrics.lastRound)
        const silentMs = (yield* Clock.currentTimeMillis) - Math.max(value * 1_000, startedAt)
        if (silentMs > patienceMs) {
          return yield* Effect.fail({
            message: `the relay has not looked for due events for ${Math.round(silentMs / 1_000)} seconds`
          })
        }
      })
    }
    return [migrations, relay]
  })
