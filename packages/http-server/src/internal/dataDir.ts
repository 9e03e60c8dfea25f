/** The data directory and its secret files. */
import * as Vault from "@effect-postmark/core/Vault"
import type { PlatformError } from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Redacted from "effect/Redacted"
import * as Settings from "../Settings.ts"

/** Creates the directory, readable only by its owner, and returns its absolute path. */
export const make = (dataDir: string) =>
  Effect.gen(function*() {
    const files = yield* FileSystem.FileSystem
    const path = yield* Path.Path
    const whole = path.resolve(dataDir)
    if (!(yield* files.exists(whole))) {
      yield* files.makeDirectory(path.dirname(whole), { recursive: true })
      yield* files.makeDirectory(whole, { mode: 0o700 })
    }
    return whole
  })

/** Reads a secret file; creates it on first use, readable only by its owner from the first byte. */
export const secretFile = (
  file: string,
  generate: Effect.Effect<Redacted.Redacted>
): Effect.Effect<Redacted.Redacted, PlatformError, FileSystem.FileSystem> =>
  Effect.gen(function*() {
    const files = yield* FileSystem.FileSystem
    if (yield* files.exists(file)) return Redacted.make((yield* files.readFileString(file)).trim())
    return yield* replaceSecretFile(file, generate)
  })

/** Writes a new secret to a file and replaces the old one; a crash never leaves a partial file. */
export const replaceSecretFile = (
  file: string,
  generate: Effect.Effect<Redacted.Redacted>
): Effect.Effect<Redacted.Redacted, PlatformError, FileSystem.FileSystem> =>
  Effect.gen(function*() {
    const files = yield* FileSystem.FileSystem
    const secret = yield* generate
    const temporary = `${file}.new`
    yield* files.remove(temporary, { force: true })
    yield* files.writeFileString(temporary, `${Redacted.value(secret)}\n`, { flag: "wx", mode: 0o600 })
    yield* files.rename(temporary, file)
    return secret
  })

/** Reads the development key, which is stored beside the data. */
export const developmentKeys = (file: string) =>
  Effect.map(
    secretFile(file, Effect.sync(() => Redacted.make(`development:${Redacted.value(Vault.generateKey())}`))),
    (text) => Either.getOrElse(Settings.parseEncryptionKeys(Redacted.value(text)), () => [])
  )
