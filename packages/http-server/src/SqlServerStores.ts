/**
 * All stores of a server in the database that `SqliteStorage` opened.
 *
 * @since 0.1.0
 */
import * as SqliteStorage from "@effect-postmark/storage-sql/SqliteStorage"
import type * as SqlClient from "@effect/sql/SqlClient"
import * as Layer from "effect/Layer"
import * as RateLimitStore from "./RateLimitStore.ts"
import type { ServerStores } from "./ServerStores.ts"
import * as SqlApiKeyStore from "./SqlApiKeyStore.ts"
import * as SqlAuditLog from "./SqlAuditLog.ts"
import * as SqlIdempotencyStore from "./SqlIdempotencyStore.ts"

/**
 * The file belongs to one process, so the requests of API keys are counted in memory.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerSqlite: Layer.Layer<ServerStores | SqliteStorage.Stores, never, SqlClient.SqlClient> = Layer.mergeAll(
  SqliteStorage.layerStores,
  SqlApiKeyStore.layer,
  SqlAuditLog.layer,
  SqlIdempotencyStore.layer,
  RateLimitStore.layerMemory
)
