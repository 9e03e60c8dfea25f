/** What became of a row, and what an answer means for the rows of a chunk. */
import * as ErrorCode from "@effect-postmark/core/ErrorCode"
import type { SendError } from "@effect-postmark/core/PostmarkError"
import type { Item } from "@effect-postmark/core/PreparedBatch"
import type { SendOutcome } from "@effect-postmark/core/SendOutcome"
import type { BatchStopped } from "../../CliError.ts"

export interface RowOutcome {
  readonly row: number
  readonly state: "accepted" | "rejected" | "unknown"
  readonly messageId?: string
  /** `search` for a message that was found in Postmark's history after its response was lost. */
  readonly source?: "answer" | "search"
  readonly errorCode?: number
  readonly message?: string
  readonly possiblyDuplicate?: true
}

export interface Judged {
  readonly outcomes: ReadonlyArray<RowOutcome>
  /** Rows that were certainly not accepted, and can be sent later. */
  readonly held: ReadonlyArray<Item>
  readonly retry?: { readonly afterMs: number | undefined } | undefined
  readonly stop?: { readonly why: BatchStopped["why"]; readonly message: string } | undefined
}

/**
 * Error codes that Postmark gives every message while the account cannot send: no credits, not approved, closed, or a
 * network address that is not on the list. See https://postmarkapp.com/developer/api/overview#error-codes.
 */
const accountCodes = new Set([405, 412, 413, 422, 1480])

const rowOf = ({ index }: Item) => index + 1

export const ofFailure = (error: SendError, items: ReadonlyArray<Item>): Judged => {
  switch (error._tag) {
    case "RateLimited":
    case "PostmarkUnavailable":
      return { outcomes: [], held: items, retry: { afterMs: error.retryAfter } }
    case "InvalidToken":
      return { outcomes: [], held: items, stop: { why: "invalid_token", message: error.message } }
    case "RequestRefused":
    case "ValidationFailure":
      return {
        outcomes: [],
        held: items,
        stop: { why: isAccountOwners(error.errorCode) ? "account" : "refused", message: error.message }
      }
    case "OutcomeUnknown":
      return {
        outcomes: items.map((item) => ({ row: rowOf(item), state: "unknown", message: error.message })),
        held: []
      }
  }
}

export const ofAnswer = (answer: ReadonlyArray<SendOutcome>, items: ReadonlyArray<Item>): Judged => {
  const codes = new Set(answer.map((outcome) => outcome._tag === "Rejected" ? codeOf(outcome.error) : undefined))
  const [only] = codes
  // One reason for every message that its owner can mend: it is not about the messages.
  const isAboutAll = codes.size === 1 && isAccountOwners(only)
  const outcomes: Array<RowOutcome> = []
  const held: Array<Item> = []
  let stop: Judged["stop"]
  for (const [place, item] of items.entries()) {
    const outcome = answer[place]
    const code = outcome?._tag === "Rejected" ? codeOf(outcome.error) : undefined
    if (outcome?._tag === "Rejected" && code !== undefined && (isAboutAll || accountCodes.has(code))) {
      stop ??= { why: "account", message: outcome.error.message }
      held.push(item)
      continue
    }
    outcomes.push(outcomeOf(rowOf(item), outcome))
  }
  return { outcomes, held, stop }
}

const outcomeOf = (row: number, outcome: SendOutcome | undefined): RowOutcome => {
  switch (outcome?._tag) {
    case "Accepted":
      return { row, state: "accepted", messageId: outcome.receipt.messageId, source: "answer" }
    case "Rejected": {
      const errorCode = codeOf(outcome.error)
      return {
        row,
        state: "rejected",
        ...(errorCode === undefined ? {} : { errorCode }),
        message: outcome.error.message
      }
    }
    case "Unknown":
      return { row, state: "unknown", message: outcome.error.message }
    default:
      return { row, state: "unknown" }
  }
}

const codeOf = ({ errorCode }: { readonly errorCode?: number | undefined }): number | undefined =>
  Number.isInteger(errorCode) ? errorCode : undefined

const isAccountOwners = (code: number | undefined): boolean =>
  code !== undefined && ErrorCode.get(code)?.fixableBy === "accountOwner"
