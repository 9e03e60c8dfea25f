/**
 * When a delivery is tried again.
 *
 * @since 0.1.0
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"

/**
 * The waits before each attempt, the first one included. A delivery that fails after the last wait is given up.
 *
 * @since 0.1.0
 * @category models
 */
export type RetryLadder = ReadonlyArray<Duration.DurationInput>

/**
 * The waits that Standard Webhooks recommends: ten attempts over three days and three and a half hours.
 * Source: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 *
 * @since 0.1.0
 * @category constants
 */
export const standard: RetryLadder = [
  "0 seconds",
  "5 seconds",
  "5 minutes",
  "30 minutes",
  "2 hours",
  "5 hours",
  "10 hours",
  "14 hours",
  "20 hours",
  "24 hours"
]

/**
 * Milliseconds until the next attempt after `attempts` that failed, with 20 % of jitter to either side; undefined when
 * there is none. A receiver's `Retry-After` can make the wait longer, up to twice the ladder's or one hour, whichever is
 * more.
 *
 * @since 0.1.0
 * @category constructors
 */
export const wait = (
  ladder: RetryLadder,
  attempts: number,
  retryAfterMs: number | undefined
): Effect.Effect<number | undefined> => {
  const step = ladder[attempts]
  if (step === undefined) return Effect.succeed(undefined)
  const base = Duration.toMillis(step)
  const asked = Math.min(retryAfterMs ?? 0, Math.max(2 * base, anHour))
  return Effect.map(Random.next, (random) => Math.round(Math.max(base * (0.8 + 0.4 * random), asked)))
}

const anHour = 3_600_000
