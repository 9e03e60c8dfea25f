/** In a file of its own, because only the first request of a process loads the control API. */
import * as NodePostmarkDouble from "@effect-postmark/test-double/NodePostmarkDouble"
import * as PostmarkDouble from "@effect-postmark/test-double/PostmarkDouble"
import { assert, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { connect } from "node:net"
import { ask } from "./raw.ts"

it.scopedLive("serves the control API even if the client that loads it goes away", () =>
  Effect.gen(function*() {
    const { port } = yield* NodePostmarkDouble.NodePostmarkDouble
    yield* Effect.async<void>((resume) => {
      const socket = connect(port, "127.0.0.1", () => {
        socket.write("GET /_double/messages HTTP/1.1\r\nHost: localhost\r\n\r\n", () => {
          socket.resetAndDestroy()
          resume(Effect.void)
        })
      })
    })
    assert.strictEqual((yield* ask("/_double/messages")).status, 200)
  }).pipe(Effect.provide(Layer.provideMerge(NodePostmarkDouble.layerServer({ port: 0 }), PostmarkDouble.layer()))))
