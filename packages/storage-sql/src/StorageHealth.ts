/**
 * The database's report about itself, for SQLite and PostgreSQL.
 *
 * @since 0.1.0
 */
import type { StoreUnavailable } from "@effect-postmark/core/StoreUnavailable"
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"

/**
 * `isDurable` says whether a commit survives a power failure, as far as the database's settings decide it; `settings`
 * names them. `tables` is the number of the last migration that the database has, and `expected` that of this program.
 *
 * @since 0.1.0
 * @category models
 */
export interface Health {
  readonly database: "SQLite" | "PostgreSQL"
  readonly version: string
  readonly isDurable: boolean
  readonly settings: string
  readonly tables: number
  readonly expected: number
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Service {
  /** Queries the database over the stores' connections. */
  readonly check: Effect.Effect<Health, StoreUnavailable>
}

/**
 * @since 0.1.0
 * @category tags
 */
export class StorageHealth
  extends Context.Tag("@effect-postmark/storage-sql/StorageHealth")<StorageHealth, Service>()
{}
