/**
 * Searches for the messages of sends whose outcome is unknown.
 *
 * @since 0.1.0
 */
import { Connections } from "@effect-postmark/core/Connections"
import { CorrelationNames } from "@effect-postmark/core/Correlation"
import * as Json from "@effect-postmark/core/Json"
import * as HttpApiBuilder from "@effect/platform/HttpApiBuilder"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { Api } from "../Api.ts"
import { type ReconciledMessage, ReconciliationReport } from "../api/ReconciliationsApi.ts"
import { mayTouch } from "../internal/access.ts"
import { invalid } from "../internal/failures.ts"
import * as Reconcile from "../internal/reconcile.ts"
import * as Responses from "../internal/responses.ts"

/**
 * @since 0.1.0
 * @category layers
 */
export const layer = HttpApiBuilder.group(
  Api,
  "reconciliations",
  (handlers) =>
    Effect.map(Connections, (connections) =>
      handlers.handleRaw("search", ({ path }) =>
        Effect.gen(function*() {
          yield* mayTouch(path.id)
          const client = yield* connections.client(path.id)
          const { correlation: value, messageStream, messages: count, since } = yield* query(
            yield* HttpServerRequest.ParsedSearchParams
          )
          const names = yield* CorrelationNames
          if (names === "off") {
            return yield* invalid("reconcile", [{ path: ["correlation"], message: "this server's sends carry none" }])
          }
          const messages = Number(count)
          const found = yield* Reconcile.search(client.prepared, {
            names,
            value,
            messages,
            streams: typeof messageStream === "string" ? [messageStream] : [...new Set(messageStream)],
            since: since === undefined ? (yield* Clock.currentTimeMillis) - retained : Date.parse(since)
          })
          const all = Reconcile.indexes(messages).map((index): typeof ReconciledMessage.Type => {
            const receipt = found.get(index)
            return receipt === undefined ? { index, state: "stillUnknown" } : { index, state: "accepted", receipt }
          })
          return Responses.jsonText(Json.stringify(
            yield* Effect.orDie(encode({
              correlation: { name: names.call, value },
              accepted: found.size,
              stillUnknown: messages - found.size,
              messages: all
            }))
          ))
        }).pipe(Responses.orProblem)))
)

/** How long Postmark keeps messages by default (docs/postmark.md#limits). */
const retained = 45 * 24 * 60 * 60 * 1_000

const encode = Schema.encode(ReconciliationReport)

const stream = Schema.String.pipe(
  Schema.pattern(/^[\w.-]{1,100}$/, { message: () => "must be the id of a message stream" })
)

const query = Responses.decode(
  "reconcile",
  Schema.Struct({
    correlation: Schema.String.pipe(
      Schema.pattern(/^.{1,80}$/su, { message: () => "must be the value of a correlation, 1 to 80 characters" })
    ),
    messages: Schema.optionalWith(
      Schema.String.pipe(
        Schema.pattern(/^(?:[1-9]\d?|[1-4]\d\d|500)$/, { message: () => "must be a whole number from 1 to 500" })
      ),
      { default: () => "1" }
    ),
    messageStream: Schema.optionalWith(
      Schema.Union(stream, Schema.Array(stream).pipe(Schema.maxItems(10))),
      { default: () => "outbound" }
    ),
    since: Schema.optional(
      Schema.String.pipe(
        Schema.filter(
          (text) => /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,3})?Z$/.test(text) && !Number.isNaN(Date.parse(text)),
          { message: () => "must be a time in UTC, such as 2026-09-30T16:05:00Z" }
        )
      )
    )
  })
)
