/**
 * Stored connections: server tokens by name, in one file that only its owner can read. A token is never printed; its
 * fingerprint is.
 *
 * @since 0.1.0
 */
import * as FileSystem from "@effect/platform/FileSystem"
import * as Config from "effect/Config"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import { createHash, randomUUID } from "node:crypto"
import { homedir } from "node:os"
import { dirname, join } from "node:path"
import { ProfileProblem, UnknownConnection } from "./CliError.ts"

const optionalText = Schema.optional(Schema.String)

/**
 * A stored connection.
 *
 * @since 0.1.0
 * @category models
 */
export const Profile = Schema.Struct({
  serverToken: Schema.Redacted(Schema.String),
  baseUrl: optionalText,
  serverId: Schema.optional(Schema.Int),
  serverName: optionalText,
  addedAt: Schema.String
})

/**
 * @since 0.1.0
 * @category models
 */
export interface Profile extends Schema.Schema.Type<typeof Profile> {}

/**
 * All stored connections; `current` is the name of the one that is used without a flag.
 *
 * @since 0.1.0
 * @category models
 */
export const Stored = Schema.Struct({
  version: Schema.Literal(1),
  current: optionalText,
  connections: Schema.Record({ key: Schema.String, value: Profile })
})

/**
 * @since 0.1.0
 * @category models
 */
export interface Stored extends Schema.Schema.Type<typeof Stored> {}

/**
 * Reads and changes the stored connections.
 *
 * @since 0.1.0
 * @category models
 */
export interface Service {
  readonly read: Effect.Effect<Stored, ProfileProblem>
  readonly get: (name: string) => Effect.Effect<Profile, ProfileProblem | UnknownConnection>
  readonly change: (change: (stored: Stored) => Stored) => Effect.Effect<void, ProfileProblem>
}

/**
 * @since 0.1.0
 * @category tags
 */
export class Profiles extends Context.Tag("@effect-postmark/cli/Profiles")<Profiles, Service>() {}

/**
 * Returns the first 12 digits of a token's SHA-256, by which people can tell tokens apart.
 *
 * @since 0.1.0
 * @category conversions
 */
export const fingerprint = (token: Redacted.Redacted): string =>
  createHash("sha256").update(Redacted.value(token)).digest("hex").slice(0, 12)

const empty: Stored = { version: 1, connections: {} }

const json = Schema.parseJson(Stored, { space: 2 })
const decode = Schema.decodeUnknown(json)
const encode = Schema.encode(json)

const variable = (name: string) => Effect.orElseSucceed(Config.string(name), () => "")

/** `$XDG_CONFIG_HOME/effect-postmark/connections.json`, or the same in `~/.config`, or in `%APPDATA%` on Windows. */
const place = Effect.gen(function*() {
  const xdg = yield* variable("XDG_CONFIG_HOME")
  const appData = process.platform === "win32" ? yield* variable("APPDATA") : ""
  const base = xdg !== "" ? xdg : appData !== "" ? appData : join((yield* variable("HOME")) || homedir(), ".config")
  return join(base, "effect-postmark", "connections.json")
})

/**
 * Builds the stored connections on the file system.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make: Effect.Effect<Service, never, FileSystem.FileSystem> = Effect.gen(function*() {
  const files = yield* FileSystem.FileSystem
  const path = yield* place
  const problem = (what: string) => new ProfileProblem({ message: `the file of the stored connections ${what}` })
  const unreadable = () => problem("cannot be read; check its permissions")
  const unwritable = () => problem("cannot be written; check the permissions of its directory")

  const read: Service["read"] = Effect.gen(function*() {
    if (!(yield* Effect.mapError(files.exists(path), unreadable))) return empty
    const { mode } = yield* Effect.mapError(files.stat(path), unreadable)
    // Windows has no such modes; there, the user's own directory protects the file.
    if (process.platform !== "win32" && (mode & 0o077) !== 0) {
      return yield* problem("can be read by other users; run: chmod 600 on connections.json, and rotate the tokens")
    }
    const text = yield* Effect.mapError(files.readFileString(path), unreadable)
    return yield* Effect.mapError(decode(text), () => problem("is damaged, or was written by another version"))
  })

  const write = (stored: Stored) =>
    Effect.gen(function*() {
      const folder = dirname(path)
      yield* files.makeDirectory(folder, { recursive: true, mode: 0o700 })
      const text = yield* encode(stored)
      // A reader sees the old file or the new one, never half of one.
      const draft = `${path}.${randomUUID()}`
      yield* files.writeFileString(draft, `${text}\n`, { mode: 0o600, flag: "wx" }).pipe(
        Effect.zipRight(files.rename(draft, path)),
        Effect.onError(() => Effect.ignore(files.remove(draft)))
      )
    }).pipe(Effect.mapError(unwritable))

  return {
    read,
    get: (name) =>
      Effect.flatMap(read, ({ connections }) => {
        const found = Object.hasOwn(connections, name) ? connections[name] : undefined
        return found === undefined
          ? new UnknownConnection({ message: "no stored connection has this name" })
          : Effect.succeed(found)
      }),
    change: (change) => Effect.flatMap(read, (stored) => write(change(stored)))
  }
})

/**
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<Profiles, never, FileSystem.FileSystem> = Layer.effect(Profiles, make)
