/** A server that stops waits for nobody who has nothing to wait for. */
import * as NodePostmarkDouble from "@effect-postmark/test-double/NodePostmarkDouble"
import * as PostmarkDouble from "@effect-postmark/test-double/PostmarkDouble"
import { assert, it } from "@effect/vitest"
import { Context, Effect, Exit, Layer, Scope } from "effect"
import { connect } from "node:net"

const served = Layer.provideMerge(NodePostmarkDouble.layerServer({ port: 0 }), PostmarkDouble.layer())

const stops = (text: string) =>
  Effect.gen(function*() {
    const scope = yield* Scope.make()
    const context = yield* Layer.buildWithScope(served, scope)
    const { port } = Context.get(context, NodePostmarkDouble.NodePostmarkDouble)
    // Once the first request is answered, the server has read what comes after it as well.
    const socket = yield* Effect.async<ReturnType<typeof connect>>((resume) => {
      const socket = connect(port, "127.0.0.1", () =>
        socket.write(`GET /none HTTP/1.1\r\nHost: localhost\r\n\r\n${text}`))
      socket.once("data", () =>
        resume(Effect.succeed(socket)))
      socket.on("error", () =>
        undefined)
    })
    const ended = Effect.async<void>((resume) => {
      socket.once("close", () => resume(Effect.void))
      socket.resume()
    })
    // A connection over which nothing has come at all.
    yield* Effect.async<void>((resume) => {
      const silent = connect(port, "127.0.0.1", () => resume(Effect.void))
      silent.on("error", () => undefined)
      silent.resume()
    })
    yield* Effect.all([Scope.close(scope, Exit.void), ended], { concurrency: "unbounded" })
    assert.isTrue(socket.destroyed)
  })

const cases: ReadonlyArray<readonly [what: string, text: string]> = [
  ["nothing", ""],
  ["half a head", "GET / HT"],
  ["half a body", "POST /email HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n{\"From"]
]

for (const [what, text] of cases) {
  it.live(`stops though a client has sent ${what}`, () => stops(text), 4_500)
}
