/**
 * A Node server that serves the double on a port.
 *
 * @since 0.1.0
 */
import type * as HttpServerError from "@effect/platform/HttpServerError"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Scope from "effect/Scope"
import type { Answer, Head } from "./Exchange.ts"
import { refuseForeign } from "./internal/http/browserGuard.ts"
import { readHead, readText, writeReply } from "./internal/http/nodeExchange.ts"
import { listen } from "./internal/http/nodeServer.ts"
import * as pageRoutes from "./internal/page/pageRoutes.ts"
import * as NodeSmtpServer from "./NodeSmtpServer.ts"
import { PostmarkDouble } from "./PostmarkDouble.ts"

/**
 * The address to listen on. Port 0 picks a free port; the host defaults to `127.0.0.1`. `smtp` adds an SMTP server on its
 * own port.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options {
  readonly port: number
  readonly host?: string
  readonly smtp?: NodeSmtpServer.Options
}

/**
 * The address of the double's server, with the port it listens on.
 *
 * @since 0.1.0
 * @category models
 */
export class NodePostmarkDouble
  extends Context.Tag("@effect-postmark/test-double/NodePostmarkDouble")<NodePostmarkDouble, {
    readonly url: string
    readonly host: string
    readonly port: number
    /** The address of the SMTP server, or undefined without one. */
    readonly smtp: NodeSmtpServer.NodeSmtpServer["Type"] | undefined
  }>()
{}

/**
 * Serves a double until the scope closes. A reset fault destroys the socket.
 *
 * `/_double/…` is the control API, and `/` is a page that shows the captured messages. Both reject requests from pages of
 * other origins and, on a loopback address, requests for other host names.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (
  options: Options
): Effect.Effect<NodePostmarkDouble["Type"], HttpServerError.ServeError, PostmarkDouble | Scope.Scope> =>
  Effect.gen(function*() {
    const double = yield* PostmarkDouble
    const scope = yield* Effect.scope
    const host = options.host ?? "127.0.0.1"
    const page = yield* pageRoutes.make(double)
    // Loaded by the first request that needs it, because it takes longer to load than everything else. It has its own
    // fiber, so that a client that disconnects meanwhile does not interrupt it for all others.
    const load = Effect.promise(() => import("./internal/control/controlServer.ts")).pipe(
      Effect.flatMap(({ make }) => Scope.extend(make(double), scope)),
      Effect.forkIn(scope)
    )
    const control = Effect.flatMap(yield* Effect.cached(load), Fiber.join)
    // The address behind the host name, once the server listens.
    let address = host
    const place = yield* listen({ port: options.port, host }, (request, response) =>
      Effect.suspend(() => {
        const answer = (answer: Answer) => writeReply(request, response, { kind: "answer", answer })
        const head = readHead(request)
        if (head === undefined) return answer(badRequest)
        const own = head.path === "/_double" || head.path.startsWith("/_double/")
        const refusal = own || isPage(head) ? refuseForeign(address, head) : undefined
        if (refusal !== undefined) return answer(refusal)
        const shown = page(head, response)
        if (Option.isSome(shown)) return Effect.flatMap(shown.value, answer)
        if (own) {
          return Effect.zipWith(control, Effect.orDie(readText(request)), (handle, text) => handle(head, text)).pipe(
            Effect.flatten,
            Effect.flatMap(answer)
          )
        }
        return Effect.flatMap(
          double.handle(head, readText(request)),
          (reply) => writeReply(request, response, reply)
        )
      }))
    const { port } = place
    address = place.host
    const smtp = options.smtp === undefined ? undefined : yield* NodeSmtpServer.make({ host, ...options.smtp })
    return { url: `http://${host.includes(":") ? `[${host}]` : host}:${port}`, host, port, smtp }
  })

const isPage = ({ method, path }: Head): boolean => path === "/" && (method === "GET" || method === "HEAD")

const badRequest: Answer = { status: 400, headers: {}, body: "" }

/**
 * Provides a server for the double.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerServer = (
  options: Options
): Layer.Layer<NodePostmarkDouble, HttpServerError.ServeError, PostmarkDouble> =>
  Layer.scoped(NodePostmarkDouble, make(options))
