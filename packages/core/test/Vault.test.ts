import * as Vault from "@effect-postmark/core/Vault"
import { assert, it } from "@effect/vitest"
import { Effect, Redacted } from "effect"

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
