import * as NodeRelayClient from "@effect-postmark/automation/NodeRelayClient"
import * as RelayTargets from "@effect-postmark/automation/RelayTargets"
import * as ActionRegistry from "@effect-postmark/core/ActionRegistry"
import * as Connections from "@effect-postmark/core/Connections"
import * as ConnectionStore from "@effect-postmark/core/ConnectionStore"
import * as DeliveryStore from "@effect-postmark/core/DeliveryStore"
import * as Digest from "@effect-postmark/core/Digest"
import * as EventLog from "@effect-postmark/core/EventLog"
import { StoreUnavailable } from "@effect-postmark/core/StoreUnavailable"
import * as Subscriptions from "@effect-postmark/core/Subscriptions"
import * as SubscriptionStore from "@effect-postmark/core/SubscriptionStore"
import * as TriggerRegistry from "@effect-postmark/core/TriggerRegistry"
import * as Vault from "@effect-postmark/core/Vault"
import * as WebhookReceiver from "@effect-postmark/core/WebhookReceiver"
import { SubscriptionList } from "@effect-postmark/http-server/api/TriggersApi"
import * as ApiKeys from "@effect-postmark/http-server/ApiKeys"
import * as ApiKeyStore from "@effect-postmark/http-server/ApiKeyStore"
import * as Server from "@effect-postmark/http-server/Server"
import * as PostmarkDouble from "@effect-postmark/test-double/PostmarkDouble"
import { HttpServer } from "@effect/platform"
import { NodeHttpServer } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, Layer, Redacted, Schema } from "effect"
import { createServer } from "node:http"
import { caller, codeOf, idOf } from "./support/harness.ts"
import { delivery } from "./support/webhooks.ts"

const core = Layer.mergeAll(WebhookReceiver.layer, ApiKeys.layer, ActionRegistry.layer(), RelayTargets.layer()).pipe(
  Layer.provideMerge(Subscriptions.layer),
  Layer.provideMerge(Connections.layer()),
  Layer.provideMerge(TriggerRegistry.layer()),
  Layer.provide([Vault.layerEphemeral, Digest.layer, NodeRelayClient.layer()]),
  Layer.provide(Layer.provide(PostmarkDouble.layerHttpClient, PostmarkDouble.layer()))
)

const stores = (log: Layer.Layer<EventLog.EventLog>, keys: Layer.Layer<ApiKeyStore.ApiKeyStore>) =>
  Layer.mergeAll(
    ConnectionStore.layerMemory,
    SubscriptionStore.layerMemory,
    keys,
    Layer.provideMerge(DeliveryStore.layerMemory, log)
  )

const serve = (log: Layer.Layer<EventLog.EventLog>, keys = ApiKeyStore.layerMemory) =>
  Effect.gen(function*() {
    const context = yield* Layer.build(
      Server.layer().pipe(
        Layer.provideMerge(NodeHttpServer.layerServer(createServer, { port: 0, host: "127.0.0.1" })),
        Layer.provideMerge(core),
        Layer.provide(stores(log, keys))
      )
    )
    const { key } = yield* Context.get(context, ApiKeys.ApiKeys).create({ name: "test", connections: null })
    return caller(
      HttpServer.formatAddress(Context.get(context, HttpServer.HttpServer).address),
      Redacted.value(key)
    )
  })

const unavailable = new StoreUnavailable({ store: "events", operation: "append", reason: "disk /secret/place is full" })

const broken = Layer.effect(
  EventLog.EventLog,
  Effect.map(
    EventLog.EventLog,
    (log) => ({ ...log, append: () => Effect.fail(unavailable), read: () => Effect.fail(unavailable) })
  )
).pipe(Layer.provide(EventLog.layerMemory))

const brokenKeys = Layer.effect(
  ApiKeyStore.ApiKeyStore,
  Effect.map(ApiKeyStore.ApiKeyStore, (keys) => ({ ...keys, get: () => Effect.fail(unavailable) }))
).pipe(Layer.provide(ApiKeyStore.layerMemory))

const subscribe = (call: ReturnType<typeof caller>) =>
  Effect.gen(function*() {
    const connected = yield* call("POST", "/v1/connections", {
      body: { name: "Demo", serverToken: PostmarkDouble.demoServerToken }
    })
    const id = idOf(connected.json)
    const body = { trigger: "postmark/email-delivered", secret: "Bearer embedded" }
    const response = yield* call("POST", `/v1/connections/${id}/triggers`, { body })
    return { id, response }
  })

describe("the embedded server", () => {
  it.scopedLive("runs on memory stores and a double in process, and without a public URL gives no receiver URL", () =>
    Effect.gen(function*() {
      const call = yield* serve(EventLog.layerMemory)
      const { response, id } = yield* subscribe(call)
      assert.deepInclude(response.json, { receiverUrl: null })
      assert.include(response.text, "EFFECT_POSTMARK_PUBLIC_URL")
      const stored = yield* call("POST", `/v1/webhooks/${id}`, {
        key: "embedded",
        body: delivery("reader@example.org")
      })
      assert.strictEqual(stored.status, 200)
      assert.include((yield* call("GET", "/v1/events")).text, "reader@example.org")
      const generated = yield* call("POST", `/v1/connections/${id}/triggers`, { body: { trigger: "email-opened" } })
      assert.strictEqual(generated.status, 201)
      assert.notInclude(generated.text, "generatedSecret")
      const list = yield* call("GET", `/v1/connections/${id}/triggers`)
      assert.include(list.text, "postmark/email-opened")
      const [first] = Schema.decodeUnknownSync(SubscriptionList)(list.json).subscriptions
      assert.isDefined(first)
      assert.strictEqual((yield* call("DELETE", `/v1/connections/${id}/triggers/${first?.id}`)).status, 204)
      assert.strictEqual((yield* call("DELETE", `/v1/connections/${id}/triggers/${first?.id}`)).status, 404)
    }))

  it.scopedLive("acknowledges nothing while the store is down, and hides the store's message", () =>
    Effect.gen(function*() {
      const call = yield* serve(broken)
      const { id } = yield* subscribe(call)
      const refused = yield* call("POST", `/v1/webhooks/${id}`, {
        key: "embedded",
        body: delivery("reader@example.org")
      })
      assert.strictEqual(refused.status, 503)
      assert.strictEqual(refused.headers.get("retry-after"), "30")
      const events = yield* call("GET", "/v1/events")
      assert.deepStrictEqual([events.status, codeOf(events)], [503, "store_unavailable"])
      assert.isNotNull(events.headers.get("retry-after"))
      assert.notInclude(events.text, "secret/place")
      const notReady = yield* call("GET", "/readyz")
      assert.deepStrictEqual([notReady.status, codeOf(notReady)], [503, "not_ready"])
      assert.deepInclude(notReady.json, {
        checks: [{ name: "store", status: "failed", detail: "the store is unavailable" }]
      })
      assert.strictEqual((yield* call("GET", "/healthz")).status, 200)
    }))

  it.scopedLive("returns 503, not 401, while the API key store is down", () =>
    Effect.gen(function*() {
      const call = yield* serve(EventLog.layerMemory, brokenKeys)
      const response = yield* call("GET", "/v1/connections")
      assert.deepStrictEqual([response.status, codeOf(response)], [503, "store_unavailable"])
      assert.strictEqual(response.headers.get("retry-after"), "5")
      assert.notInclude(response.text, "secret/place")
    }))
})
