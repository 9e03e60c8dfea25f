/** What a webhook is posted (https://postmarkapp.com/developer/api/webhooks-api). */
import type { Triggers } from "../state/state.ts"

/** These triggers on, and all others off. */
export const triggersOf = (names: ReadonlyArray<keyof Triggers>): Triggers => ({
  Open: { Enabled: names.includes("Open"), PostFirstOpenOnly: false },
  Click: { Enabled: names.includes("Click") },
  Delivery: { Enabled: names.includes("Delivery") },
  Bounce: { Enabled: names.includes("Bounce"), IncludeContent: false },
  SpamComplaint: { Enabled: names.includes("SpamComplaint"), IncludeContent: false },
  SubscriptionChange: { Enabled: names.includes("SubscriptionChange") }
})

export const noTriggers: Triggers = triggersOf([])
