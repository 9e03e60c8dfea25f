/**
 * Retry ladders: when Postmark retries a webhook, by three versions of its documentation
 * (docs/postmark.md#webhook-retries).
 *
 * @since 0.1.0
 */

/**
 * The name of a retry ladder. `2026-9` is the newest; most articles describe `legacy`.
 *
 * @since 0.1.0
 * @category models
 */
export type RetryLadder = "2026-9" | "2026-6" | "legacy"

/**
 * The names of all retry ladders.
 *
 * @since 0.1.0
 * @category models
 */
export const names = ["2026-9", "2026-6", "legacy"] as const satisfies ReadonlyArray<RetryLadder>

/**
 * Returns the pause before each retry, in minutes. See docs/postmark.md#webhook-retries.
 *
 * @since 0.1.0
 * @category accessors
 */
export const minutes = (ladder: RetryLadder, recordType: string): ReadonlyArray<number> => {
  switch (ladder) {
    case "2026-9":
      return [1, 5, 15, 1, 5, 10, 10, 10, 15]
    case "2026-6":
      return [1, 5, 10, 10, 10, 15]
    case "legacy":
      // Not established (docs/postmark.md#webhook-retries): the legacy schedule of spam complaints; taken to be that of
      // bounces.
      return recordType === "Bounce" || recordType === "SpamComplaint"
        ? [1, 5, 10, 10, 10, 15, 30, 60, 120, 360]
        : [1, 5, 15]
  }
}

/**
 * Returns the meaning of the receiver's status: taken, to be retried, or dropped.
 * See docs/postmark.md#webhook-retries.
 *
 * @since 0.1.0
 * @category accessors
 */
export const verdict = (ladder: RetryLadder, status: number): "taken" | "retry" | "drop" => {
  if (ladder === "legacy") return status === 200 ? "taken" : status === 403 ? "drop" : "retry"
  if (status >= 200 && status < 300) return "taken"
  return status >= 400 && status < 500 && status !== 408 && status !== 429 ? "drop" : "retry"
}
