/** An event stream that says that something has changed, and not what: the page reads again what it shows. */
import * as NodeHttpServerRequest from "@effect/platform-node/NodeHttpServerRequest"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { ServerResponse } from "node:http"
import type { Control } from "../Control.ts"
import { readHeaders } from "./pageHeaders.ts"

/** One event for all changes of this time. Who looks at a page lives in real time, whatever clock drives the double. */
const pause = Effect.withClock(Effect.sleep("50 millis"), Clock.make())

/** The streams are cut when the scope closes: a server waits for its open answers, and these never end by themselves. */
export const makeChanges = (control: Control) =>
  Effect.gen(function*() {
    const open = new Set<ServerResponse>()
    yield* Effect.addFinalizer(() =>
      Effect.sync(() => {
        for (const response of open) response.destroy()
      })
    )
    return Effect.map(HttpServerRequest.HttpServerRequest, (request) => {
      const response = NodeHttpServerRequest.toServerResponse(request)
      open.add(response)
      response.once("close", () => open.delete(response))
      return HttpServerResponse.stream(events(control), { contentType: "text/event-stream", headers: readHeaders })
    })
  })

// The next element is taken only when this one is written, so nothing piles up for a slow reader.
const events = (control: Control): Stream.Stream<Uint8Array> =>
  Stream.make("retry: 1000\n\n").pipe(
    Stream.concat(Stream.as(Stream.tap(control.changes, () => pause), "event: change\ndata: {}\n\n")),
    Stream.encodeText
  )
