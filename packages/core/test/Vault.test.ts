import { ApiKeys } from "@effect-postmark/core/ApiKeys"
import { ApiKeyStore } from "@effect-postmark/core/ApiKeyStore"
import * as Vault from "@effect-postmark/core/Vault"
import { HttpClient } from "@effect/platform"
import { assert, it } from "@effect/vitest"
import { Effect, Layer, Option, Redacted } from "effect"
import { services } from "./kit/services.ts"

const key = (id: string) => ({ id, key: Vault.generateKey() })

it.effect("opens what it sealed, in the place it was sealed for", () =>
  Effect.gen(function*() {
    const vault = yield* Vault.make([key("a")])
    const sealed = yield* vault.seal("here", Redacted.make("secret"))
    assert.notInclude(sealed, "secret")
    assert.strictEqual(Redacted.value(yield* vault.open("here", sealed)), "secret")
    assert.strictEqual((yield* Effect.flip(vault.open("there", sealed)))._tag, "SecretUnreadable")
  }))

it.effect("seals the same secret differently each time", () =>
  Effect.gen(function*() {
    const vault = yield* Vault.make([key("a")])
    assert.notStrictEqual(
      yield* vault.seal("here", Redacted.make("secret")),
      yield* vault.seal("here", Redacted.make("secret"))
    )
  }))

it.effect("opens with an older key, and seals with the first", () =>
  Effect.gen(function*() {
    const older = key("older")
    const newer = key("newer")
    const before = yield* Vault.make([older])
    const after = yield* Vault.make([newer, older])
    const sealed = yield* before.seal("here", Redacted.make("secret"))
    assert.strictEqual(Redacted.value(yield* after.open("here", sealed)), "secret")
    const fresh = yield* after.seal("here", Redacted.make("secret"))
    assert.strictEqual((yield* Effect.flip(before.open("here", fresh)))._tag, "SecretUnreadable")
  }))

it.effect("refuses what was changed, and keys that are no keys", () =>
  Effect.gen(function*() {
    const vault = yield* Vault.make([key("a")])
    const sealed = yield* vault.seal("here", Redacted.make("secret"))
    for (
      const text of [
        sealed.slice(0, -2),
        "",
        "a.b.c.d.e",
        sealed.replace(/\.(.)([^.]*)$/, (_, first, rest) => `.${first === "A" ? "B" : "A"}${rest}`)
      ]
    ) {
      assert.strictEqual((yield* Effect.flip(vault.open("here", text)))._tag, "SecretUnreadable")
    }
    for (const text of ["", "short", "!".repeat(43)]) {
      const error = yield* Effect.flip(Vault.make([{ id: "k", key: Redacted.make(text) }]))
      assert.include(error.message, "32 bytes")
    }
  }))

const inMemory = services(Layer.succeed(HttpClient.HttpClient, HttpClient.make(() => Effect.die("no network here"))))

it.effect("an API key is shown once, kept as a hash, and good until it is revoked", () =>
  Effect.gen(function*() {
    const apiKeys = yield* ApiKeys
    const { apiKey, key } = yield* apiKeys.create({ name: "workflow", connections: ["con_1"] })
    const records = yield* Effect.flatMap(ApiKeyStore, (store) => store.list)
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
    const apiKeys = yield* ApiKeys
    const key = Redacted.make("a-key-from-the-environment")
    const first = yield* apiKeys.adopt({ name: "settings", key })
    assert.deepStrictEqual(yield* apiKeys.adopt({ name: "settings", key }), first)
    assert.deepStrictEqual(yield* apiKeys.verify(key), Option.some(first))
    assert.strictEqual((yield* apiKeys.list).length, 1)
  }).pipe(Effect.provide(inMemory)))
