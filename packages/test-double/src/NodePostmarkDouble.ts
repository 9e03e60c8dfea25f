/**
 * The double on a port of this machine, for Node.
 *
 * @since 0.1.0
 */
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import * as NodeHttpServerRequest from "@effect/platform-node/NodeHttpServerRequest"
import type * as HttpServerError from "@effect/platform/HttpServerError"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import { createServer } from "node:http"
import * as Exchange from "./Exchange.ts"
import * as controlRoutes from "./internal/controlRoutes.ts"
import { PostmarkDouble } from "./PostmarkDouble.ts"

/**
 * Where to listen. Port 0 takes any free port; the host is `127.0.0.1` if left out.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options {
  readonly port: number
  readonly host?: string
}

/**
 * Where the double's server really listens.
 *
 * @since 0.1.0
 * @category models
 */
export class NodePostmarkDouble
  extends Context.Tag("@effect-postmark/test-double/NodePostmarkDouble")<NodePostmarkDouble, {
    readonly url: string
    readonly host: string
    readonly port: number
  }>()
{}

/**
 * Serves a double until the scope closes. A reset fault destroys the socket; `/_double/…` is the control API.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (
  options: Options
): Effect.Effect<NodePostmarkDouble["Type"], HttpServerError.ServeError, PostmarkDouble | Scope.Scope> =>
  Effect.gen(function*() {
    const double = yield* PostmarkDouble
    const host = options.host ?? "127.0.0.1"
    const server = yield* NodeHttpServer.make(createServer, { port: options.port, host })
    yield* server.serve(Effect.gen(function*() {
      const request = yield* HttpServerRequest.HttpServerRequest
      // The host is of no interest; a URL needs one.
      const head = Exchange.head(
        request.method,
        new URL(request.url, "http://double.invalid"),
        Object.entries(request.headers)
      )
      const reply = yield* controlRoutes.isControl(head)
        ? request.text.pipe(
          Effect.flatMap((body) => controlRoutes.handle(double, head, body)),
          Effect.map((answer): Exchange.Reply => ({ kind: "answer", answer }))
        )
        : double.handle(head, request.text)
      if (reply.kind === "reset") {
        NodeHttpServerRequest.toIncomingMessage(request).socket.resetAndDestroy()
        return HttpServerResponse.empty()
      }
      const { body, headers, status } = reply.answer
      // These statuses must not have a body; a length without one would keep the client waiting.
      const bytes = new TextEncoder().encode(status === 204 || status === 205 || status === 304 ? "" : body)
      return HttpServerResponse.raw(bytes, { status, headers: { ...headers, "content-length": String(bytes.length) } })
    }))
    const port = server.address._tag === "TcpAddress" ? server.address.port : options.port
    return { url: `http://${host.includes(":") ? `[${host}]` : host}:${port}`, host, port }
  })

/**
 * Serves the double that stands below it.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerServer = (
  options: Options
): Layer.Layer<NodePostmarkDouble, HttpServerError.ServeError, PostmarkDouble> =>
  Layer.scoped(NodePostmarkDouble, make(options))
