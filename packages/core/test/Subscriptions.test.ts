import * as CoreConnections from "@effect-postmark/core/Connections"
import * as ConnectionStore from "@effect-postmark/core/ConnectionStore"
import * as Digest from "@effect-postmark/core/Digest"
import * as CoreSubscriptions from "@effect-postmark/core/Subscriptions"
import * as SubscriptionStoreModule from "@effect-postmark/core/SubscriptionStore"
import * as TriggerRegistry from "@effect-postmark/core/TriggerRegistry"
import * as Vault from "@effect-postmark/core/Vault"
import { WebhookReceiver } from "@effect-postmark/core/WebhookReceiver"
import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, Either, Layer, Option, Redacted } from "effect"
import { json, stub } from "./kit/http.ts"
import { services } from "./kit/services.ts"

const { Connections } = CoreConnections
const { SubscriptionStore } = SubscriptionStoreModule

/** Two connections, and everything that works on them. */
const scene = Effect.gen(function*() {
  const http = yield* stub(({ headers }) =>
    json({ ID: headers["x-postmark-server-token"] === "acme" ? 1 : 2, Name: "server", TrackOpens: true })
  )
  // For the length of the test: the event log ends with its layer.
  const context = yield* Layer.build(services(http.layer))
  return yield* Effect.gen(function*() {
    const connections = yield* Connections
    const acme = yield* connections.connect({ name: "Acme", serverToken: Redacted.make("acme") })
    const globex = yield* connections.connect({ name: "Globex", serverToken: Redacted.make("globex") })
    return {
      acme: acme.id,
      connections,
      globex: globex.id,
      receiver: yield* WebhookReceiver,
      store: yield* SubscriptionStore,
      subscriptions: yield* CoreSubscriptions.Subscriptions
    }
  }).pipe(Effect.provide(context))
})

const secret = (text: string) => Redacted.make(`Bearer ${text}`)

const trigger = "postmark/email-delivered"

const post = (authorization: string, connectionId: string) => ({
  connectionId,
  authorization: [authorization],
  body: new TextEncoder().encode("{\"RecordType\":\"Later\"}")
})

describe("the webhook secret of a connection", () => {
  it.scoped("is not replaced twice before the first rotation is finished", () =>
    Effect.gen(function*() {
      const { acme, receiver, subscriptions } = yield* scene
      yield* subscriptions.subscribe({ connectionId: acme, trigger, secret: secret("first-one") })
      yield* subscriptions.subscribe({ connectionId: acme, trigger, secret: secret("second-one"), rotate: true })
      for (const third of [secret("third-one"), undefined]) {
        const error = yield* Effect.flip(
          subscriptions.subscribe({ connectionId: acme, trigger, secret: third, rotate: true })
        )
        assert.strictEqual(error._tag, "RotationInProgress")
      }
      // Postmark still sends the first one.
      assert.strictEqual((yield* receiver.receive(post("Bearer first-one", acme))).status, 200)
      // The same rotation asked for again is the one that lasts.
      const again = yield* subscriptions.subscribe({
        connectionId: acme,
        trigger,
        secret: secret("second-one"),
        rotate: true
      })
      assert.isTrue(again.rotating)
      yield* subscriptions.finishRotation(acme)
      const next = yield* subscriptions.subscribe({
        connectionId: acme,
        trigger,
        secret: secret("third-one"),
        rotate: true
      })
      assert.isTrue(next.rotating)
    }))

  it.effect("is finished rotating also when a key rotation replaces its text at the same moment", () =>
    Effect.gen(function*() {
      const store = yield* SubscriptionStore
      // Between the read and the write of `finishRotation`, once.
      let disturb = false
      const disturbed: typeof store = {
        ...store,
        setSecrets: (next, expected) =>
          Effect.gen(function*() {
            if (disturb && expected !== null) {
              disturb = false
              const stored = Option.getOrThrow(yield* store.getSecrets(next.connectionId))
              const vault = yield* Effect.orDie(Vault.make([key]))
              const place = `connection/${next.connectionId}/webhook-secret`
              const current = yield* vault.seal(place, yield* Effect.orDie(vault.open(place, stored.current)))
              assert.isTrue(yield* store.resealSecrets(next.connectionId, { ...stored, current }, stored))
            }
            return yield* store.setSecrets(next, expected)
          })
      }
      const key = { id: "k", key: Vault.generateKey() }
      const http = yield* stub(() => json({ ID: 1, Name: "server", TrackOpens: true }))
      const stores = Layer.merge(ConnectionStore.layerMemory, Layer.succeed(SubscriptionStore, disturbed))
      const live = CoreSubscriptions.layer.pipe(
        Layer.provideMerge(CoreConnections.layer()),
        Layer.provide([stores, http.layer, Digest.layer, Vault.layer([key]), TriggerRegistry.layer()])
      )
      yield* Effect.gen(function*() {
        const subscriptions = yield* CoreSubscriptions.Subscriptions
        const connections = yield* Connections
        const { id } = yield* connections.connect({ name: "Acme", serverToken: Redacted.make("acme") })
        yield* subscriptions.subscribe({ connectionId: id, trigger, secret: secret("first-one") })
        disturb = true
        yield* subscriptions.subscribe({ connectionId: id, trigger, secret: secret("second-one"), rotate: true })
        assert.isFalse(disturb)
        assert.strictEqual((yield* subscriptions.secrets(id)).length, 2)
        disturb = true
        yield* subscriptions.finishRotation(id)
        assert.isFalse(disturb)
        assert.deepStrictEqual((yield* subscriptions.secrets(id)).map(Redacted.value), ["Bearer second-one"])
      }).pipe(Effect.provide(live))
    }).pipe(Effect.provide(SubscriptionStoreModule.layerMemory)))

  it.scoped("is one for many subscribers at once that bring none", () =>
    Effect.gen(function*() {
      const { acme, subscriptions } = yield* scene
      const triggers = ["postmark/email-delivered", "postmark/email-bounced", "postmark/email-opened"]
      const results = yield* Effect.forEach(
        triggers,
        (each) => Effect.either(subscriptions.subscribe({ connectionId: acme, trigger: each })),
        { concurrency: "unbounded" }
      )
      assert.deepStrictEqual(results.map(Either.isRight), [true, true, true])
      const generated = results.flatMap((result) =>
        Either.isRight(result) ? Option.toArray(result.right.generatedSecret).map(Redacted.value) : []
      )
      assert.strictEqual(generated.length, 1)
      const held = yield* subscriptions.secrets(acme)
      assert.deepStrictEqual(held.map(Redacted.value), generated)
    }))

  it.scoped("is forgotten with a revoked connection, whose webhooks are refused", () =>
    Effect.gen(function*() {
      const { acme, connections, globex, receiver, store, subscriptions } = yield* scene
      for (const id of [acme, globex]) {
        yield* subscriptions.subscribe({ connectionId: id, trigger, secret: secret("shared-one") })
      }
      assert.strictEqual((yield* receiver.receive(post("Bearer shared-one", acme))).status, 200)
      yield* connections.revoke(acme)
      assert.strictEqual((yield* receiver.receive(post("Bearer shared-one", acme))).status, 401)
      assert.deepStrictEqual(yield* store.getSecrets(acme), Option.none())
      assert.strictEqual((yield* receiver.receive(post("Bearer shared-one", globex))).status, 200)
    }))

  it.scoped("is not stored for a connection that is revoked meanwhile", () =>
    Effect.gen(function*() {
      const { acme, connections, store, subscriptions } = yield* scene
      const shaky = SubscriptionStore.of({
        ...store,
        insert: (subscription) => Effect.zipRight(Effect.orDie(connections.revoke(acme)), store.insert(subscription))
      })
      const racing = yield* Effect.provide(
        CoreSubscriptions.make,
        Context.empty().pipe(
          Context.add(SubscriptionStore, shaky),
          Context.add(Connections, connections),
          Context.add(Vault.Vault, yield* Effect.provide(Vault.Vault, Vault.layerEphemeral)),
          Context.add(
            TriggerRegistry.TriggerRegistry,
            yield* Effect.provide(
              TriggerRegistry.TriggerRegistry,
              TriggerRegistry.layer()
            )
          )
        )
      )
      const error = yield* Effect.flip(racing.subscribe({ connectionId: acme, trigger }))
      assert.strictEqual(error._tag, "ConnectionRevoked")
      assert.deepStrictEqual(yield* store.getSecrets(acme), Option.none())
      assert.deepStrictEqual(yield* subscriptions.secrets(acme), [])
    }))

  it.scoped("does not open in the row of another connection, also when it was opened before", () =>
    Effect.gen(function*() {
      const { acme, globex, store, subscriptions } = yield* scene
      yield* subscriptions.subscribe({ connectionId: acme, trigger, secret: secret("of-acme-only") })
      yield* subscriptions.secrets(acme)
      const { current } = Option.getOrThrow(yield* store.getSecrets(acme))
      yield* store.setSecrets({ connectionId: globex, current, previous: null, rotatedAt: null }, null)
      assert.strictEqual((yield* Effect.flip(subscriptions.secrets(globex)))._tag, "SecretUnreadable")
    }))
})

it.effect("a vault refuses two keys of one id", () =>
  Effect.gen(function*() {
    const error = yield* Effect.flip(
      Vault.make([{ id: "a", key: Vault.generateKey() }, { id: "a", key: Vault.generateKey() }])
    )
    assert.strictEqual(error.message, "two encryption keys have the id a: give each key an id of its own")
  }))
