/**
 * Handles waits for a message's outcome.
 *
 * @since 0.1.0
 */
import { Waits } from "@effect-postmark/automation/Waits"
import { Connections } from "@effect-postmark/core/Connections"
import { messageIdFrom } from "@effect-postmark/core/Ids"
import type { WaitKind } from "@effect-postmark/core/WaitStore"
import * as HttpApiBuilder from "@effect/platform/HttpApiBuilder"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { Api } from "../Api.ts"
import { MessageOutcome } from "../api/MessagesApi.ts"
import { mayTouch } from "../internal/access.ts"
import { invalid } from "../internal/failures.ts"
import { fromHistory } from "../internal/outcome/fromHistory.ts"
import { outcomeOf } from "../internal/outcome/outcomeOf.ts"
import * as Responses from "../internal/responses.ts"

/**
 * Handles waits. `stopping` returns when the server begins to shut down: it ends all waits.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (options: { readonly stopping: Effect.Effect<void> }) =>
  HttpApiBuilder.group(Api, "messages", (handlers) =>
    Effect.gen(function*() {
      const connections = yield* Connections
      const waits = yield* Waits

      return handlers.handleRaw("outcome", ({ path }) =>
        Effect.gen(function*() {
          yield* mayTouch(path.id)
          const asked = yield* query(yield* HttpServerRequest.ParsedSearchParams)
          const messageId = messageIdFrom(path.messageId)
          if (!uuid.test(messageId)) {
            return yield* invalid("awaitOutcome", [{
              path: ["messageId"],
              message: "must be a Postmark MessageID, a UUID"
            }])
          }
          const connection = yield* connections.get(path.id)
          const { recipient, wait: within } = asked
          const kind = kindOf(asked)
          const pending: MessageOutcome = { status: "pending", messageId, recipient: recipient ?? null }
          const waited = waits.once({ connectionId: connection.id, messageId, recipient, within, kind }).pipe(
            Effect.map((outcome) => outcomeOf(outcome, pending)),
            Effect.flatMap((outcome) =>
              outcome.status === "pending"
                ? Effect.map(
                  fromHistory(connections, connection.id, { kind, pending }),
                  Option.getOrElse(() => outcome)
                )
                : Effect.succeed(outcome)
            )
          )
          return yield* outcome(yield* Effect.raceFirst(waited, Effect.as(options.stopping, pending)))
        }).pipe(Responses.orProblem))
    }))

const kindOf = (asked: { readonly for: "delivery" | "opened"; readonly machineOpens: "count" | "ignore" }): WaitKind =>
  asked.for === "delivery" ? "outcome" : asked.machineOpens === "ignore" ? "humanOpen" : "open"

const longestMs = 60_000

const Wait = Schema.transform(
  Schema.String.pipe(Schema.filter((text) => {
    const millis = millisOf(text)
    return (millis !== undefined && millis <= longestMs) || "must be 0–60 seconds, such as 30s or 500ms"
  })),
  Schema.Number,
  { strict: true, decode: (text) => millisOf(text) ?? 0, encode: (millis) => `${millis}ms` }
)

const millisOf = (text: string): number | undefined => {
  const [, count, unit] = /^(\d{1,5})(ms|s)?$/.exec(text) ?? []
  return count === undefined ? undefined : Number(count) * (unit === "ms" ? 1 : 1_000)
}

const query = Responses.decode(
  "awaitOutcome",
  Schema.Struct({
    wait: Schema.optionalWith(Wait, { default: () => 0 }),
    recipient: Schema.optional(
      Schema.String.pipe(
        Schema.pattern(/^[^\s@]{1,64}@[^\s@]{1,255}$/, { message: () => "must be one address without a name" })
      )
    ),
    for: Schema.optionalWith(Schema.Literal("delivery", "opened"), { default: () => "delivery" as const }),
    machineOpens: Schema.optionalWith(Schema.Literal("count", "ignore"), { default: () => "count" as const })
  })
)

const uuid = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/

const outcome = Responses.json(MessageOutcome)
