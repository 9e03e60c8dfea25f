/**
 * A Node SMTP server for the double. It handles a message as if it were sent by REST.
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
 * The address to listen on, and the limits. Port 0 picks a free port.
 *
 * - `host`: default `127.0.0.1`
 * - `maxBytes`: bytes of the largest message, as `SIZE` announces it; default 10 MB
 * - `idleTimeout`: milliseconds after which an idle connection is closed; default 60000
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
 * The address of the SMTP server, with the port it listens on.
 *
 * @since 0.1.0
 * @category models
 */
export class NodeSmtpServer extends Context.Tag("@effect-postmark/test-double/NodeSmtpServer")<NodeSmtpServer, {
  readonly host: string
  readonly port: number
}>() {}

/**
 * Serves a double by SMTP until the scope closes, which waits up to 2 seconds for messages in progress.
 *
 * A message can have up to 50 recipients. There is no `STARTTLS`, so logins are in plain text. Fails with a `ServeError` if
 * the port is taken.
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
    // Loaded here because most doubles have no SMTP server.
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
 * Provides an SMTP server for the double.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (
  options: Options
): Layer.Layer<NodeSmtpServer, HttpServerError.ServeError, PostmarkDouble> =>
  Layer.scoped(NodeSmtpServer, make(options))
