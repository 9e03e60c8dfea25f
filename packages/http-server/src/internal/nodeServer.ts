/** Node's server with time limits, perhaps with TLS; it closes its sockets when the scope closes. */
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import * as HttpServer from "@effect/platform/HttpServer"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { createServer, IncomingMessage, type Server, ServerResponse } from "node:http"
import { createServer as createTlsServer } from "node:https"
import { Server as NetServer } from "node:net"
import type { SecureContextOptions } from "node:tls"
import { Front, type Handler } from "./front.ts"

class Node extends Context.Tag("@effect-postmark/http-server/internal/nodeServer")<Node, Server>() {}

export interface Options {
  readonly port: number
  readonly host: string
  /** Certificate and key; without them, the server speaks plain HTTP. */
  readonly tls?: SecureContextOptions | undefined
  /** How long a client may take to send the headers. Default: 10 seconds. */
  readonly headersTimeout?: Duration.DurationInput | undefined
  /** The same for the whole request. Default: 15 minutes, for JSON lines; other bodies have 30 seconds (`incoming.ts`). */
  readonly requestTimeout?: Duration.DurationInput | undefined
}

/** A listening server. A request that comes too slowly is answered with 408. */
export const layer = ({ host, port, ...options }: Options) =>
  Layer.scoped(
    HttpServer.HttpServer,
    Effect.flatMap(Node, (server) => NodeHttpServer.make(() => server, { host, port }))
  ).pipe(
    Layer.provideMerge(
      Layer.scopedContext(
        Effect.map(
          Effect.acquireRelease(
            Effect.sync(() => make(options)),
            ({ server }) => Effect.sync(() => server.closeAllConnections())
          ),
          ({ front, server }) => Context.make(Node, server).pipe(Context.add(Front, front))
        )
      )
    )
  )

const make = ({ tls, ...given }: Omit<Options, "host" | "port">) => {
  const headersTimeout = Duration.toMillis(given.headersTimeout ?? "10 seconds")
  const requestTimeout = Duration.toMillis(given.requestTimeout ?? "15 minutes")
  const limits = { headersTimeout, requestTimeout, connectionsCheckingInterval: Math.ceil(headersTimeout / 2) }
  const server = tls === undefined
    ? createServer(limits)
    : createTlsServer({ ...tls, ...limits, handshakeTimeout: 10_000, minVersion: "TLSv1.2" })
  const handlers = new Set<Handler>()
  // The platform adds its own listener; this is the only way in front of it.
  const emit: (name: string, ...args: ReadonlyArray<unknown>) => boolean = server.emit.bind(server)
  server.emit = (name: string, ...args: ReadonlyArray<unknown>): boolean => {
    if (name === "request" && handlers.size > 0) {
      const [message, response] = args
      if (message instanceof IncomingMessage && response instanceof ServerResponse) {
        for (const handler of handlers) if (handler(message, response)) return true
      }
    }
    return emit(name, ...args)
  }
  // Before the routes exist, and after they close, a request would otherwise never get a response.
  server.on("request", (_, response) => {
    if (server.listenerCount("request") === 1) {
      response.writeHead(503, { "retry-after": "5", connection: "close" }).end()
    }
  })
  return {
    server,
    front: {
      install: (handler: Handler) => void handlers.add(handler),
      remove: (handler: Handler) => void handlers.delete(handler)
    }
  }
}

/**
 * Adds the routes to that server. Their shutdown first stops new connections. HTTP's own `close` would also close idle
 * connections, perhaps while a request is on its way; instead, requests on them get a 503 until the shutdown ends.
 */
export const served = <E, R>(routes: Layer.Layer<never, E, R>) =>
  Layer.scopedDiscard(
    Effect.flatMap(Node, (server) => {
      // No route is a web socket. Without a listener, Node reads an upgrade as a plain request, with its time limits; the
      // platform's listener would wait for a body that never comes.
      server.removeAllListeners("upgrade")
      return Effect.addFinalizer(() => Effect.sync(() => NetServer.prototype.close.call(server)))
    })
  ).pipe(Layer.provideMerge(routes))
