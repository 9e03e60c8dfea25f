/**
 * The server as a program: SQLite or PostgreSQL for its data, Node for its socket, the environment for its settings.
 *
 * @since 0.1.0
 */
import * as BulkRuns from "@effect-postmark/automation/BulkRuns"
import type * as Erasure from "@effect-postmark/automation/Erasure"
import * as GapFill from "@effect-postmark/automation/GapFill"
import * as NodeRelayClient from "@effect-postmark/automation/NodeRelayClient"
import * as Provisioning from "@effect-postmark/automation/Provisioning"
import * as Relay from "@effect-postmark/automation/Relay"
import * as RelayTargets from "@effect-postmark/automation/RelayTargets"
import * as Retention from "@effect-postmark/automation/Retention"
import type * as Action from "@effect-postmark/core/Action"
import * as ActionRegistry from "@effect-postmark/core/ActionRegistry"
import * as Connections from "@effect-postmark/core/Connections"
import * as KeyRotation from "@effect-postmark/core/KeyRotation"
import * as Subscriptions from "@effect-postmark/core/Subscriptions"
import type * as Trigger from "@effect-postmark/core/Trigger"
import * as TriggerRegistry from "@effect-postmark/core/TriggerRegistry"
import * as Vault from "@effect-postmark/core/Vault"
import * as WebhookReceiver from "@effect-postmark/core/WebhookReceiver"
import * as PostgresStorage from "@effect-postmark/storage-sql/PostgresStorage"
import * as SqliteStorage from "@effect-postmark/storage-sql/SqliteStorage"
import { StorageHealth } from "@effect-postmark/storage-sql/StorageHealth"
import * as StorageMetrics from "@effect-postmark/storage-sql/StorageMetrics"
import * as StorageMove from "@effect-postmark/storage-sql/StorageMove"
import type { StorageUnusable } from "@effect-postmark/storage-sql/StorageUnusable"
import * as NodeContext from "@effect/platform-node/NodeContext"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as FileSystem from "@effect/platform/FileSystem"
import * as HttpServer from "@effect/platform/HttpServer"
import * as Path from "@effect/platform/Path"
import * as SqlClient from "@effect/sql/SqlClient"
import * as Arr from "effect/Array"
import * as Context from "effect/Context"
import * as Data from "effect/Data"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as ApiKeys from "./ApiKeys.ts"
import type { ApiKeyStore } from "./ApiKeyStore.ts"
import { AuditLog } from "./AuditLog.ts"
import * as Automation from "./Automation.ts"
import * as Idempotency from "./Idempotency.ts"
import type { IdempotencyStore } from "./IdempotencyStore.ts"
import * as AdminKey from "./internal/adminKey.ts"
import * as DataDir from "./internal/dataDir.ts"
import * as DiskGauge from "./internal/diskGauge.ts"
import * as KeyRotationWorker from "./internal/keyRotationWorker.ts"
import * as NodeServer from "./internal/nodeServer.ts"
import * as StandaloneReadiness from "./internal/standaloneReadiness.ts"
import * as TlsFiles from "./internal/tlsFiles.ts"
import * as ZeroSeries from "./internal/zeroSeries.ts"
import * as NodeDigest from "./NodeDigest.ts"
import * as ProcessMetrics from "./ProcessMetrics.ts"
import { Readiness } from "./Readiness.ts"
import * as Server from "./Server.ts"
import type { ServerStores } from "./ServerStores.ts"
import type { Settings } from "./Settings.ts"
import * as SqlServerStores from "./SqlServerStores.ts"

/**
 * The server cannot start. The message says what to do about it.
 *
 * @since 0.1.0
 * @category errors
 */
export class StartFailure extends Data.TaggedError("StartFailure")<{ readonly message: string }> {}

/**
 * Where the server is: its address, its directory, and the file of the admin key if one was made for it.
 *
 * @since 0.1.0
 * @category tags
 */
export class Standalone extends Context.Tag("@effect-postmark/http-server/Standalone")<Standalone, {
  readonly url: string
  readonly dataDir: string
  readonly adminKeyFile: Option.Option<string>
}>() {}

/**
 * What the server's own program may use beside it: handlers of triggers need the event log and the cursors.
 *
 * @since 0.1.0
 * @category models
 */
export type Services =
  | Standalone
  | Server.Services
  | HttpServer.HttpServer
  | ApiKeyStore
  | IdempotencyStore
  | SqliteStorage.Stores
  | StorageHealth

/**
 * The whole server. `actions` are added to Postmark's own six, `triggers` to Postmark's own; one of the same id is
 * replaced.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (
  settings: Settings,
  options: Server.Options & {
    readonly actions?: ReadonlyArray<Action.Handled> | undefined
    readonly triggers?: ReadonlyArray<Trigger.Any> | undefined
    /** How long a client may take to send the headers (10 seconds), and the whole request (30 seconds). */
    readonly headersTimeout?: Duration.DurationInput | undefined
    readonly requestTimeout?: Duration.DurationInput | undefined
    readonly receiver?: WebhookReceiver.Options | undefined
    readonly relay?: Relay.Options | undefined
    readonly retention?: Retention.Options | undefined
    readonly gapFill?: GapFill.Options | undefined
    readonly erasure?: Erasure.Options | undefined
    readonly runs?: BulkRuns.WorkerOptions | undefined
    readonly provisioning?: Parameters<typeof Provisioning.worker>[0]
  } = {}
): Layer.Layer<Services, StartFailure> =>
  Layer.unwrapEffect(Effect.gen(function*() {
    const path = yield* Path.Path
    const dataDir = yield* DataDir.make(settings.dataDir)
    const keys = yield* encryptionKeys(settings, path.join(dataDir, "encryption.key"))
    const { postmarkApiUrl, publicUrl } = settings
    const tls = yield* TlsFiles.read(settings)

    const storage = storageOf(settings, path.join(dataDir, databaseFile))
    const vault = Vault.layer(keys)
    const allowed = { hosts: settings.relayHosts, ports: settings.relayPorts }
    const relay = Layer.merge(Relay.layer(options.relay), RelayTargets.layer(allowed)).pipe(
      Layer.provide(NodeRelayClient.layer(allowed))
    )
    const automation = Layer.mergeAll(
      GapFill.worker(options.gapFill),
      Retention.worker,
      BulkRuns.worker(options.runs)
    ).pipe(
      Layer.provideMerge(Layer.unwrapEffect(Effect.map(ownKinds(settings), (kinds) =>
        Automation.layer({
          gapFill: options.gapFill,
          retention: {
            ...options.retention,
            policy: { ...settings.retention, ...options.retention?.policy },
            kinds: [...kinds, ...options.retention?.kinds ?? []]
          },
          erasure: options.erasure
        }))))
    )
    const provisioning = Option.match(publicUrl, {
      onNone: () => Layer.empty,
      onSome: (url) =>
        Layer.provideMerge(Provisioning.worker(options.provisioning), Provisioning.layer({ publicUrl: url }))
    })
    const core = Layer.mergeAll(
      WebhookReceiver.layerWith(options.receiver ?? {}),
      ApiKeys.layer,
      Idempotency.layer(),
      relay,
      automation,
      provisioning
    )
      .pipe(
        Layer.provideMerge(Subscriptions.layer),
        Layer.provideMerge(Connections.layer({ apiUrl: Option.getOrUndefined(postmarkApiUrl) })),
        Layer.merge(keys.length > 1 ? KeyRotationWorker.layer : Layer.empty),
        Layer.provide([vault, NodeDigest.layer, NodeHttpClient.layerUndici]),
        Layer.provideMerge(storage),
        Layer.provideMerge(TriggerRegistry.layer(...options.triggers ?? [])),
        Layer.merge(ActionRegistry.layer(...options.actions ?? []))
      )
    const standalone = Layer.effect(
      Standalone,
      Effect.gen(function*() {
        const { address } = yield* HttpServer.HttpServer
        const { database, isDurable, settings: durability } = yield* Effect.flatMap(StorageHealth, ({ check }) => check)
        if (!isDurable) {
          yield* Effect.logWarning(
            `${database} may lose acknowledged events when the power fails (${durability}): turn fsync and ` +
              "synchronous_commit on"
          )
        }
        const adminKeyFile = yield* AdminKey.ensure(settings.apiKey, path.join(dataDir, "admin.key"))
        const url = HttpServer.formatAddress(address)
        return { url: tls === undefined ? url : url.replace(/^http:/, "https:"), dataDir, adminKeyFile }
      })
    )
    const checks = Layer.effect(
      Readiness,
      Effect.flatMap(StorageHealth, (storage) =>
        StandaloneReadiness.checks({ storage: storage.check, relayPoll: options.relay?.pollInterval }))
    )
    return Layer.mergeAll(
      standalone,
      NodeServer.served(
        Server.layer({
          publicUrl: Option.getOrUndefined(publicUrl),
          rateLimit: Option.getOrNull(settings.rateLimit),
          metricsToken: Option.getOrUndefined(settings.metricsToken),
          trustedProxies: settings.trustedProxies,
          ...options
        }).pipe(Layer.provide(checks))
      ),
      ProcessMetrics.layer(),
      ZeroSeries.layer,
      Option.isSome(settings.databaseUrl) ? Layer.empty : DiskGauge.layer(dataDir)
    ).pipe(
      Layer.provideMerge(
        NodeServer.layer({
          port: settings.port,
          host: settings.host,
          tls,
          headersTimeout: options.headersTimeout,
          requestTimeout: options.requestTimeout
        })
      ),
      Layer.provideMerge(core),
      Layer.provide(NodeContext.layer)
    )
  })).pipe(
    Layer.provide(NodeContext.layer),
    Layer.catchAll((error) =>
      Layer.fail(new StartFailure({ message: explain(error) }))
    )
  )

/**
 * Moves the data from the SQLite file in `dataDir` to the PostgreSQL database at `databaseUrl`, which must be empty. The
 * server must be stopped: it holds the file. The file stays as it is.
 *
 * @since 0.1.0
 * @category constructors
 */
export const moveToPostgres = (
  settings: Settings
): Effect.Effect<ReadonlyArray<StorageMove.Moved>, StartFailure> =>
  Effect.gen(function*() {
    if (Option.isNone(settings.databaseUrl)) {
      return yield* new StartFailure({
        message: "EFFECT_POSTMARK_DATABASE_URL is not set: set it to the PostgreSQL database that the data moves to"
      })
    }
    const path = yield* Path.Path
    const filename = path.join(path.resolve(settings.dataDir), databaseFile)
    yield* existing(filename)
    const clientOf = <E, R>(layer: Layer.Layer<SqlClient.SqlClient | R, E>) =>
      Effect.map(Layer.build(layer), Context.get(SqlClient.SqlClient))
    const from = yield* clientOf(SqliteStorage.layerClient({ filename }))
    const to = yield* clientOf(PostgresStorage.layerClient({ url: settings.databaseUrl.value }))
    return yield* StorageMove.move(from, to)
  }).pipe(
    Effect.scoped,
    Effect.provide(NodeContext.layer),
    Effect.mapError((error) => new StartFailure({ message: explain(error) }))
  )

/**
 * Encrypts all stored secrets with the first key. On PostgreSQL servers can use them meanwhile. A SQLite file belongs to
 * one process, so its server must be stopped; it does the same by itself when it starts with several keys. `check` only
 * reports.
 *
 * @since 0.1.0
 * @category constructors
 */
export const rotateKeys = (
  settings: Settings,
  options: { readonly check: boolean }
): Effect.Effect<KeyRotation.Report, StartFailure> =>
  Effect.gen(function*() {
    const path = yield* Path.Path
    const dataDir = path.resolve(settings.dataDir)
    const filename = path.join(dataDir, databaseFile)
    if (Option.isNone(settings.databaseUrl)) yield* existing(filename)
    const keys = yield* encryptionKeys(settings, path.join(dataDir, "encryption.key"))
    return yield* Effect.provide(
      options.check ? KeyRotation.check : KeyRotation.rotate,
      Layer.merge(storageOf(settings, filename), Vault.layer(keys))
    )
  }).pipe(
    Effect.provide(NodeContext.layer),
    Effect.mapError((error) => {
      const hint = error._tag === "StorageUnusable" && error.reason === "inUse"
        ? ": stop the server, or restart it with several keys, and it encrypts the secrets again by itself"
        : ""
      return new StartFailure({ message: explain(error) + hint })
    })
  )

/** Opening would create the file. */
const existing = (filename: string) =>
  Effect.gen(function*() {
    const files = yield* FileSystem.FileSystem
    if (yield* files.exists(filename)) return
    return yield* new StartFailure({
      message: `there is no ${filename}: set EFFECT_POSTMARK_DATA_DIR to its directory`
    })
  })

const storageOf = ({ databaseUrl }: Settings, filename: string) =>
  Option.match(databaseUrl, {
    onNone: () => stores(SqlServerStores.layerSqlite, SqliteStorage.layerClient({ filename })),
    onSome: (url) => stores(SqlServerStores.layerPostgres({ url }), PostgresStorage.layerClient({ url }))
  })

/** What is pruned beside core's stores. */
const ownKinds = ({ auditRetentionDays }: Settings) =>
  Effect.gen(function*() {
    const { prune } = yield* AuditLog
    return [{ kind: "audit", keep: `${auditRetentionDays} days`, prune } as const, yield* Idempotency.retention]
  })

/**
 * The name of the SQLite file in the data directory.
 *
 * @since 0.1.0
 * @category constants
 */
export const databaseFile = "effect-postmark.db"

/** All stores on one database, opened once. The client stays inside: a program may have another database of its own. */
const stores = (
  all: Layer.Layer<ServerStores | SqliteStorage.Stores, never, SqlClient.SqlClient>,
  database: Layer.Layer<SqlClient.SqlClient | StorageHealth, StorageUnusable>
) =>
  Layer.mergeAll(all, Layer.effect(StorageHealth, StorageHealth), StorageMetrics.layer()).pipe(Layer.provide(database))

const encryptionKeys = (settings: Settings, file: string) =>
  Effect.gen(function*() {
    const given = settings.encryptionKeys
    if (Arr.isNonEmptyReadonlyArray(given)) return given
    const message = missingKey(settings)
    if (message !== undefined) return yield* new StartFailure({ message })
    const made = yield* DataDir.developmentKeys(file)
    return Arr.isNonEmptyReadonlyArray(made)
      ? made
      : yield* new StartFailure({ message: `${file} does not hold a key; restore it or remove it with the data` })
  })

/**
 * Says that the settings need an encryption key, or nothing if they have one or if the server makes one itself.
 *
 * @since 0.1.0
 * @category constructors
 */
export const missingKey = (settings: Settings): string | undefined => {
  if (settings.encryptionKeys.length > 0) return undefined
  if (Option.isSome(settings.databaseUrl)) {
    return "EFFECT_POSTMARK_ENCRYPTION_KEY is not set. Every server on one database must have the same key, so " +
      "none is made up: set it to 32 random bytes in base64 (openssl rand -base64 32)."
  }
  return settings.mode === "production"
    ? "EFFECT_POSTMARK_ENCRYPTION_KEY is not set. In production the server does not make one up: " +
      "set it to 32 random bytes in base64 (openssl rand -base64 32), and keep it apart from the data."
    : undefined
}

const explain = (error: { readonly _tag: string; readonly message: string; readonly cause?: unknown }): string =>
  error._tag === "ServeError" && error.cause instanceof Error ? `cannot listen: ${error.cause.message}` : error.message
