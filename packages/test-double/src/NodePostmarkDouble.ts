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
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import { createServer, type ServerResponse } from "node:http"
import * as Exchange from "./Exchange.ts"
import * as controlRoutes from "./internal/controlRoutes.ts"
import * as pageRoutes from "./internal/pageRoutes.ts"
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
 * Serves a double until the scope closes. A reset fault destroys the socket; `/_double/…` is the control API, and `/` is
 * a page that shows the captured messages.
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
    // The files lie in the same place, seen from the sources, from what was built, and from one bundled file.
    const page = yield* pageRoutes.make(double, new URL("../page/", import.meta.url))
    const server = yield* NodeHttpServer.make(createServer, { port: options.port, host })
    yield* server.serve(Effect.gen(function*() {
      const request = yield* HttpServerRequest.HttpServerRequest
      // The host is of no interest; a URL needs one.
      const head = Exchange.head(
        request.method,
        new URL(request.url, "http://double.invalid"),
        Object.entries(request.headers)
      )
      const shown = page(head, NodeHttpServerRequest.toServerResponse(request))
      const reply = yield* Option.isSome(shown)
        ? Effect.map(shown.value, (answer): Exchange.Reply => ({ kind: "answer", answer }))
        : controlRoutes.isControl(head)
        ? request.text.pipe(
          Effect.flatMap((body) => controlRoutes.handle(double, head, body)),
          Effect.map((answer): Exchange.Reply => ({ kind: "answer", answer }))
        )
        : double.handle(head, request.text)
      const { socket } = NodeHttpServerRequest.toIncomingMessage(request)
      if (reply.kind !== "answer") {
        if (reply.kind === "reset") socket.resetAndDestroy()
        else socket.end()
        return HttpServerResponse.empty()
      }
      if (reply.cut !== undefined) {
        return yield* writeCut(NodeHttpServerRequest.toServerResponse(request), reply.answer, reply.cut)
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
 * Writes the beginning of an answer under the length of the whole, and ends the connection once it is on its way. The
 * server interrupts its handler when the connection is gone, so there is nothing to go on with.
 */
const writeCut = (response: ServerResponse, { body, headers, status }: Exchange.Answer, cut: Exchange.Cut) =>
  Effect.async<never>(() => {
    const { socket } = response
    response.writeHead(status, { ...headers, "content-length": String(new TextEncoder().encode(body).length) })
    response.write(body.slice(0, cut.length), () => {
      if (cut.end === "reset") socket?.resetAndDestroy()
      else socket?.end()
    })
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
