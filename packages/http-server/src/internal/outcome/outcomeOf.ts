/** The response for a wait that ended. */
import type { WaitOutcome } from "@effect-postmark/automation/WaitOutcome"
import type { MessageOutcome } from "../../api/MessagesApi.ts"

export const outcomeOf = (
  outcome: WaitOutcome,
  pending: Extract<MessageOutcome, { readonly status: "pending" }>
): MessageOutcome => {
  const { messageId } = pending
  switch (outcome._tag) {
    case "TimedOut":
      return pending
    case "Delivered": {
      const { event } = outcome
      const { deliveredAt: at, recipient } = event
      return { status: "delivered", messageId, recipient, at, source: "events", event }
    }
    case "Bounced": {
      const { event } = outcome
      const { bouncedAt: at, recipient } = event
      return { status: "bounced", messageId, recipient, at, source: "events", event }
    }
    case "Opened": {
      const { event } = outcome
      const { openedAt: at, recipient } = event
      return { status: "opened", messageId, recipient, at, source: "events", event }
    }
  }
}
