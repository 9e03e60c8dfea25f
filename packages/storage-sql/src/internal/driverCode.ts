/** The driver's error code, such as `SQLITE_BUSY` or `57P01`, never its message, which can contain bound values. */
import * as Predicate from "effect/Predicate"

export const driverCode = (cause: unknown): string => {
  if (Predicate.hasProperty(cause, "code") && typeof cause.code === "string") return cause.code
  if (cause instanceof Error) return /timeout exceeded|terminated/i.test(cause.message) ? "CONNECTION_LOST" : cause.name
  return "unknown"
}

/**
 * True for a failure that every other statement would share for now: another program has the SQLite file, or PostgreSQL is
 * not reached, is short of resources, stops or starts (https://www.postgresql.org/docs/current/errcodes-appendix.html,
 * classes 08, 53, 57).
 */
export const isShared = (code: string): boolean =>
  /^(?:SQLITE_(?:BUSY|LOCKED)|08|53|55P03|57|CONNECTION_LOST|E[A-Z]{3,})/.test(code)

/** The driver's error under the errors that wrap it. */
export const rootOf = (error: unknown): unknown =>
  Predicate.hasProperty(error, "cause") && error.cause !== undefined ? rootOf(error.cause) : error
