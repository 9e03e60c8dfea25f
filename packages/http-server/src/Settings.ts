/**
 * The standalone server's settings, read from environment variables.
 *
 * @since 0.1.0
 */
import * as TargetAddress from "@effect-postmark/automation/TargetAddress"
import type * as Vault from "@effect-postmark/core/Vault"
import * as Config from "effect/Config"
import * as ConfigError from "effect/ConfigError"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as ClientAddress from "./internal/clientAddress.ts"

/**
 * The server's mode. In production the server generates no encryption key; you must set one.
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
  /** The first encrypts, all decrypt. If empty, the server generates a key beside the data, in development only. */
  readonly encryptionKeys: ReadonlyArray<Vault.Key>
  /** An admin key that you choose. */
  readonly apiKey: Option.Option<Redacted.Redacted>
  /** The URL of another server than Postmark, such as the test double. */
  readonly postmarkApiUrl: Option.Option<string>
  /** The PostgreSQL database, which several servers can share. If none, the data is in a SQLite file in `dataDir`. */
  readonly databaseUrl: Option.Option<Redacted.Redacted>
  /** Where events may be relayed to besides public addresses: names, addresses and CIDR ranges. */
  readonly relayHosts: ReadonlyArray<string>
  /** The ports of relay targets besides 80, 443, 8080 and 8443. */
  readonly relayPorts: ReadonlyArray<number>
  /** Proxies whose `X-Forwarded-For` is believed: addresses and CIDR ranges. */
  readonly trustedProxies: ReadonlyArray<string>
  /** The certificate and the key, in PEM. Without them, the server speaks plain HTTP, behind a proxy. */
  readonly tlsCertFile: Option.Option<string>
  readonly tlsKeyFile: Option.Option<string>
}

/**
 * Returns the settings, with a default for each one that is not given.
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
  relayHosts: [],
  relayPorts: [],
  trustedProxies: [],
  tlsCertFile: Option.none(),
  tlsKeyFile: Option.none(),
  ...settings
})

/**
 * Parses encryption keys: `id:base64` or `base64`, separated by commas. A key without an id gets the id `default`.
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
      return Either.left(
        `key ${keys.length + 1} must be 32 bytes in base64; its id must be 1–64 letters, digits, or any of "_.-"`
      )
    }
    if (keys.some((key) => key.id === id)) return Either.left(`key ids must differ, two are "${id}"; write id:base64`)
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

// Config.port rejects 0, which means any free port.
const port = Config.integer("PORT").pipe(
  Config.mapOrFail((port) =>
    port >= 0 && port <= 65_535
      ? Either.right(port)
      : Either.left(ConfigError.InvalidData([], "must be a whole number from 0 to 65535"))
  )
)

/** Values separated by commas. */
const list = <A>(name: string, read: (entry: string) => Either.Either<A, string>) =>
  Config.string(name).pipe(
    Config.mapOrFail((text) =>
      Either.mapLeft(
        Either.all(text.split(",").map((entry) => entry.trim()).filter((entry) => entry !== "").map(read)),
        (problem) => ConfigError.InvalidData([], problem)
      )
    ),
    Config.withDefault<ReadonlyArray<A>>([])
  )

const mode = Config.literal("development", "production")("MODE").pipe(Config.nested("EFFECT_POSTMARK"), Config.option)

const nodeEnv = Config.option(Config.string("NODE_ENV"))

/**
 * Reads the settings from variables that begin with `EFFECT_POSTMARK_`. `NODE_ENV=production` also sets the mode, unless
 * `EFFECT_POSTMARK_MODE` is set.
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
              : Either.left(ConfigError.InvalidData(["API_KEY"], "must be at least 20 characters, without spaces"))
          )
        )
      ),
      postmarkApiUrl: url("POSTMARK_API_URL"),
      databaseUrl: Config.option(Config.redacted("DATABASE_URL")),
      relayHosts: list("RELAY_ALLOWED_HOSTS", (entry) =>
        TargetAddress.isHost(entry)
          ? Either.right(entry)
          : Either.left(`"${entry}" must be a host name, an IP address, or a CIDR range such as 10.0.0.0/8`)),
      relayPorts: list("RELAY_ALLOWED_PORTS", (entry) => {
        const port = /^\d{1,5}$/.test(entry) ? Number(entry) : 0
        return port >= 1 && port <= 65_535
          ? Either.right(port)
          : Either.left(`"${entry}" must be a port from 1 to 65535`)
      }),
      trustedProxies: list(
        "TRUSTED_PROXIES",
        (entry) => Either.map(ClientAddress.make([entry]), () => entry)
      ),
      tlsCertFile: Config.option(Config.nonEmptyString("TLS_CERT_FILE")),
      tlsKeyFile: Config.option(Config.nonEmptyString("TLS_KEY_FILE"))
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
 * Formats the error: which variable is wrong, and how to fix it.
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
