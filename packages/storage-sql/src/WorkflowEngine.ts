/**
 * The workflow engine of `@effect/cluster` with settings that fit durable steps: one program on a SQLite file, or several
 * on a PostgreSQL database.
 *
 * The module is not in the package's index, since it loads the cluster. Import it from
 * `@effect-postmark/storage-sql/WorkflowEngine`.
 *
 * @since 0.1.0
 */
import * as Metrics from "@effect-postmark/core/Metrics"
import * as ClusterWorkflowEngine from "@effect/cluster/ClusterWorkflowEngine"
import * as RunnerAddress from "@effect/cluster/RunnerAddress"
import * as ShardingConfig from "@effect/cluster/ShardingConfig"
import * as SingleRunner from "@effect/cluster/SingleRunner"
import * as NodeClusterSocket from "@effect/platform-node/NodeClusterSocket"
import type { SocketServerError } from "@effect/platform/SocketServer"
import * as SqlClient from "@effect/sql/SqlClient"
import { WorkflowEngine } from "@effect/workflow/WorkflowEngine"
import * as Clock from "effect/Clock"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Metric from "effect/Metric"
import * as Option from "effect/Option"
import type * as Redacted from "effect/Redacted"
import * as EngineRows from "./internal/engineRows.ts"
import * as PostgresDatabase from "./internal/postgresDatabase.ts"
import * as SqliteFile from "./internal/sqliteFile.ts"
import type { StorageUnusable } from "./StorageUnusable.ts"

/**
 * How long the rows of a workflow are kept after it ended. Default: 7 days. Afterwards the same payload starts it anew.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options {
  readonly retention?: Duration.DurationInput | undefined
}

/**
 * A file of its own, beside the storage's: the engine holds its connection for moments in which the storage must not wait.
 *
 * @since 0.1.0
 * @category models
 */
export interface SqliteOptions extends Options {
  readonly filename: string
}

/**
 * The database can be the storage's: the engine's tables begin with `cluster_`. Each program needs its own address, at
 * which the others reach it. They trust one another: the port must be closed to everybody else.
 *
 * @since 0.1.0
 * @category models
 */
export interface PostgresOptions extends Options {
  readonly url: Redacted.Redacted
  readonly runner: {
    readonly host: string
    readonly port: number
    /** Where to listen, if it is not the same address. */
    readonly listen?: { readonly host: string; readonly port: number } | undefined
  }
  /** Default: 10, and at least 3. */
  readonly maxConnections?: number | undefined
}

/**
 * The engine of one program. A second program on the file is refused.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerSqlite = (options: SqliteOptions): Layer.Layer<WorkflowEngine, StorageUnusable> =>
  Layer.unwrapScoped(Effect.map(
    SqliteFile.openEmpty(options.filename, "5 seconds"),
    (client) =>
      Layer.provideMerge(pruning(options), ClusterWorkflowEngine.layer).pipe(
        Layer.provide(SingleRunner.layer({ shardingConfig: { ...sharding, simulateRemoteSerialization: false } })),
        Layer.provide(withoutEnvironment),
        Layer.orDie,
        Layer.provide(Layer.succeed(SqlClient.SqlClient, client))
      )
  ))

/**
 * The engine of several programs. When one is killed, the others take its workflows over within 15 seconds.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerPostgres = (
  options: PostgresOptions
): Layer.Layer<WorkflowEngine, StorageUnusable | SocketServerError> =>
  Layer.scopedContext(Effect.gen(function*() {
    const scope = yield* Effect.scope
    const client = yield* PostgresDatabase.connect({
      url: options.url,
      // One is held for the locks of shards, and one while tables are made.
      maxConnections: Math.max(options.maxConnections ?? 10, 3),
      connectTimeout: "5 seconds",
      statementTimeout: "30 seconds"
    })
    const { host, listen, port } = options.runner
    const engine = Layer.provideMerge(pruning(options), ClusterWorkflowEngine.layer).pipe(
      Layer.provide(NodeClusterSocket.layer({
        storage: "sql",
        runnerHealth: "ping",
        shardingConfig: {
          ...sharding,
          runnerAddress: Option.some(RunnerAddress.make(host, port)),
          runnerListenAddress: Option.map(
            Option.fromNullable(listen),
            (address) => RunnerAddress.make(address.host, address.port)
          )
        }
      })),
      Layer.provide(withoutEnvironment),
      Layer.catchAll((error) => error._tag === "ConfigError" ? Layer.die(error) : Layer.fail(error)),
      Layer.provide(Layer.succeed(SqlClient.SqlClient, client))
    )
    return yield* PostgresDatabase.oneAtATime(client, Layer.buildWithScope(engine, scope))
  }))

/**
 * A wake and a take-over depend on these. A shard of a killed program is free as soon as PostgreSQL sees its connection
 * end; the others look for it once a second.
 */
const sharding: ShardingConfig.ShardingConfig["Type"] = {
  ...ShardingConfig.defaults,
  entityMessagePollInterval: "1 second",
  refreshAssignmentsInterval: "1 second",
  runnerHealthCheckInterval: "2 seconds",
  shardLockRefreshInterval: "2 seconds",
  shardLockExpiration: "6 seconds"
}

/** The cluster would read PORT and HOST, which are somebody else's. */
const withoutEnvironment = Layer.setConfigProvider(ConfigProvider.fromMap(new Map()))

const pruning = ({ retention = "7 days" }: Options): Layer.Layer<never, never, SqlClient.SqlClient | WorkflowEngine> =>
  Layer.scopedDiscard(Effect.gen(function*() {
    const sql = yield* SqlClient.SqlClient
    // The engine has made its tables.
    yield* WorkflowEngine
    const step = Effect.flatMap(
      Clock.currentTimeMillis,
      (now) => EngineRows.prune(sql, now - Duration.toMillis(retention))
    )
    yield* Effect.sleep("1 hour").pipe(
      Effect.zipRight(step),
      Effect.catchAllCause(() =>
        Effect.zipRight(
          Metric.increment(Metric.tagged(Metrics.restarts, "fiber", "WorkflowEngine.prune")),
          Effect.logError("the rows of ended workflows could not be removed; the next try is in an hour")
        )
      ),
      Effect.forever,
      Effect.forkScoped
    )
  }))
