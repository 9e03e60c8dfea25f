/**
 * Handles the event log: its pages, its stream and its export.
 *
 * @since 0.1.0
 */
import * as Log from "@effect-postmark/core/EventLog"
import * as NodeHttpServerRequest from "@effect/platform-node/NodeHttpServerRequest"
import * as HttpApiBuilder from "@effect/platform/HttpApiBuilder"
import type * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { ServerResponse } from "node:http"
import { Api } from "../Api.ts"
import { Caller } from "../api/Authorization.ts"
import { jsonLines, serverSentEvents } from "../api/EventsApi.ts"
import { ApiKeys } from "../ApiKeys.ts"
import * as CallerCheck from "../internal/callerCheck.ts"
import * as Cursor from "../internal/cursor.ts"
import type { Drain } from "../internal/drain.ts"
import * as EventExport from "../internal/eventExport.ts"
import * as EventQuery from "../internal/eventQuery.ts"
import * as EventStream from "../internal/eventStream.ts"
import * as EventText from "../internal/eventText.ts"
import * as Responses from "../internal/responses.ts"

/**
 * The intervals of streams and exports.
 *
 * - `heartbeat`: how often an idle stream says that it is alive, 15 seconds
 * - `poll`: how often a stream reads the log without a hint, 5 seconds; other processes append too
 * - `retry`: how soon the clients of a stream connect again, 3 seconds
 * - `recheck`: how often the API key of a stream or an export is checked again, 5 seconds
 * - `stall`: how long a client may take nothing before its connection is closed, 60 seconds
 *
 * @since 0.1.0
 * @category models
 */
export interface Options extends EventStream.Options {
  readonly recheck?: Duration.DurationInput | undefined
  readonly stall?: Duration.DurationInput | undefined
}

/**
 * @since 0.1.0
 * @category layers
 */
export const layer = (drain: Pick<Drain, "isDraining" | "started">, options: Options = {}) =>
  HttpApiBuilder.group(Api, "events", (handlers) =>
    Effect.gen(function*() {
      const log = yield* Log.EventLog
      const apiKeys = yield* ApiKeys
      const listed = yield* EventQuery.list
      const streamed = yield* EventQuery.stream
      const exported = yield* EventQuery.exported
      const recheck = Duration.toMillis(options.recheck ?? "5 seconds")
      const stall = Duration.toMillis(options.stall ?? "60 seconds")

      const callerOf = (request: HttpServerRequest.HttpServerRequest) =>
        Effect.flatMap(Caller, (caller) => CallerCheck.make(apiKeys, request, caller, recheck))

      return handlers
        .handleRaw("list", () =>
          Effect.gen(function*() {
            const query = yield* listed()
            const { after, filter, limit, order } = query
            const isNewest = order === "newest"
            const events = yield* log.read({
              ...filter,
              connections: EventQuery.scopeOf(query, yield* Caller),
              order,
              limit,
              after: isNewest ? 0 : Option.getOrElse(after, () => 0),
              before: isNewest ? Option.getOrUndefined(after) : undefined
            })
            const sequence = events.at(-1)?.sequence ?? Option.getOrElse(after, () => 0)
            const nextCursor = Cursor.encode({ order, sequence })
            return Responses.jsonText(
              `{"events":[${events.map(EventText.json).join(",")}],"nextCursor":"${nextCursor}"}`
            )
          }).pipe(Responses.orProblem))
        .handleRaw("stream", ({ request }) =>
          Effect.gen(function*() {
            // A browser that connects again repeats the URL, and adds where it was.
            const last = request.headers["last-event-id"]
            const query = yield* streamed(
              last === undefined || last === "" ? undefined : { field: "Last-Event-ID", cursor: last }
            )
            const caller = yield* callerOf(request)
            const body = yield* EventStream.make(log, query, { ...options, caller, drain })
            yield* closeWhenStalled(request, stall)
            return HttpServerResponse.stream(body, {
              contentType: serverSentEvents,
              // A proxy that collects the response would hold events back.
              headers: { "x-accel-buffering": "no" }
            })
          }).pipe(Responses.orProblem))
        .handleRaw("export", ({ request }) =>
          Effect.gen(function*() {
            const query = yield* exported()
            const body = yield* EventExport.make(log, query, yield* callerOf(request))
            yield* closeWhenStalled(request, stall)
            return HttpServerResponse.stream(body, {
              contentType: jsonLines,
              headers: { "content-disposition": `attachment; filename="events.jsonl"` }
            })
          }).pipe(Responses.orProblem))
    }))

/** Closes the connection of a client that takes nothing: its response would wait for ever. */
const closeWhenStalled = (request: HttpServerRequest.HttpServerRequest, after: number) =>
  Effect.sync(() => {
    const response: unknown = NodeHttpServerRequest.toServerResponse(request)
    if (response instanceof ServerResponse) response.setTimeout(after, () => response.destroy())
  })
