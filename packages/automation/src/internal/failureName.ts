/** The name of a failure, for a log: its message can contain what must not be logged. */
import * as Cause from "effect/Cause"
import * as Predicate from "effect/Predicate"

export const failureName = (cause: Cause.Cause<unknown>): string => {
  const failure = Cause.squash(cause)
  // Its message names a store, an operation and a code, and no stored value.
  if (Predicate.isTagged(failure, "StoreUnavailable") && failure instanceof Error) return failure.message
  if (Predicate.hasProperty(failure, "_tag") && typeof failure._tag === "string") return failure._tag
  return failure instanceof Error ? failure.constructor.name : typeof failure
}
