/** Node's server with time limits, and an end that closes its sockets. */
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import * as HttpServer from "@effect/platform/HttpServer"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { createServer, type Server } from "node:http"
import { Server as NetServer } from "node:net"

class Node extends Context.Tag("@effect-postmark/http-server/internal/nodeServer")<Node, Server>() {}

/** A listening server. Slow senders are cut off: 10 seconds for the headers, 30 for the whole request. */
export const layer = (options: { readonly port: number; readonly host: string }) =>
  Layer.scoped(HttpServer.HttpServer, Effect.flatMap(Node, (server) => NodeHttpServer.make(() => server, options)))
    .pipe(
      Layer.provideMerge(Layer.scoped(
        Node,
        Effect.acquireRelease(
          Effect.sync(() => {
            const server = createServer({
              headersTimeout: 10_000,
              requestTimeout: 30_000,
              connectionsCheckingInterval: 5_000
            })
            // Between listening and the routes, and after them, a request would wait for an answer that never comes.
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
 * The routes on that server; their end begins with taking no more connections. HTTP's own `close` would also cut the
 * idle ones, perhaps under a request that is on its way: until the end they are answered with 503.
 */
export const served = <E, R>(routes: Layer.Layer<never, E, R>) =>
  Layer.scopedDiscard(
    Effect.flatMap(Node, (server) => {
      // Nothing here is a web socket: without a listener Node reads an upgrade as the plain request that it is, with its
      // time limits, where the platform's listener would wait for a body that never comes.
      server.removeAllListeners("upgrade")
      return Effect.addFinalizer(() => Effect.sync(() => NetServer.prototype.close.call(server)))
    })
  ).pipe(Layer.provideMerge(routes))
