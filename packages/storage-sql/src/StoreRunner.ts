/**
 * Runs the statements of one store: for stores of your own on the same database.
 *
 * @since 0.1.0
 */
import type { StoreUnavailable } from "@effect-postmark/core/StoreUnavailable"
import type * as SqlClient from "@effect/sql/SqlClient"
import type { SqlError } from "@effect/sql/SqlError"
import * as Effect from "effect/Effect"
import type { ParseError } from "effect/ParseResult"
import { measured } from "./internal/measured.ts"
import { inOwnTransaction, onOwnConnection } from "./internal/ownConnection.ts"
import { toUnavailable } from "./internal/unavailable.ts"

/**
 * Runs statements on a connection that no other store uses meanwhile, outside of any transaction of the caller. They fail
 * with `StoreUnavailable`, which has the database's code in it and no stored value.
 *
 * @since 0.1.0
 * @category models
 */
export interface StoreRunner {
  <A>(operation: string, statements: Effect.Effect<A, SqlError | ParseError>): Effect.Effect<A, StoreUnavailable>
  /** All statements in one transaction of their own. A commit without an answer is a failure. */
  readonly transaction: <A>(
    operation: string,
    statements: Effect.Effect<A, SqlError | ParseError>
  ) => Effect.Effect<A, StoreUnavailable>
}

/**
 * The runner of one store. `store` is its name in errors, such as `connection`.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (sql: SqlClient.SqlClient, store: string): StoreRunner => {
  const measure = measured(store)
  return Object.assign(
    <A>(operation: string, statements: Effect.Effect<A, SqlError | ParseError>) =>
      Effect.mapError(measure(onOwnConnection(sql, statements)), toUnavailable(store, operation)),
    {
      transaction: <A>(operation: string, statements: Effect.Effect<A, SqlError | ParseError>) =>
        Effect.mapError(measure(inOwnTransaction(sql, statements)), toUnavailable(store, operation))
    }
  )
}
