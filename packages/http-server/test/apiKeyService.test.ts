import * as Digest from "@effect-postmark/core/Digest"
import { StoreUnavailable } from "@effect-postmark/core/StoreUnavailable"
import * as ApiKeys from "@effect-postmark/http-server/ApiKeys"
import * as ApiKeyStore from "@effect-postmark/http-server/ApiKeyStore"
import * as ApiMetrics from "@effect-postmark/http-server/ApiMetrics"
import { assert, describe, it } from "@effect/vitest"
import { DateTime, Effect, Fiber, Layer, Metric, Option, Redacted, TestClock } from "effect"

const inMemory = ApiKeys.layer.pipe(Layer.provideMerge(ApiKeyStore.layerMemory), Layer.provide(Digest.layer))

it.effect("an API key is shown once, kept as a hash, and good until it is revoked", () =>
  Effect.gen(function*() {
    const apiKeys = yield* ApiKeys.ApiKeys
    const { apiKey, key } = yield* apiKeys.create({ name: "workflow", connections: ["con_1"] })
    const records = yield* Effect.flatMap(ApiKeyStore.ApiKeyStore, (store) => store.list)
    assert.notInclude(JSON.stringify(records), Redacted.value(key))
    assert.deepStrictEqual(yield* apiKeys.verify(key), Option.some(apiKey))
    for (const wrong of ["", "ep.", `${Redacted.value(key)}x`, Redacted.value(key).slice(0, -1), `ep.${apiKey.id}.x`]) {
      assert.isTrue(Option.isNone(yield* apiKeys.verify(Redacted.make(wrong))), wrong)
    }
    assert.isTrue(yield* apiKeys.revoke(apiKey.id))
    assert.isFalse(yield* apiKeys.revoke(apiKey.id))
    assert.isTrue(Option.isNone(yield* apiKeys.verify(key)))
  }).pipe(Effect.provide(inMemory)))

it.effect("an API key from the settings is adopted once", () =>
  Effect.gen(function*() {
    const apiKeys = yield* ApiKeys.ApiKeys
    const key = Redacted.make("a-key-from-the-environment")
    const first = yield* apiKeys.adopt({ name: "settings", key })
    assert.deepStrictEqual(yield* apiKeys.adopt({ name: "settings", key }), first)
    assert.deepStrictEqual(yield* apiKeys.verify(key), Option.some(first))
    assert.strictEqual((yield* apiKeys.list).length, 1)
  }).pipe(Effect.provide(inMemory)))

describe("an API key that was made elsewhere", () => {
  it.effect("is valid after it was adopted, whatever its form", () =>
    Effect.gen(function*() {
      const apiKeys = yield* ApiKeys.ApiKeys
      for (const text of ["a-key-of-my-own-choice", "ep.key_elsewhere.0123456789abcdef", "ep.admin.abc"]) {
        const key = Redacted.make(text)
        const adopted = yield* apiKeys.adopt({ name: "elsewhere", key })
        assert.deepStrictEqual(yield* apiKeys.verify(key), Option.some(adopted))
        assert.strictEqual((yield* apiKeys.adopt({ name: "again", key })).id, adopted.id)
      }
    }).pipe(Effect.provide(inMemory)))

  it.effect("is refused when it was revoked, or when its id belongs to another key", () =>
    Effect.gen(function*() {
      const apiKeys = yield* ApiKeys.ApiKeys
      const { apiKey, key } = yield* apiKeys.create({ name: "one", connections: [] })
      const forged = Redacted.make(`ep.${apiKey.id}.another-secret-of-the-same-id`)
      const taken = yield* Effect.flip(apiKeys.adopt({ name: "forged", key: forged }))
      assert.strictEqual(taken.message, "another API key has this id: choose another key")
      assert.deepStrictEqual(yield* apiKeys.verify(forged), Option.none())
      yield* apiKeys.revoke(apiKey.id)
      const revoked = yield* Effect.flip(apiKeys.adopt({ name: "revoked", key }))
      assert.strictEqual(revoked.message, "the API key was revoked: choose another")
    }).pipe(Effect.provide(inMemory)))
})

describe("an API key's last use", () => {
  it.effect("is written once a minute, and never holds up who uses the key", () =>
    Effect.gen(function*() {
      const written: Array<string> = []
      const store = Layer.effect(
        ApiKeyStore.ApiKeyStore,
        Effect.map(ApiKeyStore.ApiKeyStore, (store) => ({
          ...store,
          // A store that does not end this write before a minute.
          used: (id: string, at: string) =>
            Effect.sync(() => written.push(at)).pipe(
              Effect.zipRight(Effect.sleep("1 minute")),
              Effect.zipRight(store.used(id, at))
            )
        }))
      ).pipe(Layer.provide(ApiKeyStore.layerMemory))
      yield* Effect.gen(function*() {
        const apiKeys = yield* ApiKeys.ApiKeys
        const { key } = yield* apiKeys.create({ name: "workflow", connections: null })
        const lastUse = Effect.map(apiKeys.list, ([apiKey]) => apiKey?.lastUsedAt)
        for (let round = 0; round < 10; round++) yield* apiKeys.check(key)
        yield* TestClock.adjust("59 seconds")
        yield* apiKeys.check(key)
        assert.deepStrictEqual(written, ["1970-01-01T00:00:00.000Z"])
        assert.isNull(yield* lastUse)
        yield* TestClock.adjust("1 second")
        assert.strictEqual(yield* lastUse, "1970-01-01T00:00:00.000Z")
        yield* apiKeys.check(key)
        yield* TestClock.adjust("1 minute")
        assert.strictEqual(yield* lastUse, "1970-01-01T00:01:00.000Z")
        yield* Effect.flip(apiKeys.check(Redacted.make("wrong")))
        assert.strictEqual(written.length, 2)
      }).pipe(Effect.provide(Layer.provide(ApiKeys.layer, [store, Digest.layer])))
    }))

  it.effect("that cannot be written is counted, and the key works", () =>
    Effect.gen(function*() {
      const unavailable = new StoreUnavailable({ store: "API key", operation: "used" })
      const store = Layer.effect(
        ApiKeyStore.ApiKeyStore,
        Effect.map(ApiKeyStore.ApiKeyStore, (store) => ({ ...store, used: () => Effect.fail(unavailable) }))
      ).pipe(Layer.provide(ApiKeyStore.layerMemory))
      const before = (yield* Metric.value(ApiMetrics.lastUseFailures)).count
      yield* Effect.gen(function*() {
        const apiKeys = yield* ApiKeys.ApiKeys
        const { apiKey, key } = yield* apiKeys.create({ name: "workflow", connections: null })
        assert.deepStrictEqual(yield* apiKeys.check(key), apiKey)
        yield* TestClock.adjust("1 second")
      }).pipe(Effect.provide(Layer.provide(ApiKeys.layer, [store, Digest.layer])))
      assert.strictEqual((yield* Metric.value(ApiMetrics.lastUseFailures)).count, before + 1)
    }))
})

describe("the end of an API key", () => {
  it.effect("comes with its expiry, which only its holder learns", () =>
    Effect.gen(function*() {
      const apiKeys = yield* ApiKeys.ApiKeys
      const expiresAt = DateTime.unsafeMake("1970-01-01T00:01:00Z")
      const { apiKey, key } = yield* apiKeys.create({ name: "short", connections: null, expiresAt })
      const end = yield* Effect.fork(apiKeys.ended(apiKey.id))
      yield* TestClock.adjust(59_999)
      assert.isTrue(Option.isSome(yield* apiKeys.verify(key)))
      assert.isTrue(Option.isNone(yield* Fiber.poll(end)))
      yield* TestClock.adjust(1)
      assert.strictEqual(yield* Fiber.join(end), "expired")
      assert.strictEqual((yield* Effect.flip(apiKeys.check(key)))._tag, "ApiKeyInvalid")
      assert.deepInclude(yield* Effect.flip(apiKeys.check(key)), { reason: "expired" })
      assert.deepInclude(yield* Effect.flip(apiKeys.check(Redacted.make(`ep.${apiKey.id}.x`))), { reason: "unknown" })
      const adopted = yield* Effect.flip(apiKeys.adopt({ name: "expired", key }))
      assert.strictEqual(adopted.message, "the API key has expired: choose another")
    }).pipe(Effect.provide(inMemory)))

  it.effect("is told at once for a revocation here, and within five seconds for one elsewhere", () =>
    Effect.gen(function*() {
      const apiKeys = yield* ApiKeys.ApiKeys
      const store = yield* ApiKeyStore.ApiKeyStore
      const here = yield* apiKeys.create({ name: "here", connections: null })
      const there = yield* apiKeys.create({ name: "there", connections: null })
      const waiting = yield* Effect.forEach([here, here, there], ({ apiKey }) => Effect.fork(apiKeys.ended(apiKey.id)))
      yield* TestClock.adjust("1 minute")
      yield* apiKeys.revoke(here.apiKey.id)
      yield* store.revoke(there.apiKey.id, "1970-01-01T00:01:00.000Z")
      assert.deepStrictEqual(yield* Fiber.joinAll(waiting.slice(0, 2)), ["revoked", "revoked"])
      assert.deepInclude(yield* Effect.flip(apiKeys.check(there.key)), { reason: "revoked" })
      yield* TestClock.adjust("5 seconds")
      assert.deepStrictEqual(yield* Fiber.joinAll(waiting.slice(2)), ["revoked"])
      assert.strictEqual(yield* apiKeys.ended(there.apiKey.id), "revoked")
      assert.strictEqual(yield* apiKeys.ended("key_none"), "unknown")
    }).pipe(Effect.provide(inMemory)))

  it.effect("is looked up once for all who wait for it, and not while the store is unavailable", () =>
    Effect.gen(function*() {
      let reads = 0
      let isDown = false
      const unavailable = new StoreUnavailable({ store: "API key", operation: "get" })
      const store = Layer.effect(
        ApiKeyStore.ApiKeyStore,
        Effect.map(ApiKeyStore.ApiKeyStore, (store) => ({
          ...store,
          get: (id: string) => {
            reads++
            return isDown ? Effect.fail(unavailable) : store.get(id)
          }
        }))
      ).pipe(Layer.provide(ApiKeyStore.layerMemory))
      yield* Effect.gen(function*() {
        const apiKeys = yield* ApiKeys.ApiKeys
        const { apiKey } = yield* apiKeys.create({ name: "one", connections: null })
        const waiting = yield* Effect.forEach(
          Array.from({ length: 50 }),
          () => Effect.fork(apiKeys.ended(apiKey.id))
        )
        yield* TestClock.adjust("14 seconds")
        assert.strictEqual(reads, 3)
        isDown = true
        yield* TestClock.adjust("1 minute")
        assert.isTrue(Option.isNone(yield* Fiber.poll(yield* Effect.fork(Fiber.awaitAll(waiting)))))
        yield* Fiber.interruptAll(waiting)
        const before = reads
        yield* TestClock.adjust("1 minute")
        assert.strictEqual(reads, before)
      }).pipe(Effect.provide(Layer.provide(ApiKeys.layer, [store, Digest.layer])))
    }))
})
