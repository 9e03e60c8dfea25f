/** Waits until every recipient of a message has an outcome, by reading its details again and again. */
import { MessageId } from "@effect-postmark/core/Ids"
import type { OutboundMessageDetails } from "@effect-postmark/core/OutboundMessage"
import type * as PostmarkClient from "@effect-postmark/core/PostmarkClient"
import type { ReadError } from "@effect-postmark/core/PostmarkError"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { Bounced, WaitTimedOut } from "../CliError.ts"
import { decoder } from "./failing.ts"

export interface RecipientOutcome {
  readonly recipient: string
  readonly state: "delivered" | "bounced" | "pending"
  readonly at: string | undefined
}

export interface Outcome {
  readonly messageId: string
  readonly state: "delivered" | "bounced" | "pending"
  readonly recipients: ReadonlyArray<RecipientOutcome>
}

const same = (a: string, b: string) => a.trim().toLowerCase() === b.trim().toLowerCase()

const outcomesOf = (details: OutboundMessageDetails): ReadonlyArray<RecipientOutcome> =>
  details.recipients.map((recipient) => {
    const last = details.messageEvents.findLast(
      (event) => same(event.recipient, recipient) && (event.type === "Delivered" || event.type === "Bounced")
    )
    return last === undefined
      ? { recipient, state: "pending", at: undefined }
      : { recipient, state: last.type === "Delivered" ? "delivered" : "bounced", at: last.receivedAt }
  })

const whole = (messageId: string, recipients: ReadonlyArray<RecipientOutcome>): Outcome => ({
  messageId,
  recipients,
  state: recipients.length === 0 || recipients.some(({ state }) => state === "pending")
    ? "pending"
    : recipients.some(({ state }) => state === "bounced")
    ? "bounced"
    : "delivered"
})

const decodeId = decoder("messages wait", MessageId)

/** Answers the outcome, which is still pending if the time ended. */
export const awaitOutcome = (
  client: PostmarkClient.Service,
  messageId: string,
  limit: Duration.Duration
): Effect.Effect<Outcome, ReadError> =>
  Effect.gen(function*() {
    const id = yield* decodeId(messageId)
    const deadline = (yield* Clock.currentTimeMillis) + Duration.toMillis(limit)
    let pauseMs = 500
    while (true) {
      const outcome = yield* client.outboundMessages.details(id).pipe(
        Effect.map((details) => whole(messageId, outcomesOf(details))),
        // A message appears in the history with a delay (https://postmarkapp.com/developer/api/messages-api).
        Effect.catchIf(
          (error) => error._tag === "ValidationFailure" && error.reason === "notFound",
          () => Effect.succeed(whole(messageId, []))
        )
      )
      const left = deadline - (yield* Clock.currentTimeMillis)
      if (outcome.state !== "pending" || left <= 0) return outcome
      yield* Effect.sleep(Math.min(pauseMs, left))
      pauseMs = Math.min(pauseMs * 1.5, 5_000)
    }
  })

export const judgeOutcome = (outcome: Outcome): Effect.Effect<void, WaitTimedOut | Bounced> => {
  const count = (state: RecipientOutcome["state"]) => outcome.recipients.filter((each) => each.state === state).length
  switch (outcome.state) {
    case "delivered":
      return Effect.void
    case "bounced":
      return new Bounced({
        message: `the message bounced for ${count("bounced")} of ${outcome.recipients.length} recipients`
      })
    case "pending":
      return new WaitTimedOut({
        message: outcome.recipients.length === 0
          ? "the message is not in Postmark's history yet; wait longer with --timeout"
          : `no outcome yet for ${
            count("pending")
          } of ${outcome.recipients.length} recipients; wait longer with --timeout`
      })
  }
}
