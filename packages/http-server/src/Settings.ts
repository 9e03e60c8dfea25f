/**
 * The standalone server's settings, read from environment variables.
 *
 * @since 0.1.0
 */
import type * as Retention from "@effect-postmark/automation/Retention"
import * as TargetAddress from "@effect-postmark/automation/TargetAddress"
import type * as Vault from "@effect-postmark/core/Vault"
import * as Config from "effect/Config"
import * as ConfigError from "effect/ConfigError"
import * as ConfigProvider from "effect/ConfigProvider"
import * as PathPatch from "effect/ConfigProviderPathPatch"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as HashSet from "effect/HashSet"
import * as LogLevel from "effect/LogLevel"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as ClientAddress from "./internal/clientAddress.ts"
import { nearest } from "./internal/nearest.ts"

/**
 * The server's mode. In production the server generates no encryption key; you must set one.
 *
 * @since 0.1.0
 * @category models
 */
export type Mode = "development" | "production"

/**
 * How log lines are written. The default is `json` in production, and `pretty` in development.
 *
 * @since 0.1.0
 * @category models
 */
export type LogFormat = "json" | "pretty"

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
  /** The bearer token of `/metrics`. If none, only the server's own machine can read them. */
  readonly metricsToken: Option.Option<Redacted.Redacted>
  readonly logLevel: LogLevel.LogLevel
  readonly logFormat: LogFormat
  /** The ports of relay targets besides 80, 443, 8080 and 8443. */
  readonly relayPorts: ReadonlyArray<number>
  /** The requests per minute of each API key that has no limit of its own. None: unlimited. */
  readonly rateLimit: Option.Option<number>
  /** How long entries of the audit log are kept. */
  readonly auditRetentionDays: number
  /** How long data is kept, for each kind that differs from the default. */
  readonly retention: Retention.Policy
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
  rateLimit: Option.some(defaultRateLimit),
  auditRetentionDays: defaultAuditRetentionDays,
  retention: {},
  metricsToken: Option.none(),
  logLevel: LogLevel.Info,
  logFormat: settings.mode === "production" ? "json" : "pretty",
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

const whole = (
  name: string,
  { from, otherwise, to }: { readonly from: number; readonly to: number; readonly otherwise: number }
) =>
  Config.withDefault(
    Config.mapOrFail(Config.integer(name), (value) =>
      value >= from && value <= to
        ? Either.right(value)
        : Either.left(ConfigError.InvalidData([], `must be a whole number from ${from} to ${to}`))),
    otherwise
  )

const defaultRateLimit = 6_000
const defaultAuditRetentionDays = 400

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

const days = (name: string) =>
  Config.string(name).pipe(
    Config.mapOrFail((text) => {
      const [, count] = /^(\d{1,5})(?: ?d| days?)$/.exec(text.trim()) ?? []
      if (text.trim() === "forever") return Either.right(Duration.infinity)
      return count === undefined || Number(count) === 0
        ? Either.left(
          ConfigError.InvalidData([], "must be a whole number of days, such as \"90 days\", or \"forever\"")
        )
        : Either.right(Duration.days(Number(count)))
    }),
    Config.withDefault(undefined)
  )

const retention: Config.Config<Retention.Policy> = Config.nested(
  Config.all({
    events: days("EVENTS"),
    rawBodies: days("RAW_BODIES"),
    relayAttempts: days("RELAY_ATTEMPTS"),
    relayDeliveries: days("RELAY_DELIVERIES"),
    deadLetters: days("DEAD_LETTERS"),
    runs: days("RUNS"),
    waits: days("WAITS"),
    quarantine: days("QUARANTINE")
  }),
  "RETENTION"
).pipe(
  Config.map((policy): Retention.Policy =>
    Object.fromEntries(Object.entries(policy).filter(([, keep]) => keep !== undefined))
  )
)

/** What somebody made up, and sends in a header. */
const secretWord = (name: string) =>
  Config.redacted(name).pipe(
    Config.mapOrFail((word) =>
      /^\S{20,}$/.test(Redacted.value(word))
        ? Either.right(word)
        : Either.left(ConfigError.InvalidData([name], "must be at least 20 characters, without spaces"))
    )
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
      apiKey: Config.option(secretWord("API_KEY")),
      postmarkApiUrl: url("POSTMARK_API_URL"),
      retention,
      metricsToken: Config.option(secretWord("METRICS_TOKEN")),
      logLevel: Config.withDefault(Config.logLevel("LOG_LEVEL"), LogLevel.Info),
      logFormat: Config.option(Config.literal("json", "pretty")("LOG_FORMAT")),
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
      rateLimit: Config.map(
        whole("RATE_LIMIT", { from: 0, to: 1_000_000, otherwise: defaultRateLimit }),
        (limit) => limit === 0 ? Option.none() : Option.some(limit)
      ),
      auditRetentionDays: whole("AUDIT_RETENTION_DAYS", { from: 1, to: 36_500, otherwise: defaultAuditRetentionDays }),
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
}).pipe(Config.map(({ mode, named, nodeEnv }): Settings => {
  const chosen = Option.getOrElse(mode, () => Option.contains(nodeEnv, "production") ? "production" : "development")
  return {
    ...named,
    mode: chosen,
    logFormat: Option.getOrElse(named.logFormat, () => chosen === "production" ? "json" : "pretty")
  }
}))

/**
 * The variables that `config` reads, such as `EFFECT_POSTMARK_PORT`.
 *
 * @since 0.1.0
 * @category config
 */
export const names: Effect.Effect<ReadonlyArray<string>> = Effect.suspend(() => {
  // The config itself is asked, so that the list cannot miss a setting.
  const asked = new Set<string>()
  const recording = ConfigProvider.fromFlat(ConfigProvider.makeFlat({
    load: (path) => {
      asked.add(path.join("_"))
      return Effect.fail(ConfigError.MissingData([...path], "not set"))
    },
    enumerateChildren: () => Effect.succeed(HashSet.empty()),
    patch: PathPatch.empty
  }))
  return Effect.map(Effect.exit(recording.load(config)), () => Array.from(asked).filter(isOurs).sort())
})

/**
 * Finds variables that begin as ours do and that `config` does not read, such as a misspelled one. `guess` is the one
 * that was probably meant.
 *
 * @since 0.1.0
 * @category config
 */
export const unknownVariables = (
  environment: Iterable<string>
): Effect.Effect<ReadonlyArray<{ readonly name: string; readonly guess: string | undefined }>> =>
  Effect.map(names, (known) =>
    Array.from(environment)
      .filter((name) => isOurs(name) && !known.includes(name))
      .map((name) => ({ name, guess: nearest(name.replace(prefix, "EFFECT_POSTMARK_").toUpperCase(), known) })))

// Names in lower case are ours as well: on Linux they would be ignored without a word.
const prefix = /^effect_?postmark_/i

const isOurs = (name: string): boolean => prefix.test(name)

/**
 * Formats the settings for a person. A secret is only said to be set, and the password of a URL is left out.
 *
 * @since 0.1.0
 * @category conversions
 */
export const describe = (settings: Settings): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, describeValue(value)]))

const describeValue = (value: unknown): string => {
  if (Option.isOption(value)) return Option.match(value, { onNone: () => "not set", onSome: describeValue })
  if (Redacted.isRedacted(value)) return "set"
  if (Array.isArray(value)) return value.length === 0 ? "none" : value.map(describeValue).join(", ")
  if (Duration.isDuration(value)) return Duration.format(value)
  if (typeof value === "object" && value !== null) {
    if ("_tag" in value && "label" in value) return String(value.label)
    return "id" in value ? String(value.id) : JSON.stringify(value)
  }
  return String(value).replace(/\/\/[^/@]*@/, "//***@")
}

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
