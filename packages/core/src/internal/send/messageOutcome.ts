/** Converts a response or a failure to the outcome of each message. */
import * as Effect from "effect/Effect"
import type { Correlation } from "../../Correlation.ts"
import type * as PostmarkApi from "../../PostmarkApi.ts"
import { OutcomeUnknown, type SendError } from "../../PostmarkError.ts"
import type { Receipt } from "../../Receipt.ts"
import type { SendOutcome } from "../../SendOutcome.ts"
import { sendFailure, validationFailure } from "../http/callFailure.ts"
import { refusedInside, unlikePostmark } from "../http/failures.ts"
import { inactiveRecipients } from "../http/inactiveRecipients.ts"
import type { Decoded } from "../http/transport.ts"
import type { Outgoing } from "./stampedMessage.ts"

type SendResponse = typeof PostmarkApi.SendResponse.Type

/** The outcome of a message that was sent on its own. */
export const ofOne = (
  operation: string,
  message: Outgoing,
  { raw, value }: Decoded<SendResponse>
): ReadonlyArray<SendOutcome> => [ofResponse(operation, message, value, raw)]

/** The outcomes of a batch, by position. A response of another length says nothing about any message. */
export const ofMany = (
  operation: string,
  messages: ReadonlyArray<Outgoing>,
  { raw, value }: Decoded<ReadonlyArray<SendResponse>>
): Effect.Effect<ReadonlyArray<SendOutcome>, SendError> => {
  const raws = Array.isArray(raw) ? raw : []
  return value.length === messages.length
    ? Effect.succeed(value.flatMap((response, place) => {
      const message = messages[place]
      return message === undefined ? [] : [ofResponse(operation, message, response, raws[place])]
    }))
    : Effect.fail(
      sendFailure(
        operation,
        unlikePostmark(`the answer tells of ${value.length} messages where ${messages.length} were sent`)
      )
    )
}

/** The outcome of each message of a call that failed as a whole. */
export const ofFailure = (error: SendError, message: Outgoing): SendOutcome => {
  switch (error._tag) {
    case "ValidationFailure":
    case "InvalidToken":
    case "RequestRefused":
      return { _tag: "Rejected", error }
    case "RateLimited":
    case "PostmarkUnavailable":
      return { _tag: "NotSent", error }
    case "OutcomeUnknown":
      return { _tag: "Unknown", error: annotated(error, { correlation: message.correlation }) }
  }
}

/** An unknown outcome with more about it. */
export const annotated = (
  error: OutcomeUnknown,
  more: {
    readonly correlation?: Correlation
    readonly reconciliation?: OutcomeUnknown["reconciliation"]
    readonly possiblyDuplicate?: true
  }
): OutcomeUnknown => {
  const { correlation, errorCode, message, operation, postmarkMessage, status, transportCode } = error
  const { possiblyDuplicate, reconciliation } = error
  return new OutcomeUnknown({
    message,
    operation,
    errorCode,
    postmarkMessage,
    status,
    transportCode,
    correlation,
    reconciliation,
    possiblyDuplicate,
    ...more
  })
}

const ofResponse = (operation: string, sent: Outgoing, response: SendResponse, raw: unknown): SendOutcome => {
  const { errorCode = 0, message, messageId } = response
  if (errorCode !== 0) {
    return { _tag: "Rejected", error: validationFailure(operation, refusedInside(errorCode, message)) }
  }
  if (messageId === undefined || messageId === null || messageId === "") {
    return ofFailure(sendFailure(operation, unlikePostmark("the answer names no message")), sent)
  }
  const receipt: Receipt = {
    messageId,
    ...(typeof response.to === "string" ? { to: response.to } : {}),
    ...(typeof response.submittedAt === "string" ? { submittedAt: response.submittedAt } : {}),
    message,
    source: "answer",
    correlation: sent.correlation,
    inactiveRecipients: inactiveRecipients(message),
    raw
  }
  return { _tag: "Accepted", receipt }
}
