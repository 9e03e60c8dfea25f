/** Connects to a PostgreSQL database, with its settings and its tables. */
import * as Reactivity from "@effect/experimental/Reactivity"
import * as PgClient from "@effect/sql-pg/PgClient"
import { SqlError } from "@effect/sql/SqlError"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import type * as Pg from "pg"
import { StorageUnusable } from "../StorageUnusable.ts"
import { driverCode } from "./driverCode.ts"
import * as Migrations from "./migrations.ts"
import { PostgresPool, withoutCancellation } from "./postgresPool.ts"

export interface Options {
  readonly url: Redacted.Redacted
  readonly maxConnections: number
  readonly connectTimeout: Duration.DurationInput
  readonly statementTimeout: Duration.DurationInput
}

export const clientConfig = (options: Options): Pg.ClientConfig => ({
  connectionString: Redacted.value(options.url),
  application_name: "effect-postmark",
  connectionTimeoutMillis: Duration.toMillis(options.connectTimeout),
  keepAlive: true,
  statement_timeout: Duration.toMillis(options.statementTimeout),
  // A transaction whose program has stopped must not hold the log's lock.
  idle_in_transaction_session_timeout: Duration.toMillis(options.statementTimeout)
})

export const open = (options: Options): Effect.Effect<PgClient.PgClient, StorageUnusable, Scope.Scope> =>
  Effect.tap(connect(options), migrate)

/** Without our tables. */
export const connect = (options: Options): Effect.Effect<PgClient.PgClient, StorageUnusable, Scope.Scope> =>
  Effect.gen(function*() {
    if (!/^postgres(?:ql)?:\/\//.test(Redacted.value(options.url))) {
      return yield* new StorageUnusable({ filename, reason: "badUrl" })
    }
    const client = yield* PgClient.fromPool({ acquire: pool(options) }).pipe(Effect.provide(Reactivity.layer))
    yield* check(client)
    return client
  }).pipe(Effect.catchTag("SqlError", (error) => Effect.fail(toUnusable(error.cause))))

const filename = "PostgreSQL"

const pool = (options: Options): Effect.Effect<PostgresPool, SqlError, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.try({
      try: () => {
        const made = new PostgresPool({
          ...clientConfig(options),
          max: options.maxConnections,
          idleTimeoutMillis: 60_000
        })
        // An idle connection that breaks is replaced when it is needed; without a listener it would end the process.
        made.on("error", () => {})
        return withoutCancellation(made)
      },
      catch: (cause) => new SqlError({ cause, message: "the pool cannot be made" })
    }),
    (made) => Effect.promise(() => made.end().catch(() => {}))
  )

const check = (client: PgClient.PgClient): Effect.Effect<void, SqlError | StorageUnusable> =>
  Effect.flatMap(
    client`SHOW server_encoding`,
    (rows) =>
      Schema.is(Schema.Tuple(Schema.Struct({ server_encoding: Schema.Literal("UTF8") })))(rows)
        ? Effect.void
        : Effect.fail(new StorageUnusable({ filename, reason: "notUtf8" }))
  )

/** Several processes can start at once, and one of them makes the tables. */
const migrate = (client: PgClient.PgClient): Effect.Effect<void, StorageUnusable> =>
  oneAtATime(client, Migrations.migrate(filename, client, (cause) => toUnusable(cause, "migrationFailed")))

/** Keeps other processes from making tables meanwhile. */
export const oneAtATime = <A, E>(
  client: PgClient.PgClient,
  making: Effect.Effect<A, E>
): Effect.Effect<A, E | StorageUnusable> => {
  const locked = Effect.flatMap(client.reserve, (connection) =>
    Effect.acquireRelease(
      connection.executeRaw("SELECT pg_advisory_lock($1)", [migrationLock]),
      () => Effect.ignore(connection.executeRaw("SELECT pg_advisory_unlock($1)", [migrationLock]))
    ))
  return Effect.scoped(Effect.zipRight(
    Effect.mapError(locked, (error) => toUnusable(error.cause, "migrationFailed")),
    making
  ))
}

/** "EPmk", and 2 for the tables. */
const migrationLock = 0x45506d6b_02

const toUnusable = (
  cause: unknown,
  otherwise: StorageUnusable["reason"] = "unreachable"
): StorageUnusable => {
  const code = driverCode(cause)
  const known = reasons.find(([pattern]) => pattern.test(code))
  return new StorageUnusable({ filename, reason: known === undefined ? otherwise : known[1], cause: code })
}

const reasons: ReadonlyArray<readonly [code: RegExp, reason: StorageUnusable["reason"]]> = [
  [/^(?:28|3D)/, "refused"],
  [/^(?:08|53|57|CONNECTION_LOST|E[A-Z]{3,})/, "unreachable"],
  [/^25006/, "readOnly"]
]
