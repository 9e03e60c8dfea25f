/** The driver's own word for a failure, such as `SQLITE_BUSY`: never its message, which can hold bound values. */
import * as Predicate from "effect/Predicate"

export const driverCode = (cause: unknown): string => {
  if (Predicate.hasProperty(cause, "code") && typeof cause.code === "string") return cause.code
  return cause instanceof Error ? cause.name : "unknown"
}
