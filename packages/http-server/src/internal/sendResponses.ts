/** Responds to an action. What is unknown comes with a link to the search for it. */
import { Correlation } from "@effect-postmark/core/Correlation"
import * as Json from "@effect-postmark/core/Json"
import type { PostmarkError } from "@effect-postmark/core/PostmarkError"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Problems from "./problems.ts"
import * as Reconcile from "./reconcile.ts"
import { RequestId } from "./requestId.ts"
import * as Responses from "./responses.ts"

type Response = HttpServerResponse.HttpServerResponse

/** The response of an action with this payload, as it ends. */
export const make =
  (connectionId: string, payload: unknown) =>
  (running: Effect.Effect<unknown, PostmarkError>): Effect.Effect<Response, PostmarkError> =>
    Effect.flatMap(Clock.currentTimeMillis, (since) =>
      running.pipe(
        Effect.map((result) => success(connectionId, payload, since, result)),
        Effect.catchTag("OutcomeUnknown", (failure) =>
          Effect.map(RequestId, (requestId) =>
            Problems.response(failure, requestId, {
              reconcile: linkOf(connectionId, payload, since, failure.correlation)
            })))
      ))

/** `since` is when the request was made, in milliseconds since 1970. */
export const linkOf = (
  connectionId: string,
  payload: unknown,
  since: number,
  correlation: Parameters<typeof Reconcile.link>[1]
): string | undefined => Reconcile.link(connectionId, correlation, { ...Reconcile.shapeOf(payload), since })

/** `result` is the JSON of the action's success. */
export const success = (connectionId: string, payload: unknown, since: number, result: unknown): Response => {
  const response = Responses.jsonText(Json.stringify(result))
  const correlation = Option.flatMapNullable(
    decodeOutcomes(result),
    ({ outcomes }) =>
      outcomes.flatMap(({ _tag, error }) => _tag === "Unknown" ? [error?.correlation ?? "none"] : [])
        .find((correlation) => correlation !== "none")
  )
  const link = Option.isSome(correlation) ? linkOf(connectionId, payload, since, correlation.value) : undefined
  return link === undefined
    ? response
    : HttpServerResponse.setHeader(response, "link", Problems.statusLink(link))
}

/** As far as it must be read to see what is unknown. */
const decodeOutcomes = Schema.decodeUnknownOption(Schema.Struct({
  outcomes: Schema.Array(Schema.Struct({
    _tag: Schema.String,
    error: Schema.optional(Schema.Struct({
      correlation: Schema.optional(Correlation)
    }))
  }))
}))
