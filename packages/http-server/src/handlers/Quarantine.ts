/**
 * Handles the quarantine.
 *
 * @since 0.1.0
 */
import { Connections } from "@effect-postmark/core/Connections"
import { EventLog, type Quarantined } from "@effect-postmark/core/EventLog"
import { dataUrl } from "@effect-postmark/core/WebhookReceiver"
import * as HttpApiBuilder from "@effect/platform/HttpApiBuilder"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { Api } from "../Api.ts"
import { QuarantineList } from "../api/QuarantineApi.ts"
import { mayAdminister } from "../internal/access.ts"
import * as Responses from "../internal/responses.ts"

/**
 * @since 0.1.0
 * @category layers
 */
export const layer = HttpApiBuilder.group(Api, "quarantine", (handlers) =>
  Effect.gen(function*() {
    const connections = yield* Connections
    const log = yield* EventLog

    return handlers.handleRaw("list", () =>
      Effect.gen(function*() {
        yield* mayAdminister
        const { connection, limit } = yield* query(yield* HttpServerRequest.ParsedSearchParams)
        if (connection !== undefined) yield* connections.get(connection)
        const all = yield* log.quarantined
        const wanted = all.filter((entry) => connection === undefined || entry.connectionId === connection)
        return yield* list({ quarantined: wanted.slice(0, Number(limit)).map(entryOf) })
      }).pipe(Responses.orProblem))
  }))

const entryOf = (entry: Quarantined): typeof QuarantineList.Type["quarantined"][number] =>
  entry.body.startsWith(dataUrl)
    ? { ...entry, encoding: "base64", body: entry.body.slice(dataUrl.length) }
    : { ...entry, encoding: "text" }

const query = Responses.decode(
  "listQuarantine",
  Schema.Struct({
    limit: Schema.optionalWith(
      Schema.String.pipe(
        Schema.pattern(/^(?:[1-9]\d{0,2}|1000)$/, { message: () => "must be a whole number from 1 to 1000" })
      ),
      { default: () => "100" }
    ),
    connection: Schema.optional(Schema.String)
  })
)

const list = Responses.json(QuarantineList)
