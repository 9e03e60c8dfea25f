/** Reads the header `Idempotency-Key`: bare, or as the quoted string of the draft (draft-ietf-httpapi-idempotency-key-header). */
import * as Effect from "effect/Effect"
import type * as Option from "effect/Option"
import { IdempotencyKeyInvalid } from "./failures.ts"

/** Without quotes and escapes. */
export const maximumLength = 255

export const headerName = "idempotency-key"

/** The key of a request, if it has one. */
export const read = (values: ReadonlyArray<string>): Effect.Effect<Option.Option<string>, IdempotencyKeyInvalid> => {
  const [value, ...more] = values
  if (value === undefined) return Effect.succeedNone
  if (more.length > 0) return invalid("must be given once")
  const quoted = /^"((?:[^"\\]|\\["\\])*)"$/.exec(value)?.[1]
  if (quoted === undefined && value.startsWith("\"")) {
    return invalid("must end in a quote if it begins with one, and escape quotes and backslashes inside")
  }
  const key = quoted === undefined ? value : quoted.replace(/\\(["\\])/g, "$1")
  return /^[\x20-\x7e]{1,255}$/.test(key)
    ? Effect.succeedSome(key)
    : invalid("must have 1 to 255 printable ASCII characters, such as a UUID")
}

const invalid = (rule: string) =>
  Effect.fail(new IdempotencyKeyInvalid({ message: `the Idempotency-Key header ${rule}` }))
