/**
 * Handles the event log.
 *
 * @since 0.1.0
 */
import { Connections } from "@effect-postmark/core/Connections"
import * as Log from "@effect-postmark/core/EventLog"
import * as Json from "@effect-postmark/core/Json"
import * as HttpApiBuilder from "@effect/platform/HttpApiBuilder"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { Api } from "../Api.ts"
import { Caller } from "../api/Authorization.ts"
import { mayTouch } from "../internal/access.ts"
import * as Cursor from "../internal/cursor.ts"
import { invalid } from "../internal/failures.ts"
import * as Responses from "../internal/responses.ts"

/**
 * @since 0.1.0
 * @category layers
 */
export const layer = HttpApiBuilder.group(Api, "events", (handlers) =>
  Effect.gen(function*() {
    const connections = yield* Connections
    const log = yield* Log.EventLog

    return handlers.handleRaw("list", () =>
      Effect.gen(function*() {
        const { after, connection, limit, trigger } = yield* query(yield* HttpServerRequest.ParsedSearchParams)
        const from = after === undefined ? Option.some(0) : Cursor.decode(after)
        if (Option.isNone(from)) {
          return yield* invalid("listEvents", [{ path: ["after"], message: "must be a nextCursor of this API" }])
        }
        if (connection !== undefined) {
          yield* mayTouch(connection)
          yield* connections.get(connection)
        }
        const caller = yield* Caller
        const events = yield* log.read({
          after: from.value,
          limit: Number(limit),
          trigger,
          connections: connection === undefined ? caller.connections ?? undefined : [connection]
        })
        const nextCursor = Cursor.encode(events.at(-1)?.sequence ?? from.value)
        return Responses.jsonText(`{"events":[${events.map(eventText).join(",")}],"nextCursor":"${nextCursor}"}`)
      }).pipe(Responses.orProblem))
  }))

const query = Responses.decode(
  "listEvents",
  Schema.Struct({
    after: Schema.optional(Schema.String),
    limit: Schema.optionalWith(
      Schema.String.pipe(
        Schema.pattern(/^(?:[1-9]\d?|[1-4]\d\d|500)$/, { message: () => "must be a whole number from 1 to 500" })
      ),
      { default: () => "100" }
    ),
    connection: Schema.optional(Schema.String),
    trigger: Schema.optional(Schema.String)
  })
)

/** Copies the event's stored JSON into the response unchanged, so no digit is lost. */
const eventText = ({ event, raw, ...stored }: Log.StoredEvent) => {
  const { connectionId, possiblyDuplicate, receivedAt, recordType, sequence, source, status, trigger } = stored
  const about = JSON.stringify({
    sequence,
    connectionId,
    receivedAt,
    trigger,
    status,
    source,
    possiblyDuplicate,
    recordType
  })
  // A client that parses and writes a body this deep would run out of stack.
  const body = event === null && Json.isTooDeep(raw) ? JSON.stringify(raw) : raw
  return `${about.slice(0, -1)},"event":${event ?? "null"},"raw":${body}}`
}
