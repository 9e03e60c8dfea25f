/** Node's server with time limits; it closes its sockets when the scope closes. */
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import * as HttpServer from "@effect/platform/HttpServer"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { createServer, type Server } from "node:http"
import { Server as NetServer } from "node:net"

class Node extends Context.Tag("@effect-postmark/http-server/internal/nodeServer")<Node, Server>() {}

/**
 * A listening server. Clients have 10 seconds to send the headers. Whoever reads a body limits its time; the limit here is
 * of the longest body, and of one that nobody reads.
 */
export const layer = (options: { readonly port: number; readonly host: string }) =>
  Layer.scoped(HttpServer.HttpServer, Effect.flatMap(Node, (server) => NodeHttpServer.make(() => server, options)))
    .pipe(
      Layer.provideMerge(Layer.scoped(
        Node,
        Effect.acquireRelease(
          Effect.sync(() => {
            const server = createServer({
              headersTimeout: 10_000,
              requestTimeout: 15 * 60_000,
              connectionsCheckingInterval: 5_000
            })
            // Before the routes exist, and after they close, a request would otherwise never get a response.
            return server.on("request", (_, response) => {
              if (server.listenerCount("request") === 1) {
                response.writeHead(503, { "retry-after": "5", connection: "close" }).end()
              }
            })
          }),
          (server) => Effect.sync(() => server.closeAllConnections())
        )
      ))
    )

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
