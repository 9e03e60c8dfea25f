import * as Digest from "@effect-postmark/core/Digest"
import * as ApiKeys from "@effect-postmark/http-server/ApiKeys"
import * as ApiKeyStore from "@effect-postmark/http-server/ApiKeyStore"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Option, Redacted } from "effect"

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
        assert.deepStrictEqual(yield* apiKeys.adopt({ name: "again", key }), adopted)
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
