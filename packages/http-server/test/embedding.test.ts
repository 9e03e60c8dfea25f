import * as NodeRelayClient from "@effect-postmark/automation/NodeRelayClient"
import * as RelayTargets from "@effect-postmark/automation/RelayTargets"
import * as ActionRegistry from "@effect-postmark/core/ActionRegistry"
import * as Connections from "@effect-postmark/core/Connections"
import * as ConnectionStore from "@effect-postmark/core/ConnectionStore"
import * as DeliveryStore from "@effect-postmark/core/DeliveryStore"
import * as Digest from "@effect-postmark/core/Digest"
import * as ErasureStore from "@effect-postmark/core/ErasureStore"
import * as EventLog from "@effect-postmark/core/EventLog"
import * as RunStore from "@effect-postmark/core/RunStore"
import { StoreUnavailable } from "@effect-postmark/core/StoreUnavailable"
import * as SubscriberStore from "@effect-postmark/core/SubscriberStore"
import * as Subscriptions from "@effect-postmark/core/Subscriptions"
import * as SubscriptionStore from "@effect-postmark/core/SubscriptionStore"
import * as SweepStore from "@effect-postmark/core/SweepStore"
import * as TaskStore from "@effect-postmark/core/TaskStore"
import * as TriggerRegistry from "@effect-postmark/core/TriggerRegistry"
import * as Vault from "@effect-postmark/core/Vault"
import * as WaitStore from "@effect-postmark/core/WaitStore"
import * as WebhookReceiver from "@effect-postmark/core/WebhookReceiver"
import { SubscriptionList } from "@effect-postmark/http-server/api/TriggersApi"
import * as ApiKeys from "@effect-postmark/http-server/ApiKeys"
import * as ApiKeyStore from "@effect-postmark/http-server/ApiKeyStore"
import * as AuditLog from "@effect-postmark/http-server/AuditLog"
import * as Automation from "@effect-postmark/http-server/Automation"
import * as Idempotency from "@effect-postmark/http-server/Idempotency"
import * as IdempotencyStore from "@effect-postmark/http-server/IdempotencyStore"
import * as RateLimitStore from "@effect-postmark/http-server/RateLimitStore"
import * as Server from "@effect-postmark/http-server/Server"
import * as PostmarkDouble from "@effect-postmark/test-double/PostmarkDouble"
import { HttpServer } from "@effect/platform"
import { NodeHttpServer } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, Layer, Redacted, Schema } from "effect"
import { createServer } from "node:http"
import { caller, codeOf, email, type HttpResponse, idOf } from "./support/harness.ts"
import { delivery } from "./support/webhooks.ts"

const core = Layer.mergeAll(
  WebhookReceiver.layer,
  ApiKeys.layer,
  Idempotency.layer({ lease: "300 millis" }),
  ActionRegistry.layer(),
  RelayTargets.layer(),
  Automation.layer()
).pipe(
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
    AuditLog.layerMemory,
    RateLimitStore.layerMemory,
    ErasureStore.layerMemory,
    RunStore.layerMemory,
    SubscriberStore.layerMemory,
    SweepStore.layerMemory,
    TaskStore.layerMemory,
    Layer.provideMerge(Layer.merge(DeliveryStore.layerMemory, WaitStore.layerMemory), log)
  )

const serve = (
  log: Layer.Layer<EventLog.EventLog>,
  keys = ApiKeyStore.layerMemory,
  idempotency = IdempotencyStore.layerMemory
) =>
  Effect.gen(function*() {
    const context = yield* Layer.build(
      Server.layer().pipe(
        Layer.provideMerge(NodeHttpServer.layerServer(createServer, { port: 0, host: "127.0.0.1" })),
        Layer.provideMerge(core),
        Layer.provide(stores(log, keys)),
        Layer.provide(idempotency)
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
      const provisioned = yield* call("POST", `/v1/connections/${id}/provisioning`, { body: {} })
      assert.deepStrictEqual([provisioned.status, codeOf(provisioned)], [409, "public_url_missing"])
      const atOnce = { trigger: "email-opened", provision: {} }
      const both = yield* call("POST", `/v1/connections/${id}/triggers`, { body: atOnce })
      assert.deepStrictEqual([both.status, codeOf(both)], [409, "public_url_missing"])
      assert.strictEqual((yield* call("GET", "/v1/retention")).status, 200)
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

  for (const step of ["reserve", "begin"] as const) {
    it.scopedLive(`sends nothing when the idempotency store is down at ${step}, and the same key sends later`, () =>
      Effect.gen(function*() {
        let isDown = true
        const flaky = Layer.effect(
          IdempotencyStore.IdempotencyStore,
          Effect.map(IdempotencyStore.IdempotencyStore, (store): IdempotencyStore.Service => ({
            ...store,
            reserve: (record) => isDown && step === "reserve" ? Effect.fail(unavailable) : store.reserve(record),
            begin: (options) => isDown && step === "begin" ? Effect.fail(unavailable) : store.begin(options)
          }))
        ).pipe(Layer.provide(IdempotencyStore.layerMemory))
        const call = yield* serve(EventLog.layerMemory, ApiKeyStore.layerMemory, flaky)
        const { id } = yield* subscribe(call)
        const send = call("POST", `/v1/connections/${id}/actions/send-email`, {
          body: email,
          headers: { "idempotency-key": "key-1" }
        })
        const refused = yield* send
        assert.deepStrictEqual([refused.status, codeOf(refused)], [503, "store_unavailable"])
        assert.deepInclude(refused.json, { disposition: "notSent", retryable: true })
        assert.notInclude(refused.text, "secret/place")
        const list = () => call("POST", `/v1/connections/${id}/actions/list-outbound-messages`, { body: { count: 5 } })
        assert.strictEqual(Object((yield* list()).json).totalCount, 0)
        isDown = false
        const sent = yield* send
        assert.deepStrictEqual([sent.status, sent.headers.get("idempotent-replayed")], [200, null])
        assert.strictEqual((yield* send).headers.get("idempotent-replayed"), "true")
        assert.strictEqual(Object((yield* list()).json).totalCount, 1)
      }))
  }

  it.scopedLive("searches for a batch whose response could not be stored, and says what it does not find", () =>
    Effect.gen(function*() {
      let isDown = true
      const flaky = Layer.effect(
        IdempotencyStore.IdempotencyStore,
        Effect.map(IdempotencyStore.IdempotencyStore, (store): IdempotencyStore.Service => ({
          ...store,
          finish: (options) => isDown ? Effect.fail(unavailable) : store.finish(options)
        }))
      ).pipe(Layer.provide(IdempotencyStore.layerMemory))
      const call = yield* serve(EventLog.layerMemory, ApiKeyStore.layerMemory, flaky)
      const { id } = yield* subscribe(call)
      // The second message has no room for the correlation.
      const metadata = Object.fromEntries(Array.from({ length: 9 }, (_, index) => [`own-${index}`, "x"]))
      const send = call("POST", `/v1/connections/${id}/actions/send-email-batch`, {
        body: { messages: [email, { ...email, metadata }, email] },
        headers: { "idempotency-key": "key-1" }
      })
      const tagsOf = ({ json }: HttpResponse) =>
        Object(json).outcomes.map(({ _tag }: { readonly _tag: string }) => _tag)
      const first = yield* send
      assert.deepStrictEqual([first.status, tagsOf(first)], [200, ["Accepted", "Accepted", "Accepted"]])
      isDown = false
      let repeat = yield* send
      while (repeat.status === 409) repeat = yield* Effect.delay(send, "50 millis")
      assert.deepStrictEqual([repeat.status, tagsOf(repeat)], [200, ["Accepted", "Unknown", "Accepted"]])
      assert.strictEqual(repeat.headers.get("idempotent-replayed"), "true")
      assert.match(repeat.headers.get("link") ?? "", /reconciliations\?correlation=.*messages=3/)
      const list = yield* call("POST", `/v1/connections/${id}/actions/list-outbound-messages`, { body: { count: 5 } })
      assert.strictEqual(Object(list.json).totalCount, 3)
    }))
})
