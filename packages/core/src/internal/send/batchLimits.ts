/** Postmark's limits on one batch call. See https://postmarkapp.com/developer/api/email-api#send-batch-emails. */
import type { ValidationFailure } from "../../PostmarkError.ts"
import { invalid } from "../http/failures.ts"

export const maximumBatchMessages = 500

export const maximumBatchBytes = 50 * 1024 * 1024

/** A batch, or a single message of one, that no batch call can hold. */
export const tooLarge = (operation: string, bytes: number): ValidationFailure =>
  invalid(operation, [{
    path: [],
    message: `at most ${maximumBatchBytes} bytes of JSON in one batch, got ${bytes}`
  }])
