/** A `node:http` server that runs one effect for each request. */
import * as HttpServerError from "@effect/platform/HttpServerError"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as FiberId from "effect/FiberId"
import * as Runtime from "effect/Runtime"
import type * as Scope from "effect/Scope"
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import type { Socket } from "node:net"

/** Where to listen, or where a server listens: then `host` is an address. */
export interface Place {
  readonly port: number
  readonly host: string
}

/**
 * Listens until the scope closes, which waits for requests under way, but no longer than two seconds; connections
 * without one are cut. The effect of a request is interrupted when its client goes away.
 */
export const listen = (
  place: Place,
  handle: (request: IncomingMessage, response: ServerResponse) => Effect.Effect<void>
): Effect.Effect<Place, HttpServerError.ServeError, Scope.Scope> =>
  Effect.gen(function*() {
    const runFork = Runtime.runFork(yield* Effect.runtime<never>())
    const connections = new Map<Socket, number>()
    const server = createServer((request, response) => {
      const { socket } = request
      connections.set(socket, (connections.get(socket) ?? 0) + 1)
      const fiber = runFork(Effect.catchAllCause(handle(request, response), (cause) => {
        if (!response.headersSent) response.writeHead(500)
        response.end()
        return Effect.logError("the double failed to answer", cause)
      }))
      response.on("close", () => {
        if (!response.writableEnded) fiber.unsafeInterruptAsFork(FiberId.none)
        const left = connections.get(socket)
        if (left !== undefined) connections.set(socket, left - 1)
        // A connection kept alive would keep a stopped server waiting.
        if (!server.listening) socket.end()
      })
    })
    server.on("connection", (socket) => {
      connections.set(socket, 0)
      socket.once("close", () => connections.delete(socket))
    })
    yield* Effect.acquireRelease(start(server, place), () => stop(server, connections))
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

/** In real time, whatever clock drives the double. */
const grace = Effect.withClock(Effect.sleep("2 seconds"), Clock.make())

const stop = (server: Server, connections: ReadonlyMap<Socket, number>): Effect.Effect<void> => {
  const closed = Effect.async<void>((resume) => {
    server.close(() => resume(Effect.void))
    // A stopped server has no time-outs any more, so one that never asks anything would keep it waiting for ever.
    for (const [socket, requests] of connections) {
      if (requests === 0) socket.destroy()
    }
  })
  const cut = Effect.zipRight(grace, Effect.sync(() => server.closeAllConnections()))
  // A fiber of its own: the one that stops the server has often been interrupted itself.
  return Effect.flatMap(
    Effect.forkDaemon(Effect.interruptible(cut)),
    (cutting) => Effect.zipRight(closed, Fiber.interruptFork(cutting))
  )
}
