/** Failures that are made here: an input that breaks a limit, and a response that Postmark would not write. */
import * as Issues from "../../Issues.ts"
import { type Issue, ValidationFailure } from "../../PostmarkError.ts"
import type { Responded } from "./callFailure.ts"
import { scrub } from "./scrub.ts"

/** Our own refusal of an input, before anything is sent. */
export const invalid = (
  operation: string,
  issues: ReadonlyArray<Issue>,
  what = "the input"
): ValidationFailure =>
  new ValidationFailure({
    operation,
    // The rules are our own words. The names in a path may be the user's, such as a metadata field named after a customer.
    message: `${what} is invalid: ${
      Issues.describe(issues.map(({ message, path }) => ({
        message,
        path: path.map((key) => typeof key === "string" ? scrub(key) : key)
      })))
    }`,
    reason: "invalid",
    issues,
    inactiveRecipients: []
  })

/** The failure of a 200 that Postmark would not have written. */
export const unlikePostmark = (problem: string): Responded => ({
  _tag: "Responded",
  status: 200,
  retryAfter: undefined,
  errorCode: undefined,
  postmarkMessage: undefined,
  problem,
  broken: false
})

/** Postmark's refusal inside a 200: of one message of a batch, or in an acknowledgement. */
export const refusedInside = (errorCode: number, postmarkMessage: string): Responded => ({
  ...unlikePostmark(`Postmark error ${errorCode}`),
  errorCode,
  postmarkMessage
})
