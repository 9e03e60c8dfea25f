/**
 * What the standalone server is told by its environment.
 *
 * @since 0.1.0
 */
import type * as Vault from "@effect-postmark/core/Vault"
import * as Config from "effect/Config"
import * as ConfigError from "effect/ConfigError"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"

/**
 * In production nothing secret is made up: the encryption keys must be given.
 *
 * @since 0.1.0
 * @category models
 */
export type Mode = "development" | "production"

/**
 * The settings of the standalone server.
 *
 * @since 0.1.0
 * @category models
 */
export interface Settings {
  readonly port: number
  readonly host: string
  readonly dataDir: string
  readonly mode: Mode
  readonly publicUrl: Option.Option<string>
  /** The first seals, all of them open. Empty: a key is made beside the data, in development only. */
  readonly encryptionKeys: ReadonlyArray<Vault.Key>
  /** An admin key that is chosen from outside. */
  readonly apiKey: Option.Option<Redacted.Redacted>
  /** Another Postmark than the real one, such as the test double. */
  readonly postmarkApiUrl: Option.Option<string>
  /** The PostgreSQL database that holds the data, which several servers can share. None: a SQLite file in `dataDir`. */
  readonly databaseUrl: Option.Option<Redacted.Redacted>
}

/**
 * Settings with their defaults: what is not named is as if its variable were not set.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (settings: Partial<Settings> = {}): Settings => ({
  port: 8025,
  host: "127.0.0.1",
  dataDir: "./.effect-postmark",
  mode: "development",
  publicUrl: Option.none(),
  encryptionKeys: [],
  apiKey: Option.none(),
  postmarkApiUrl: Option.none(),
  databaseUrl: Option.none(),
  ...settings
})

/**
 * Reads encryption keys: `id:base64` or `base64`, several of them with commas in between. A key without an id has the
 * id `default`.
 *
 * @since 0.1.0
 * @category conversions
 */
export const parseEncryptionKeys = (text: string): Either.Either<ReadonlyArray<Vault.Key>, string> => {
  const keys: Array<Vault.Key> = []
  for (const part of text.split(",")) {
    const match = /^(?:([\w.-]{1,64}):)?([A-Za-z0-9+/_-]{43}=?)$/.exec(part.trim())
    const id = match?.[1] ?? "default"
    if (match?.[2] === undefined) {
      return Either.left(`key ${keys.length + 1} is not 32 bytes in base64, or its id is odd`)
    }
    if (keys.some((key) => key.id === id)) return Either.left(`two keys have the id ${id}; write id:base64`)
    keys.push({ id, key: Redacted.make(match[2]) })
  }
  return Either.right(keys)
}

const url = (name: string) => Config.option(Config.map(Config.url(name), ({ href }) => href.replace(/\/+$/, "")))

const encryptionKeys = Config.redacted("ENCRYPTION_KEY").pipe(
  Config.mapOrFail((text) =>
    Either.mapLeft(
      parseEncryptionKeys(Redacted.value(text)),
      (problem) => ConfigError.InvalidData(["ENCRYPTION_KEY"], problem)
    )
  ),
  Config.withDefault([])
)

// 0 takes any free port, which Config.port refuses.
const port = Config.integer("PORT").pipe(
  Config.mapOrFail((port) =>
    port >= 0 && port <= 65_535
      ? Either.right(port)
      : Either.left(ConfigError.InvalidData([], "a number from 0 to 65535"))
  )
)

const mode = Config.literal("development", "production")("MODE").pipe(Config.nested("EFFECT_POSTMARK"), Config.option)

const nodeEnv = Config.option(Config.string("NODE_ENV"))

/**
 * The settings from variables that begin with `EFFECT_POSTMARK_`. `NODE_ENV=production` sets the mode too, where
 * `EFFECT_POSTMARK_MODE` does not.
 *
 * @since 0.1.0
 * @category config
 */
export const config: Config.Config<Settings> = Config.all({
  named: Config.nested(
    Config.all({
      port: Config.withDefault(port, 8025),
      host: Config.withDefault(Config.nonEmptyString("HOST"), "127.0.0.1"),
      dataDir: Config.withDefault(Config.nonEmptyString("DATA_DIR"), "./.effect-postmark"),
      publicUrl: url("PUBLIC_URL"),
      encryptionKeys,
      apiKey: Config.option(
        Config.redacted("API_KEY").pipe(
          Config.mapOrFail((key) =>
            /^\S{20,}$/.test(Redacted.value(key))
              ? Either.right(key)
              : Either.left(ConfigError.InvalidData(["API_KEY"], "at least 20 characters without spaces"))
          )
        )
      ),
      postmarkApiUrl: url("POSTMARK_API_URL"),
      databaseUrl: Config.option(Config.redacted("DATABASE_URL"))
    }),
    "EFFECT_POSTMARK"
  ),
  mode,
  nodeEnv
}).pipe(Config.map(({ mode, named, nodeEnv }): Settings => ({
  ...named,
  mode: Option.getOrElse(mode, () => Option.contains(nodeEnv, "production") ? "production" : "development")
})))

/**
 * Says which variable is wrong, and how.
 *
 * @since 0.1.0
 * @category conversions
 */
export const explain = (error: ConfigError.ConfigError): string => {
  switch (error._op) {
    case "And":
    case "Or":
      return `${explain(error.left)}; ${explain(error.right)}`
    default:
      return `${error.path.join("_")}: ${error.message}`
  }
}
