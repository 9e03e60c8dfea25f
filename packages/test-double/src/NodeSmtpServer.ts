/**
 * SMTP on a port of this machine, for Node: a message that arrives there ends as one that is sent by REST.
 *
 * @since 0.1.0
 */
import * as HttpServerError from "@effect/platform/HttpServerError"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Runtime from "effect/Runtime"
import type * as Scope from "effect/Scope"
import { isAddress } from "./internal/rules/addresses.ts"
import { makeListener, start, stop } from "./internal/smtp/listener.ts"
import { PostmarkDouble } from "./PostmarkDouble.ts"

/**
 * Where to listen, and which limits apply. Port 0 takes any free port.
 *
 * - `host`: `127.0.0.1` if left out
 * - `maxBytes`: the largest message, as `SIZE` announces it; 10 MB
 * - `idleTimeout`: milliseconds after which a silent connection is closed; 60000
 *
 * @since 0.1.0
 * @category models
 */
export interface Options {
  readonly port: number
  readonly host?: string
  readonly maxBytes?: number
  readonly idleTimeout?: number
}

/**
 * Where the SMTP server really listens.
 *
 * @since 0.1.0
 * @category models
 */
export class NodeSmtpServer extends Context.Tag("@effect-postmark/test-double/NodeSmtpServer")<NodeSmtpServer, {
  readonly host: string
  readonly port: number
}>() {}

/**
 * Serves a double by SMTP until the scope closes, which waits up to two seconds for messages under way. There is no
 * `STARTTLS`: a login goes in plain text. A message has up to 50 recipients. A port that is taken is a `ServeError`.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (
  options: Options
): Effect.Effect<NodeSmtpServer["Type"], HttpServerError.ServeError, PostmarkDouble | Scope.Scope> =>
  Effect.gen(function*() {
    const { smtp } = yield* PostmarkDouble
    const host = options.host ?? "127.0.0.1"
    const run = Runtime.runPromise(yield* Effect.runtime<never>())
    // Loaded here, and not with the module: most doubles have no SMTP server.
    const { SMTPServer } = yield* Effect.promise(() => import("smtp-server"))
    const listener = makeListener(SMTPServer, smtp, run, isAddress, {
      maxBytes: options.maxBytes ?? 10 * 1024 * 1024,
      idleTimeout: options.idleTimeout ?? 60_000
    })
    yield* Effect.acquireRelease(
      Effect.mapError(start(listener, options.port, host), (cause) => new HttpServerError.ServeError({ cause })),
      () => stop(listener)
    )
    const address = listener.server.server.address()
    return { host, port: typeof address === "object" && address !== null ? address.port : options.port }
  })

/**
 * Serves the double below it by SMTP.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (
  options: Options
): Layer.Layer<NodeSmtpServer, HttpServerError.ServeError, PostmarkDouble> =>
  Layer.scoped(NodeSmtpServer, make(options))
