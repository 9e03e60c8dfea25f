/** An event stream that says that something has changed, and not what: the page reads again what it shows. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type { ServerResponse } from "node:http"
import type { Control } from "../../Control.ts"
import { readHeaders } from "./pageHeaders.ts"

/** One event for all changes of this time. Who looks at a page lives in real time, whatever clock drives the double. */
const pause = Effect.withClock(Effect.sleep("50 millis"), Clock.make())

/**
 * Writes events until the connection is gone, which interrupts it. The streams are cut when the scope closes: a server
 * waits for its open answers, and these never end by themselves.
 */
export const makeChanges = (
  control: Control
): Effect.Effect<(response: ServerResponse) => Effect.Effect<never>, never, Scope.Scope> =>
  Effect.gen(function*() {
    const scope = yield* Effect.scope
    const open = new Set<ServerResponse>()
    // By the first stream, when the server listens already: what is added last to a scope is done first.
    const cutAtTheEnd = yield* Effect.cached(Scope.addFinalizer(
      scope,
      Effect.sync(() => {
        for (const response of open) response.destroy()
      })
    ))
    return (response) =>
      Effect.flatMap(cutAtTheEnd, () => {
        open.add(response)
        response.once("close", () => open.delete(response))
        response.writeHead(200, { ...readHeaders, "content-type": "text/event-stream" })
        return Effect.zipRight(Stream.runForEach(events(control), (text) => write(response, text)), Effect.never)
      }).pipe(Effect.interruptible)
  })

const events = (control: Control): Stream.Stream<string> =>
  Stream.concat(
    Stream.make("retry: 1000\n\n"),
    Stream.as(Stream.tap(control.changes, () => pause), "event: change\ndata: {}\n\n")
  )

/** Goes on when the reader has room for more, so that nothing piles up for a slow one. */
const write = (response: ServerResponse, text: string): Effect.Effect<void> =>
  Effect.async((resume) => {
    if (response.write(text)) return resume(Effect.void)
    const drained = () => resume(Effect.void)
    response.once("drain", drained)
    return Effect.sync(() => response.off("drain", drained))
  })
