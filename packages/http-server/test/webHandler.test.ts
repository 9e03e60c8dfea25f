import * as NodeRelayClient from "@effect-postmark/automation/NodeRelayClient"
import * as Action from "@effect-postmark/core/Action"
import * as Digest from "@effect-postmark/core/Digest"
import * as Vault from "@effect-postmark/core/Vault"
import * as ApiKeys from "@effect-postmark/http-server/ApiKeys"
import * as Server from "@effect-postmark/http-server/Server"
import * as ServerServices from "@effect-postmark/http-server/ServerServices"
import * as ServerStores from "@effect-postmark/http-server/ServerStores"
import * as PostmarkDouble from "@effect-postmark/test-double/PostmarkDouble"
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Layer, Redacted, Schema } from "effect"
import { delivery } from "./support/webhooks.ts"

const apiKey = "an-admin-key-from-outside"

const Slow = Action.make("acme/slow", {
  title: "Wait",
  description: "Waits until the test goes on",
  readOnly: true,
  idempotent: true,
  payload: Schema.Struct({}),
  success: Schema.Struct({ done: Schema.Boolean }),
  error: Schema.Never
})

const serve = (onSlow: Effect.Effect<{ readonly done: boolean }> = Effect.succeed({ done: true })) => {
  const closed: Array<string> = []
  const services = Layer.tap(
    ServerServices.layer({ actions: [Action.handle(Slow, () => onSlow)] }),
    (context) =>
      Effect.flatMap(ApiKeys.ApiKeys, ({ adopt }) => adopt({ name: "test", key: Redacted.make(apiKey) })).pipe(
        Effect.provide(context),
        Effect.orDie
      )
  ).pipe(
    Layer.provide([Vault.layerEphemeral, Digest.layer, NodeRelayClient.layer()]),
    Layer.provide(Layer.provide(PostmarkDouble.layerHttpClient, PostmarkDouble.layer())),
    Layer.provideMerge(Layer.merge(
      ServerStores.layerMemory,
      Layer.scopedDiscard(Effect.addFinalizer(() => Effect.sync(() => closed.push("services"))))
    ))
  )
  return Effect.acquireRelease(
    Effect.sync(() => ({
      ...Server.toWebHandler(services, { publicUrl: "https://hooks.example.com", maxWebhookBytes: 100_000 }),
      closed
    })),
    ({ dispose }) => Effect.promise(dispose)
  ).pipe(Effect.map((web) => ({
    ...web,
    call: (method: string, path: string, body?: unknown, authorization = `Bearer ${apiKey}`) =>
      Effect.promise(async () => {
        const response = await web.handler(
          new Request(`https://app.example.com${path}`, {
            method,
            headers: { authorization },
            ...(body === undefined ? {} : { body: JSON.stringify(body) })
          })
        )
        const text = await response.text()
        return { status: response.status, headers: response.headers, text }
      })
  })))
}

const idOf = (text: string): string => JSON.parse(text).id

describe("the web handler", () => {
  it.scopedLive("has the same routes, limits and problems as the server", () =>
    Effect.gen(function*() {
      const { call } = yield* serve()
      const connected = yield* call("POST", "/v1/connections", {
        name: "Demo",
        serverToken: PostmarkDouble.demoServerToken
      })
      assert.strictEqual(connected.status, 201)
      const id = idOf(connected.text)
      yield* call("POST", `/v1/connections/${id}/triggers`, {
        trigger: "postmark/email-delivered",
        secret: "Bearer web"
      })
      const stored = yield* call("POST", `/v1/webhooks/${id}`, delivery("reader@example.org"), "Bearer web")
      assert.deepStrictEqual([stored.status, stored.text], [200, "{\"result\":\"stored\"}"])
      assert.strictEqual((yield* call("POST", `/v1/webhooks/${id}`, {}, "Bearer wrong")).status, 401)
      const events = yield* call("GET", "/v1/events?limit=1")
      assert.include(events.text, "reader@example.org")
      assert.isNotNull(events.headers.get("x-request-id"))
      const large = yield* call("POST", `/v1/webhooks/${id}`, "x".repeat(200_000), "Bearer web")
      assert.strictEqual(large.status, 413)
      assert.strictEqual((yield* call("GET", "/nowhere")).status, 404)
      assert.strictEqual((yield* call("GET", "/openapi.json")).status, 200)
      assert.strictEqual((yield* call("GET", "/metrics")).status, 401)
    }))

  it.scopedLive("finishes what is in flight when it is disposed of, and then closes the services", () =>
    Effect.gen(function*() {
      const [begun, go] = [yield* Deferred.make<void>(), yield* Deferred.make<void>()]
      const slow = Deferred.succeed(begun, undefined).pipe(
        Effect.zipRight(Deferred.await(go)),
        Effect.as({ done: true })
      )
      const { call, closed, dispose } = yield* serve(slow)
      const id = idOf(
        (yield* call("POST", "/v1/connections", { name: "Demo", serverToken: PostmarkDouble.demoServerToken })).text
      )
      const running = yield* Effect.fork(call("POST", `/v1/connections/${id}/actions/slow`, {}))
      yield* Deferred.await(begun)
      const disposed = yield* Effect.fork(Effect.promise(dispose))
      yield* Effect.yieldNow()
      const refused = yield* call("GET", "/v1/connections")
      assert.deepStrictEqual([refused.status, JSON.parse(refused.text).code], [503, "shutting_down"])
      assert.deepStrictEqual(closed, [])
      yield* Deferred.succeed(go, undefined)
      assert.strictEqual((yield* running).status, 200)
      yield* disposed
      assert.deepStrictEqual(closed, ["services"])
      assert.strictEqual((yield* call("GET", "/healthz")).status, 503)
    }))

  it.live("answers a failed start with its error", () =>
    Effect.gen(function*() {
      const broken = Layer.fail("no database")
      const { handler, dispose } = Server.toWebHandler(
        Layer.provideMerge(Layer.die("never built"), broken)
      )
      const error = yield* Effect.flip(Effect.tryPromise(() => handler(new Request("http://localhost/healthz"))))
      assert.include(String(error.error), "no database")
      yield* Effect.promise(dispose)
    }))
})
