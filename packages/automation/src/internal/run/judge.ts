/** Decides what an attempt's answer means for each message of a chunk, and for the run. */
import type { PauseReason, RunOutcome } from "@effect-postmark/core/BulkRun"
import * as ErrorCode from "@effect-postmark/core/ErrorCode"
import type { SendError } from "@effect-postmark/core/PostmarkError"
import type { Item } from "@effect-postmark/core/PreparedBatch"
import type { SendOutcome } from "@effect-postmark/core/SendOutcome"

export interface Pause {
  readonly reason: PauseReason
  readonly detail: string
}

/** `held` messages were certainly not accepted, and can be sent later. */
export interface Judged {
  readonly outcomes: ReadonlyArray<RunOutcome>
  readonly held: ReadonlyArray<Item>
  readonly pause?: Pause | undefined
  readonly retry?: { readonly reason: string; readonly afterMs: number | undefined } | undefined
}

/**
 * Error codes that Postmark gives every message while the account or the server cannot send: no credits, not approved, closed, or
 * a caller whose network address is not on the list. See https://postmarkapp.com/developer/api/overview#error-codes.
 */
const accountCodes = new Set([405, 412, 413, 422, 1480])

export const ofFailure = (error: SendError, items: ReadonlyArray<Item>): Judged => {
  switch (error._tag) {
    case "RateLimited":
    case "PostmarkUnavailable":
      return { outcomes: [], held: items, retry: { reason: error._tag, afterMs: error.retryAfter } }
    case "InvalidToken":
      return { outcomes: [], held: items, pause: { reason: "invalidToken", detail: error.message } }
    case "RequestRefused":
    case "ValidationFailure": {
      const reason = isAccountOwners(error.errorCode) ? "account" : "refused"
      return { outcomes: [], held: items, pause: { reason, detail: error.message } }
    }
    case "OutcomeUnknown":
      return { outcomes: items.map(({ index }) => ({ index, state: "unknown", detail: error.message })), held: [] }
  }
}

export const ofAnswer = (answer: ReadonlyArray<SendOutcome>, items: ReadonlyArray<Item>): Judged => {
  const codes = new Set(answer.map((outcome) => outcome._tag === "Rejected" ? codeOf(outcome.error) : undefined))
  // One reason for every message that its owner can mend: it is not about the messages.
  const [only] = codes
  const isAboutAll = codes.size === 1 && isAccountOwners(only)
  const isDoubtful = answer.some(({ _tag }) => _tag === "Unknown")
  const outcomes: Array<RunOutcome> = []
  const held: Array<Item> = []
  let pause: Pause | undefined
  for (const [place, item] of items.entries()) {
    const outcome = answer[place]
    const code = outcome?._tag === "Rejected" ? codeOf(outcome.error) : undefined
    const isHeld = code !== undefined && (isAboutAll || accountCodes.has(code))
    if (isHeld && outcome?._tag === "Rejected") {
      pause ??= { reason: "account", detail: outcome.error.message }
      // While a chunk is looked up, what has no outcome counts as being in doubt.
      if (!isDoubtful) {
        held.push(item)
        continue
      }
    }
    outcomes.push(outcomeOf(item.index, outcome))
  }
  return { outcomes, held, pause }
}

const outcomeOf = (index: number, outcome: SendOutcome | undefined): RunOutcome => {
  switch (outcome?._tag) {
    case "Accepted":
      return { index, state: "accepted", messageId: outcome.receipt.messageId, source: "answer" }
    case "Rejected": {
      const code = codeOf(outcome.error)
      return { index, state: "rejected", detail: outcome.error.message, ...(code === undefined ? {} : { code }) }
    }
    case "Unknown":
      return { index, state: "unknown", detail: outcome.error.message }
    default:
      return { index, state: "unknown" }
  }
}

const codeOf = ({ errorCode }: { readonly errorCode?: number | undefined }): number | undefined =>
  Number.isInteger(errorCode) ? errorCode : undefined

const isAccountOwners = (code: number | undefined): boolean =>
  code !== undefined && ErrorCode.get(code)?.fixableBy === "accountOwner"
