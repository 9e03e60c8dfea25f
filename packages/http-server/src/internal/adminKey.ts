/** Creates the admin key of a server that has none. */
import * as Vault from "@effect-postmark/core/Vault"
import * as Data from "effect/Data"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import { ApiKeys, isAdmin } from "../ApiKeys.ts"
import { audited } from "./audited.ts"
import * as DataDir from "./dataDir.ts"
import * as Endings from "./keys/endings.ts"

/**
 * Stores the key from the settings, or creates an admin key if there is none. A new key is written to the file before
 * it is stored, so a crash never leaves a key that nobody knows. Returns the file if its key was stored.
 */
export const ensure = (fromSettings: Option.Option<Redacted.Redacted>, file: string) =>
  Effect.gen(function*() {
    const apiKeys = yield* ApiKeys
    if (Option.isSome(fromSettings)) {
      if (Option.isSome(yield* apiKeys.verify(fromSettings.value))) return Option.none<string>()
      yield* Effect.mapError(
        adopt("from the settings", fromSettings.value),
        (error) =>
          error._tag === "ApiKeyRefused"
            ? new KeyRefused({ message: `EFFECT_POSTMARK_API_KEY cannot be used: ${error.message}` })
            : error
      )
      return Option.none<string>()
    }
    const all = yield* apiKeys.list
    const now = yield* DateTime.now
    if (all.some((apiKey) => isAdmin(apiKey) && Endings.of(apiKey, now) === undefined)) {
      return Option.none<string>()
    }
    yield* Effect.catchTag(
      adopt("first admin key", yield* DataDir.secretFile(file, generate)),
      "ApiKeyRefused",
      () =>
        Effect.flatMap(
          DataDir.replaceSecretFile(file, generate),
          (key) => adopt("new admin key", key)
        )
    )
    return Option.some(file)
  })

const adopt = (name: string, key: Redacted.Redacted) =>
  Effect.flatMap(ApiKeys, (apiKeys) =>
    audited(
      { actor: "server", operation: "adopt API key", targetId: null },
      apiKeys.adopt({ name, key }),
      ({ id }) => ({ outcome: "done", targetId: id })
    ))

const generate = Effect.sync(() => Redacted.make(`ep.admin.${Redacted.value(Vault.generateKey())}`))

class KeyRefused extends Data.TaggedError("KeyRefused")<{ readonly message: string }> {}
