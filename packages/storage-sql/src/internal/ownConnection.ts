/** Keeps the statements of one store alone on their connection. */
import * as SqlClient from "@effect/sql/SqlClient"
import { SqlError } from "@effect/sql/SqlError"
import * as Cause from "effect/Cause"
import * as Chunk from "effect/Chunk"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"

/**
 * On a driver with one connection, a statement that does not hold it can slip into another fiber's transaction, and be
 * rolled back with it after it was answered: so it is held. It is also named to the statement, which would otherwise go
 * to the connection of whatever transaction the caller has, even if that is of another database.
 */
export const onOwnConnection = <A, E>(
  sql: SqlClient.SqlClient,
  effect: Effect.Effect<A, E>
): Effect.Effect<A, E | SqlError> =>
  Effect.scoped(
    Effect.flatMap(
      sql.reserve,
      (connection) => Effect.provideService(effect, SqlClient.TransactionConnection, [connection, 0])
    )
  )

/** The client makes defects of a COMMIT and a ROLLBACK that fail, as they do when the connection is lost. */
export const inOwnTransaction = <A, E>(
  sql: SqlClient.SqlClient,
  effect: Effect.Effect<A, E>
): Effect.Effect<A, E | SqlError> =>
  sql.withTransaction(effect).pipe(
    Effect.mapInputContext((context: Context.Context<never>) => Context.omit(SqlClient.TransactionConnection)(context)),
    Effect.catchAllCause((cause) => {
      const broken = Chunk.findFirst(Cause.defects(cause), (defect) => defect instanceof SqlError)
      return broken._tag === "Some" && broken.value instanceof SqlError
        ? Effect.fail(broken.value)
        : Effect.failCause(cause)
    })
  )
