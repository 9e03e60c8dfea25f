/** The response to each situation. `WebhookReceiver` exports it with its documentation. */

export const decisions = {
  /** A new event of any shape, including Postmark's probes. It is durable. */
  stored: { status: 200, result: "stored" },
  /** The event is already stored. */
  duplicate: { status: 200, result: "duplicate" },
  /** Authenticated, but not JSON: stored in the quarantine for a person to inspect. */
  quarantined: { status: 400, result: "quarantined" },
  /** A missing, wrong or second secret, or an unknown connection: one response for all. */
  unauthorized: { status: 401, result: "unauthorized" },
  /** Authenticated, but larger than the adapter's limit. */
  tooLarge: { status: 413, result: "tooLarge" },
  /** Its source had too many wrong secrets, and this one is not among those in memory. Postmark tries again. */
  limited: { status: 429, result: "limited" },
  /** More webhooks wait than there is room for: nothing is acknowledged. */
  overloaded: { status: 503, result: "overloaded" },
  /** The store is unavailable, or the adapter is shutting down: nothing is acknowledged. */
  unavailable: { status: 503, result: "unavailable" }
} as const
