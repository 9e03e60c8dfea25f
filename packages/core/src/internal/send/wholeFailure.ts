import * as Effect from "effect/Effect"
import type { SendError } from "../../PostmarkError.ts"
import type { SendOutcome } from "../../SendOutcome.ts"

/**
 * A caller that has JSON checks the status of the response first. A call that failed as a whole is therefore an
 * error. Outcomes are a success as soon as one message differs from the others.
 */
export const wholeFailure = (
  outcomes: ReadonlyArray<SendOutcome>
): Effect.Effect<{ readonly outcomes: ReadonlyArray<SendOutcome> }, SendError> => {
  const [first] = outcomes
  return first !== undefined && first._tag !== "Accepted" && first.error._tag !== "ValidationFailure" &&
      outcomes.every((outcome) => outcome._tag === first._tag)
    ? Effect.fail(first.error)
    : Effect.succeed({ outcomes })
}
