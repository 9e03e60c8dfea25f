/**
 * How a wait for a message ended: with an event, or at its deadline.
 *
 * @since 0.1.0
 */
import * as PostmarkTriggers from "@effect-postmark/core/PostmarkTriggers"
import type * as WaitStore from "@effect-postmark/core/WaitStore"
import { EmailBounced, EmailDelivered, EmailOpened } from "@effect-postmark/core/WebhookEvent"
import * as Effect from "effect/Effect"
import type * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"

/** The webhook's own body stays in the log. */
const delivered = EmailDelivered.omit("raw")
const bounced = EmailBounced.omit("raw")
const opened = EmailOpened.omit("raw")

/**
 * No event came before the deadline.
 *
 * @since 0.1.0
 * @category models
 */
export const TimedOut = Schema.TaggedStruct("TimedOut", {})

/**
 * The delivery of a message: the recipient's server accepted it, or it bounced. `event.category` of a bounce says whether
 * it is permanent. After a temporary bounce, a delivery can still come.
 *
 * @since 0.1.0
 * @category models
 */
export const MessageOutcome = Schema.Union(
  Schema.TaggedStruct("Delivered", { event: delivered }),
  Schema.TaggedStruct("Bounced", { event: bounced }),
  TimedOut
).annotations({ identifier: "MessageOutcome" })

/**
 * @since 0.1.0
 * @category models
 */
export type MessageOutcome = typeof MessageOutcome.Type

/**
 * The first open of a message that counted.
 *
 * @since 0.1.0
 * @category models
 */
export const OpenOutcome = Schema.Union(
  Schema.TaggedStruct("Opened", { event: opened }),
  TimedOut
).annotations({ identifier: "OpenOutcome" })

/**
 * @since 0.1.0
 * @category models
 */
export type OpenOutcome = typeof OpenOutcome.Type

/**
 * @since 0.1.0
 * @category models
 */
export const WaitOutcome = Schema.Union(...MessageOutcome.members, OpenOutcome.members[0])

/**
 * @since 0.1.0
 * @category models
 */
export type WaitOutcome = typeof WaitOutcome.Type

/**
 * Reads how an ended wait ended. Fails when the stored event does not have its trigger's shape.
 *
 * @since 0.1.0
 * @category constructors
 */
export const fromStored = (
  wait: Pick<WaitStore.StoredWait, "event">
): Effect.Effect<WaitOutcome, ParseResult.ParseError> => {
  if (wait.event === null) return Effect.succeed({ _tag: "TimedOut" })
  const { json, trigger } = wait.event
  switch (trigger) {
    case PostmarkTriggers.EmailDelivered.id:
      return Effect.map(readDelivered(json), (event) => ({ _tag: "Delivered", event }))
    case PostmarkTriggers.EmailBounced.id:
      return Effect.map(readBounced(json), (event) => ({ _tag: "Bounced", event }))
    default:
      return Effect.map(readOpened(json), (event) => ({ _tag: "Opened", event }))
  }
}

const readDelivered = Schema.decode(Schema.parseJson(delivered))
const readBounced = Schema.decode(Schema.parseJson(bounced))
const readOpened = Schema.decode(Schema.parseJson(opened))
