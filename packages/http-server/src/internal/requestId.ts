/** The request's id: the caller's `X-Request-Id` if it is valid, otherwise a new id. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"

export class RequestId extends Context.Reference<RequestId>()("@effect-postmark/http-server/internal/requestId", {
  defaultValue: () => ""
}) {}

export const headerName = "x-request-id"

export const isValid = (value: string | undefined): value is string =>
  value !== undefined && /^[\w.:-]{1,128}$/.test(value)

export const fromHeader = (value: string | undefined): Effect.Effect<string> =>
  isValid(value)
    ? Effect.succeed(value)
    : Effect.sync(() => crypto.randomUUID())
