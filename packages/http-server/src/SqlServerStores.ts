/**
 * All stores of a server in a database.
 *
 * @since 0.1.0
 */
import * as PostgresStorage from "@effect-postmark/storage-sql/PostgresStorage"
import * as SqliteStorage from "@effect-postmark/storage-sql/SqliteStorage"
import type * as SqlClient from "@effect/sql/SqlClient"
import * as Layer from "effect/Layer"
import * as RateLimitStore from "./RateLimitStore.ts"
import type { ServerStores } from "./ServerStores.ts"
import * as SqlApiKeyStore from "./SqlApiKeyStore.ts"
import * as SqlAuditLog from "./SqlAuditLog.ts"
import * as SqlIdempotencyStore from "./SqlIdempotencyStore.ts"
import * as SqlRateLimitStore from "./SqlRateLimitStore.ts"

/**
 * The file belongs to one process, so the requests of API keys are counted in memory.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerSqlite: Layer.Layer<ServerStores | SqliteStorage.Stores, never, SqlClient.SqlClient> = Layer.suspend(
  () => Layer.mergeAll(own, SqliteStorage.layerStores, RateLimitStore.layerMemory)
)

/**
 * The stores on the database that `PostgresStorage` opened, which several servers can share.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerPostgres = (
  options: Parameters<typeof PostgresStorage.layerStores>[0]
): Layer.Layer<ServerStores | SqliteStorage.Stores, never, SqlClient.SqlClient> =>
  Layer.mergeAll(own, PostgresStorage.layerStores(options), SqlRateLimitStore.layer)

const own = Layer.mergeAll(SqlApiKeyStore.layer, SqlAuditLog.layer, SqlIdempotencyStore.layer)
