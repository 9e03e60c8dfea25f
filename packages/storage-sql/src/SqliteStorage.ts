/**
 * Every port of core on one SQLite file. One process has the file to itself, and what a store has answered is on the disk.
 *
 * @since 0.1.0
 */
import type { ConnectionStore } from "@effect-postmark/core/ConnectionStore"
import type { CursorStore } from "@effect-postmark/core/CursorStore"
import type { DeliveryStore } from "@effect-postmark/core/DeliveryStore"
import type { ErasureStore } from "@effect-postmark/core/ErasureStore"
import type { EventLog } from "@effect-postmark/core/EventLog"
import type { RunStore } from "@effect-postmark/core/RunStore"
import type { StoreUnavailable } from "@effect-postmark/core/StoreUnavailable"
import type { SubscriberStore } from "@effect-postmark/core/SubscriberStore"
import type { SubscriptionStore } from "@effect-postmark/core/SubscriptionStore"
import type { SweepStore } from "@effect-postmark/core/SweepStore"
import type { TaskStore } from "@effect-postmark/core/TaskStore"
import type { WaitStore } from "@effect-postmark/core/WaitStore"
import * as SqlClient from "@effect/sql/SqlClient"
import * as Config from "effect/Config"
import type { ConfigError } from "effect/ConfigError"
import * as Context from "effect/Context"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import { Integer } from "./internal/integer.ts"
import * as Migrations from "./internal/migrations.ts"
import * as SqliteFile from "./internal/sqliteFile.ts"
import { toUnavailable } from "./internal/unavailable.ts"
import * as SqlConnectionStore from "./SqlConnectionStore.ts"
import * as SqlCursorStore from "./SqlCursorStore.ts"
import * as SqlDeliveryStore from "./SqlDeliveryStore.ts"
import * as SqlErasureStore from "./SqlErasureStore.ts"
import * as SqlEventLog from "./SqlEventLog.ts"
import * as SqlRunStore from "./SqlRunStore.ts"
import * as SqlSubscriberStore from "./SqlSubscriberStore.ts"
import * as SqlSubscriptionStore from "./SqlSubscriptionStore.ts"
import * as SqlSweepStore from "./SqlSweepStore.ts"
import * as SqlTaskStore from "./SqlTaskStore.ts"
import * as SqlWaitStore from "./SqlWaitStore.ts"
import { StorageHealth } from "./StorageHealth.ts"
import type { StorageUnusable } from "./StorageUnusable.ts"
import * as StoreRunner from "./StoreRunner.ts"

/**
 * Where the file is. Its directory must exist; beside it, SQLite keeps `-wal` and `-shm`, and we a small `.lock`.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options {
  /** A path, or `:memory:` for a database that ends with the layer. */
  readonly filename: string
  /** How long a statement waits for another program that holds the file. It holds up everything. Default: 1 second. */
  readonly busyTimeout?: Duration.DurationInput | undefined
}

/**
 * What SQLite says of the open file: `synchronous` is 2 (FULL), `journalMode` is `wal` on a disk.
 *
 * @since 0.1.0
 * @category models
 */
export interface Health {
  readonly sqliteVersion: string
  readonly journalMode: string
  readonly synchronous: number
  /** The number of the last migration. */
  readonly tables: number
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Service {
  /** Asks the database, on the connection that the stores use. */
  readonly health: Effect.Effect<Health, StoreUnavailable>
  /**
   * Writes what is in the write-ahead log into the database, and empties the log: afterwards no file contains what was
   * removed or erased before.
   */
  readonly checkpoint: Effect.Effect<void, StoreUnavailable>
  /** Copies the database to another file while the stores work on. */
  readonly backup: (filename: string) => Effect.Effect<void, StoreUnavailable>
}

/**
 * @since 0.1.0
 * @category tags
 */
export class SqliteStorage
  extends Context.Tag("@effect-postmark/storage-sql/SqliteStorage")<SqliteStorage, Service>()
{}

/**
 * The stores of core.
 *
 * @since 0.1.0
 * @category models
 */
export type Stores =
  | ConnectionStore
  | CursorStore
  | DeliveryStore
  | ErasureStore
  | EventLog
  | RunStore
  | SubscriberStore
  | SubscriptionStore
  | SweepStore
  | TaskStore
  | WaitStore

/**
 * The open file alone, migrated: for stores of your own beside ours (`StoreRunner` runs their statements), or to look at it
 * in a test. It has one connection: inside a transaction of this client, do not wait for a store of ours.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerClient = (
  options: Options
): Layer.Layer<SqlClient.SqlClient | SqliteStorage | StorageHealth, StorageUnusable> =>
  Layer.provideMerge(health, open(options))

const open = (options: Options): Layer.Layer<SqlClient.SqlClient | SqliteStorage, StorageUnusable> =>
  Layer.scopedContext(Effect.gen(function*() {
    const client = yield* SqliteFile.open(options.filename, options.busyTimeout ?? "1 second")
    const run = StoreRunner.make(client, "SQLite")
    const pragma = <A, I>(name: string, result: Schema.Schema<A, I>) =>
      Effect.flatMap(client.unsafe(`PRAGMA ${name}`), Schema.decodeUnknown(Schema.Tuple(result)))
    const storage: Service = {
      health: run(
        "health",
        Effect.gen(function*() {
          const [{ sqliteVersion }] = yield* Effect.flatMap(
            client`SELECT sqlite_version() AS "sqliteVersion"`,
            Schema.decodeUnknown(Schema.Tuple(Schema.Struct({ sqliteVersion: Schema.String })))
          )
          const [{ journal_mode }] = yield* pragma("journal_mode", Schema.Struct({ journal_mode: Schema.String }))
          const [{ synchronous }] = yield* pragma("synchronous", Schema.Struct({ synchronous: Integer }))
          const tables = yield* Migrations.stored(client)
          return { sqliteVersion, journalMode: journal_mode, synchronous, tables }
        })
      ),
      checkpoint: run("checkpoint", Effect.asVoid(client.unsafe("PRAGMA wal_checkpoint(TRUNCATE)"))),
      // Not run as the other statements are: it takes the connection itself, a few pages at a time.
      backup: (filename) =>
        Effect.zipRight(Effect.sync(() => SqliteFile.ownerOnly(filename)), client.backup(filename)).pipe(
          Effect.mapError(toUnavailable("SQLite", "backup")),
          Effect.asVoid
        )
    }
    return Context.make(SqlClient.SqlClient, client).pipe(Context.add(SqliteStorage, storage))
  }))

/**
 * The stores of records on a database that is open and migrated: all but the event log.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerRecords: Layer.Layer<Exclude<Stores, EventLog>, never, SqlClient.SqlClient> = Layer.mergeAll(
  SqlConnectionStore.layer,
  SqlCursorStore.layer,
  SqlDeliveryStore.layer,
  SqlErasureStore.layer,
  SqlRunStore.layer,
  SqlSubscriberStore.layer,
  SqlSubscriptionStore.layer,
  SqlSweepStore.layer,
  SqlTaskStore.layer,
  SqlWaitStore.layer
)

/**
 * The stores on a database that is open and migrated.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerStores: Layer.Layer<Stores, never, SqlClient.SqlClient> = Layer.merge(
  layerRecords,
  SqlEventLog.layer
)

/**
 * The stores on one SQLite file, which is made if it is not there.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (options: Options): Layer.Layer<Stores | StorageHealth | SqliteStorage, StorageUnusable> => {
  // The client stays inside: a program may well have another database of its own.
  const storage = Layer.merge(Layer.effect(SqliteStorage, SqliteStorage), Layer.effect(StorageHealth, StorageHealth))
  return Layer.merge(layerStores, storage).pipe(Layer.provide(layerClient(options)))
}

/**
 * @since 0.1.0
 * @category layers
 */
export const layerConfig = (
  config: Config.Config.Wrap<Options>
): Layer.Layer<Stores | StorageHealth | SqliteStorage, ConfigError | StorageUnusable> =>
  Layer.unwrapEffect(Effect.map(Config.unwrap(config), layer))

const health = Layer.effect(
  StorageHealth,
  Effect.map(SqliteStorage, ({ health }) => ({
    check: Effect.map(health, ({ journalMode, sqliteVersion, synchronous, tables }) => ({
      database: "SQLite" as const,
      version: sqliteVersion,
      isDurable: synchronous >= 2,
      settings: `journal_mode=${journalMode}, synchronous=${synchronous}`,
      tables,
      expected: Migrations.latest
    }))
  }))
)
