/**
 * Every port of core on a PostgreSQL database, which any number of processes can share.
 *
 * @since 0.1.0
 */
import { EventLog } from "@effect-postmark/core/EventLog"
import type { StoreUnavailable } from "@effect-postmark/core/StoreUnavailable"
import * as SqlClient from "@effect/sql/SqlClient"
import * as Config from "effect/Config"
import type { ConfigError } from "effect/ConfigError"
import * as Context from "effect/Context"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import * as Migrations from "./internal/migrations.ts"
import * as PostgresDatabase from "./internal/postgresDatabase.ts"
import { listen } from "./internal/postgresListen.ts"
import * as SqlEventLog from "./SqlEventLog.ts"
import * as SqliteStorage from "./SqliteStorage.ts"
import { StorageHealth } from "./StorageHealth.ts"
import type { StorageUnusable } from "./StorageUnusable.ts"
import * as StoreRunner from "./StoreRunner.ts"

/**
 * Which database. The user must be allowed to create tables in it. Its encoding must be UTF-8.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options {
  /** `postgres://user:password@host:5432/database`, with `?sslmode=require` for an encrypted connection. */
  readonly url: Redacted.Redacted
  /** The most connections that this process opens, besides one for notices. Default: 10, and at least 2. */
  readonly maxConnections?: number | undefined
  /** How long a connection may take, or the wait for one. Default: 5 seconds. */
  readonly connectTimeout?: Duration.DurationInput | undefined
  /** How long one statement may take; PostgreSQL cancels it then. Default: 30 seconds. */
  readonly statementTimeout?: Duration.DurationInput | undefined
}

/**
 * What PostgreSQL says of itself. A commit survives a power failure only with `synchronousCommit` `on` or stronger and
 * `fsync` on.
 *
 * @since 0.1.0
 * @category models
 */
export interface Health {
  readonly serverVersion: string
  readonly synchronousCommit: string
  readonly fsync: string
  /** The number of the last migration. */
  readonly tables: number
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Service {
  /** Asks the database over the connections that the stores use. */
  readonly health: Effect.Effect<Health, StoreUnavailable>
}

/**
 * @since 0.1.0
 * @category tags
 */
export class PostgresStorage
  extends Context.Tag("@effect-postmark/storage-sql/PostgresStorage")<PostgresStorage, Service>()
{}

/**
 * The database alone, migrated: for stores of your own beside ours (`StoreRunner` runs their statements).
 *
 * @since 0.1.0
 * @category layers
 */
export const layerClient = (
  options: Options
): Layer.Layer<SqlClient.SqlClient | PostgresStorage | StorageHealth, StorageUnusable> =>
  Layer.provideMerge(health, open(options))

const open = (options: Options): Layer.Layer<SqlClient.SqlClient | PostgresStorage, StorageUnusable> =>
  Layer.scopedContext(Effect.gen(function*() {
    const client = yield* PostgresDatabase.open(withDefaults(options))
    const run = StoreRunner.make(client, "PostgreSQL")
    const storage: Service = {
      health: run(
        "health",
        Effect.zipWith(
          Effect.flatMap(
            client`SELECT current_setting('server_version') AS "serverVersion",
              current_setting('synchronous_commit') AS "synchronousCommit", current_setting('fsync') AS "fsync"`,
            decodeHealth
          ),
          Migrations.stored(client),
          ([health], tables) => ({ ...health, tables })
        )
      )
    }
    return Context.make(SqlClient.SqlClient, client).pipe(Context.add(PostgresStorage, storage))
  }))

/**
 * The stores on a database that `layerClient` opened with the same options. The event log opens one more connection,
 * for notices of what other processes append.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerStores = (options: Options): Layer.Layer<SqliteStorage.Stores, never, SqlClient.SqlClient> =>
  Layer.merge(
    SqliteStorage.layerRecords,
    Layer.scoped(
      EventLog,
      SqlEventLog.make({ elsewhere: listen(PostgresDatabase.clientConfig(withDefaults(options)), SqlEventLog.channel) })
    )
  )

/**
 * The stores on one PostgreSQL database. Tables are created when they are not there; several processes may start at once.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (
  options: Options
): Layer.Layer<SqliteStorage.Stores | StorageHealth | PostgresStorage, StorageUnusable> => {
  // The client stays inside: a program may well have another database of its own.
  const storage = Layer.merge(
    Layer.effect(PostgresStorage, PostgresStorage),
    Layer.effect(StorageHealth, StorageHealth)
  )
  return Layer.merge(layerStores(options), storage).pipe(Layer.provide(layerClient(options)))
}

/**
 * @since 0.1.0
 * @category layers
 */
export const layerConfig = (
  config: Config.Config.Wrap<Options>
): Layer.Layer<SqliteStorage.Stores | StorageHealth | PostgresStorage, ConfigError | StorageUnusable> =>
  Layer.unwrapEffect(Effect.map(Config.unwrap(config), layer))

const health = Layer.effect(
  StorageHealth,
  Effect.map(PostgresStorage, ({ health }) => ({
    check: Effect.map(health, ({ fsync, serverVersion, synchronousCommit, tables }) => ({
      database: "PostgreSQL" as const,
      version: serverVersion,
      isDurable: fsync === "on" && synchronousCommit !== "off",
      settings: `fsync=${fsync}, synchronous_commit=${synchronousCommit}`,
      tables,
      expected: Migrations.latest
    }))
  }))
)

const withDefaults = (options: Options): PostgresDatabase.Options => ({
  url: options.url,
  // A process that starts holds the lock of the tables on one connection, and makes them over another.
  maxConnections: Math.max(options.maxConnections ?? 10, 2),
  connectTimeout: options.connectTimeout ?? "5 seconds",
  statementTimeout: options.statementTimeout ?? "30 seconds"
})

const decodeHealth = Schema.decodeUnknown(
  Schema.Tuple(
    Schema.Struct({ serverVersion: Schema.String, synchronousCommit: Schema.String, fsync: Schema.String })
  )
)
