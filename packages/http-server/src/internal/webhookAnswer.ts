/** The answer to each decision of the receiver. */
import type { Decision } from "@effect-postmark/core/WebhookReceiver"
import type { Received } from "../api/WebhooksApi.ts"
import {
  BodyTooLarge,
  type Failure,
  MalformedBody,
  WebhookLimited,
  WebhookOverloaded,
  WebhookRefused,
  WebhookUnavailable
} from "./failures.ts"

/** What was stored, or the failure. `limit` is that of a webhook's body. */
export const of = (decision: Decision, limit: number): (typeof Received)["Type"] | Failure => {
  switch (decision.result) {
    case "stored":
    case "duplicate":
      return { result: decision.result }
    case "quarantined":
      return new MalformedBody({
        message: `the webhook cannot be read: ${decision.reason}. Its body is in /v1/quarantine`
      })
    case "unauthorized":
      return new WebhookRefused()
    case "tooLarge":
      return new BodyTooLarge({ limit })
    case "limited":
      return new WebhookLimited()
    case "overloaded":
      return new WebhookOverloaded()
    case "unavailable":
      return new WebhookUnavailable()
  }
}

export const isReceived = (answer: (typeof Received)["Type"] | Failure): answer is (typeof Received)["Type"] =>
  "result" in answer
