import * as NodePostmarkDouble from "@effect-postmark/test-double/NodePostmarkDouble"
import * as PostmarkDouble from "@effect-postmark/test-double/PostmarkDouble"
import { assert, it } from "@effect/vitest"
import { Deferred, Effect, Exit, Fiber, Layer, Logger, Scope } from "effect"
import { Agent } from "node:http"
import { connect } from "node:net"
import { gunzipSync } from "node:zlib"
import { mail } from "./kit.ts"
import { ask } from "./raw.ts"

const served = (options: { readonly host?: string } = {}) =>
  Layer.provideMerge(NodePostmarkDouble.layerServer({ port: 0, ...options }), PostmarkDouble.layer())

/** A server whose double answers in a way of the test's own. */
const servedBy = (
  handle: Effect.Effect<Effect.Effect.Success<ReturnType<PostmarkDouble.PostmarkDouble["Type"]["handle"]>>>
) =>
  Layer.provideMerge(
    NodePostmarkDouble.layerServer({ port: 0 }),
    Layer.scoped(
      PostmarkDouble.PostmarkDouble,
      Effect.map(PostmarkDouble.make(), (double) => ({ ...double, handle: () => handle }))
    )
  )

const accepts = (encoding: string) => ({ headers: { "accept-encoding": encoding } })

const history = "/messages/outbound?count=50&offset=0"

const sendSome = Effect.repeatN(ask("/email", { method: "POST", body: mail }), 9)

it.scopedLive("compresses for a client that takes it, and says how long that is", () =>
  Effect.gen(function*() {
    yield* sendSome
    const plain = yield* ask(history)
    assert.isAbove(plain.bytes.length, 1024)
    assert.isUndefined(plain.headers["content-encoding"])
    for (const wanted of ["gzip", "deflate, GZIP;q=0.5, br", "gzip;q=0.001"]) {
      const packed = yield* ask(history, accepts(wanted))
      assert.strictEqual(packed.headers["content-encoding"], "gzip", wanted)
      assert.strictEqual(packed.headers.vary, "Accept-Encoding")
      assert.strictEqual(Number(packed.headers["content-length"]), packed.bytes.length)
      assert.isBelow(packed.bytes.length, plain.bytes.length)
      assert.strictEqual(gunzipSync(packed.bytes).toString(), plain.bytes.toString())
    }
  }).pipe(Effect.provide(served())))

it.scopedLive("sends as it is what nobody wants compressed, and says that it may depend", () =>
  Effect.gen(function*() {
    yield* sendSome
    for (const wanted of ["identity", "gzip;q=0", "br", "", "gzip;q=0.1, identity"]) {
      const answer = yield* ask(history, accepts(wanted))
      assert.isUndefined(answer.headers["content-encoding"], wanted)
      assert.strictEqual(answer.headers.vary, "Accept-Encoding")
      assert.strictEqual(Number(answer.headers["content-length"]), answer.bytes.length)
      assert.deepPropertyVal(JSON.parse(answer.bytes.toString()), "TotalCount", 10)
    }
    const tiny = yield* ask("/email", { method: "POST", body: mail, ...accepts("gzip") })
    assert.isUndefined(tiny.headers["content-encoding"])
    assert.isUndefined(tiny.headers.vary)
  }).pipe(Effect.provide(served())))

it.scopedLive("does not compress what a fault has cut", () =>
  Effect.gen(function*() {
    yield* sendSome
    const double = yield* PostmarkDouble.PostmarkDouble
    const whole = yield* ask(history)
    yield* double.injectFault({ first: 1, fault: { kind: "truncate", length: 1500 } })
    const truncated = yield* ask(history, accepts("gzip"))
    assert.isUndefined(truncated.headers["content-encoding"])
    assert.strictEqual(truncated.bytes.toString(), whole.bytes.subarray(0, 1500).toString())
    assert.isTrue(truncated.complete)
    yield* double.clearFaults
    yield* double.injectFault({ first: 1, fault: { kind: "cutShort", length: 1500 } })
    const cut = yield* ask(history, accepts("gzip"))
    assert.isUndefined(cut.headers["content-encoding"])
    assert.strictEqual(Number(cut.headers["content-length"]), whole.bytes.length)
    assert.strictEqual(cut.bytes.length, 1500)
    assert.isFalse(cut.complete)
    yield* double.clearFaults
    yield* double.injectFault({
      fault: { kind: "status", status: 500, body: "x".repeat(2000), headers: { "Content-Encoding": "gzip" } }
    })
    assert.strictEqual((yield* ask(history, accepts("gzip"))).bytes.toString(), "x".repeat(2000))
  }).pipe(Effect.provide(served())))

it.scopedLive("lets no other host name and no foreign page direct it", () =>
  Effect.gen(function*() {
    const { port } = yield* NodePostmarkDouble.NodePostmarkDouble
    const cases: ReadonlyArray<readonly [headers: { readonly [name: string]: string }, status: number]> = [
      [{ host: `127.0.0.1:${port}` }, 200],
      [{ host: `LOCALHOST:${port}` }, 200],
      [{ host: "localhost" }, 200],
      [{ host: `127.8.9.10:${port}` }, 200],
      [{ host: `[::1]:${port}` }, 200],
      [{ host: `localhost:${port}`, origin: `http://localhost:${port}` }, 200],
      [{ host: `rebound.example:${port}` }, 403],
      [{ host: "127.0.0.1.rebound.example" }, 403],
      [{ host: "localhost.rebound.example" }, 403],
      [{ host: "rebound.example:127.0.0.1" }, 403],
      [{ origin: "http://page.example" }, 403],
      [{ origin: `https://127.0.0.1:${port}` }, 403],
      [{ origin: "http://127.0.0.1:1" }, 403],
      [{ origin: "null" }, 403]
    ]
    for (const [headers, status] of cases) {
      for (const path of ["/_double", "/_double/messages", "/_double/openapi.json"]) {
        const answer = yield* ask(path, { headers })
        assert.strictEqual(answer.status, path === "/_double" && status === 200 ? 404 : status, JSON.stringify(headers))
        if (status === 403) assert.match(answer.bytes.toString(), /"message":".*(Host|Origin) header/)
      }
      assert.strictEqual((yield* ask("/server", { headers })).status, 200, JSON.stringify(headers))
    }
    yield* ask("/email", { method: "POST", body: mail })
    const foreign = { method: "POST", body: {}, headers: { origin: "http://page.example" } }
    assert.strictEqual((yield* ask("/_double/reset", foreign)).status, 403)
    assert.strictEqual((yield* (yield* PostmarkDouble.PostmarkDouble).sent).length, 1)
  }).pipe(Effect.provide(served())))

it.scopedLive.each(["127.1", "::ffff:127.0.0.1"])(
  "knows a loopback address by any spelling: %s",
  (host) =>
    Effect.gen(function*() {
      assert.strictEqual((yield* ask("/_double/messages", { headers: { host: "rebound.example" } })).status, 403)
      assert.strictEqual((yield* ask("/_double/messages", { headers: { host: "127.0.0.1" } })).status, 200)
    }).pipe(Effect.provide(served({ host })))
)

it.scopedLive("asks no host name of those who reach it from other machines, but their origin", () =>
  Effect.gen(function*() {
    assert.strictEqual((yield* ask("/_double/messages", { headers: { host: "build.example:4010" } })).status, 200)
    const foreign = { host: "build.example", origin: "http://page.example" }
    assert.strictEqual((yield* ask("/_double/messages", { headers: foreign })).status, 403)
  }).pipe(Effect.provide(served({ host: "0.0.0.0" }))))

it.scopedLive("stops working for a client that has gone", () =>
  Effect.gen(function*() {
    const begun = yield* Deferred.make<void>()
    const interrupted = yield* Deferred.make<void>()
    const handle = Effect.zipRight(Deferred.succeed(begun, undefined), Effect.never).pipe(
      Effect.onInterrupt(() => Deferred.succeed(interrupted, undefined))
    )
    yield* Effect.gen(function*() {
      const asking = yield* Effect.fork(ask("/server"))
      yield* Deferred.await(begun)
      yield* Fiber.interrupt(asking)
      yield* Deferred.await(interrupted)
    }).pipe(Effect.provide(servedBy(handle)))
  }))

it.scopedLive(
  "finishes what is under way when it stops, and lets go of connections that are kept",
  () =>
    Effect.gen(function*() {
      const begun = yield* Deferred.make<void>()
      const goOn = yield* Deferred.make<void>()
      const handle = Deferred.succeed(begun, undefined).pipe(
        Effect.zipRight(Deferred.await(goOn)),
        Effect.as({ kind: "answer", answer: { status: 200, headers: {}, body: "finished" } } as const)
      )
      const scope = yield* Scope.make()
      const context = yield* Layer.buildWithScope(servedBy(handle), scope)
      const agent = new Agent({ keepAlive: true })
      const asking = yield* Effect.fork(Effect.provide(ask("/server", { agent }), context))
      yield* Deferred.await(begun)
      const closing = yield* Effect.fork(Scope.close(scope, Exit.void))
      yield* Effect.yieldNow()
      yield* Deferred.succeed(goOn, undefined)
      assert.strictEqual((yield* Fiber.join(asking)).bytes.toString(), "finished")
      yield* Fiber.join(closing)
      const refused = yield* Effect.flip(Effect.provide(ask("/server"), context))
      assert.deepPropertyVal(refused, "code", "ECONNREFUSED")
    }),
  4_000
)

it.scopedLive("answers one request after another on one connection", () =>
  Effect.gen(function*() {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    for (let call = 0; call < 3; call++) {
      const answer = yield* ask("/server", { agent })
      assert.strictEqual(answer.headers.connection, "keep-alive")
    }
    assert.strictEqual(Object.values(agent.freeSockets).flat().length, 1)
    agent.destroy()
  }).pipe(Effect.provide(served())))

it.scopedLive("says 500 when it fails itself, and 400 to a target that is no path", () =>
  Effect.gen(function*() {
    assert.strictEqual((yield* ask("/server")).status, 500)
    const { port } = yield* NodePostmarkDouble.NodePostmarkDouble
    const line = yield* Effect.async<string>((resume) => {
      const socket = connect(port, "127.0.0.1", () => socket.write("GET //[ HTTP/1.1\r\nHost: localhost\r\n\r\n"))
      socket.once("data", (data) => {
        socket.destroy()
        resume(Effect.succeed(data.toString().split("\r\n")[0] ?? ""))
      })
    })
    assert.strictEqual(line, "HTTP/1.1 400 Bad Request")
  }).pipe(
    Effect.provide(Layer.provide(servedBy(Effect.die("broken")), Logger.remove(Logger.defaultLogger)))
  ))
