/** An `HttpServer` without a socket: its requests are handed to it. */
import * as HttpApp from "@effect/platform/HttpApp"
import * as HttpServer from "@effect/platform/HttpServer"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as ManagedRuntime from "effect/ManagedRuntime"

export interface WebHandler {
  readonly handler: (request: Request) => Promise<Response>
  readonly dispose: () => Promise<void>
}

type Handle = WebHandler["handler"]

/** What handles requests at the moment: nothing after the shutdown. */
class Current extends Context.Tag("@effect-postmark/http-server/internal/webHandler/Current")<Current, {
  handle: Handle
}>() {}

/** `routes` is built with the first request, or rebuilt with the next one if that failed. */
export const make = <E>(routes: Layer.Layer<never, E, HttpServer.HttpServer>): WebHandler => {
  const runtime = ManagedRuntime.make(Layer.provideMerge(routes, server))
  let current: Promise<{ readonly handle: Handle }> | undefined
  return {
    handler: async (request) => {
      current ??= runtime.runPromise(Current).catch((error: unknown) => {
        current = undefined
        throw error
      })
      return (await current).handle(request)
    },
    dispose: () => runtime.dispose()
  }
}

const server = Layer.effectContext(Effect.sync(() => {
  const current: { handle: Handle } = { handle: closed }
  return Context.make(Current, current).pipe(
    Context.add(
      HttpServer.HttpServer,
      HttpServer.make({
        address: { _tag: "TcpAddress", hostname: "localhost", port: 0 },
        serve: (app, middleware) =>
          Effect.flatMap(Effect.runtime(), (runtime) =>
            Effect.acquireRelease(
              Effect.sync(() => {
                current.handle = HttpApp.toWebHandlerRuntime(runtime)(app, middleware)
              }),
              () =>
                Effect.sync(() => {
                  current.handle = closed
                })
            ))
      })
    )
  )
}))

const closed: Handle = () =>
  Promise.resolve(new Response(null, { status: 503, headers: { "retry-after": "30", connection: "close" } }))
