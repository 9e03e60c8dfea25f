import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Fiber, Option } from "effect"
import { connect } from "node:net"
import { freePort, run } from "./support/child.ts"
import { caller, email, idOf, startDouble, temporaryDirectory, tokens } from "./support/harness.ts"

const apiKey = "an-admin-key-from-outside"

describe("a shutdown", () => {
  it.scopedLive("finishes requests in flight, rejects new ones, and exits with 0", () =>
    Effect.gen(function*() {
      const port = yield* freePort
      const double = yield* startDouble()
      const child = yield* run("bin/effect-postmark-server.mjs", {
        EFFECT_POSTMARK_PORT: String(port),
        EFFECT_POSTMARK_DATA_DIR: yield* temporaryDirectory,
        EFFECT_POSTMARK_POSTMARK_API_URL: double.url,
        EFFECT_POSTMARK_API_KEY: apiKey
      })
      yield* child.says("listens on")
      const url = `http://127.0.0.1:${port}`
      const call = caller(url, apiKey)
      const id = idOf((yield* call("POST", "/v1/connections", { body: { name: "a", serverToken: tokens.acme } })).json)
      const kept = yield* keptConnection(port)
      assert.match(yield* kept.get("/readyz"), /^HTTP\/1\.1 200/)

      yield* double.control.injectFault({ path: "/email", fault: { kind: "latency", millis: 1500 } })
      const sending = yield* Effect.fork(call("POST", `/v1/connections/${id}/actions/send-email`, { body: email }))
      yield* double.control.waitFor(({ requests }) => requests.length > 0)
      yield* Effect.sleep("300 millis")
      child.process.kill("SIGTERM")
      yield* Effect.sleep("300 millis")

      const readiness = yield* kept.get("/readyz")
      assert.match(readiness, /^HTTP\/1\.1 503/)
      assert.include(readiness, "{\"name\":\"shutdown\",\"status\":\"failed\"")
      const refused = yield* kept.get("/v1/connections")
      assert.match(refused, /^HTTP\/1\.1 503/)
      assert.match(refused, /^retry-after: 30/im)
      assert.match(refused, /^connection: close/im)
      const fresh = yield* Effect.option(Effect.tryPromise(() => fetch(`${url}/healthz`)))
      assert.isTrue(Option.isNone(fresh))

      assert.strictEqual((yield* Fiber.join(sending)).status, 200)
      assert.deepStrictEqual(yield* child.exit, { code: 0, signal: null })
      assert.strictEqual((yield* double.control.sent).length, 1)
    }), 60_000)
})

/** A connection that stays open between requests. */
const keptConnection = (port: number) =>
  Effect.acquireRelease(
    Effect.sync(() => connect(port, "127.0.0.1")),
    (socket) => Effect.sync(() => socket.destroy())
  ).pipe(Effect.map((socket) => {
    socket.on("error", () => {})
    return {
      get: (path: string) =>
        Effect.gen(function*() {
          const response = yield* Deferred.make<string>()
          socket.once("data", (data: Buffer) => Deferred.unsafeDone(response, Effect.succeed(data.toString("utf8"))))
          socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${apiKey}\r\n\r\n`)
          return yield* Deferred.await(response)
        })
    }
  }))
