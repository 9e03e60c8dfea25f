/** A `node:http` server that runs one effect for each request. */
import * as HttpServerError from "@effect/platform/HttpServerError"
import * as Effect from "effect/Effect"
import * as FiberId from "effect/FiberId"
import * as Runtime from "effect/Runtime"
import type * as Scope from "effect/Scope"
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"

/** Where to listen, or where a server listens: then `host` is an address. */
export interface Place {
  readonly port: number
  readonly host: string
}

/**
 * Listens until the scope closes, which waits for what is under way. The effect of a request is interrupted when its
 * client goes away.
 */
export const listen = (
  place: Place,
  handle: (request: IncomingMessage, response: ServerResponse) => Effect.Effect<void>
): Effect.Effect<Place, HttpServerError.ServeError, Scope.Scope> =>
  Effect.gen(function*() {
    const runFork = Runtime.runFork(yield* Effect.runtime<never>())
    const server = createServer((request, response) => {
      const fiber = runFork(Effect.catchAllCause(handle(request, response), (cause) => {
        if (!response.headersSent) response.writeHead(500)
        response.end()
        return Effect.logError("the double failed to answer", cause)
      }))
      response.on("close", () => {
        if (!response.writableEnded) fiber.unsafeInterruptAsFork(FiberId.none)
        // A connection kept alive would keep a stopped server waiting.
        if (!server.listening) request.socket.end()
      })
    })
    yield* Effect.acquireRelease(start(server, place), () => stop(server))
    const address = server.address()
    return typeof address === "object" && address !== null ? { host: address.address, port: address.port } : place
  })

const start = (server: Server, { host, port }: Place): Effect.Effect<void, HttpServerError.ServeError> =>
  Effect.async((resume) => {
    const onError = (cause: Error) => resume(Effect.fail(new HttpServerError.ServeError({ cause })))
    server.once("error", onError)
    server.listen(port, host, () => {
      server.off("error", onError)
      resume(Effect.void)
    })
  })

const stop = (server: Server): Effect.Effect<void> =>
  Effect.async((resume) => {
    server.close(() => resume(Effect.void))
  })
