/** Runs the statements of one store: alone on their connection, and failing with `StoreUnavailable`. */
import { StoreUnavailable } from "@effect-postmark/core/StoreUnavailable"
import * as SqlClient from "@effect/sql/SqlClient"
import type { SqlError } from "@effect/sql/SqlError"
import * as Effect from "effect/Effect"
import type { ParseError } from "effect/ParseResult"
import { driverCode } from "./driverCode.ts"

export type Run = <A>(
  operation: string,
  statements: Effect.Effect<A, SqlError | ParseError>
) => Effect.Effect<A, StoreUnavailable>

export const make = (sql: SqlClient.SqlClient, store: string): Run => (operation, statements) =>
  Effect.mapError(onOwnConnection(sql, statements), toUnavailable(store, operation))

export const toUnavailable = (store: string, operation: string) => (error: SqlError | ParseError): StoreUnavailable =>
  new StoreUnavailable({
    store,
    operation,
    // Nothing but the driver's code: messages of drivers and decoders can hold stored values.
    cause: error._tag === "SqlError" ? driverCode(error.cause) : "a stored row does not have the expected shape"
  })

/**
 * On a driver with one connection, a statement that does not hold it can slip into another fiber's transaction, and be
 * rolled back with it after it was answered: so it is held. It is also named to the statement, which would otherwise go
 * to the connection of whatever transaction the caller has, even if that is of another database.
 */
const onOwnConnection = <A, E>(sql: SqlClient.SqlClient, effect: Effect.Effect<A, E>): Effect.Effect<A, E | SqlError> =>
  Effect.scoped(
    Effect.flatMap(
      sql.reserve,
      (connection) => Effect.provideService(effect, SqlClient.TransactionConnection, [connection, 0])
    )
  )
