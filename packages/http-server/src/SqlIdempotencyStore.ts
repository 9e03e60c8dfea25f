/**
 * Requests with an `Idempotency-Key` in the database of `@effect-postmark/storage-sql`.
 *
 * @since 0.1.0
 */
import * as StoreRunner from "@effect-postmark/storage-sql/StoreRunner"
import * as SqlClient from "@effect/sql/SqlClient"
import type { SqlError } from "@effect/sql/SqlError"
import * as Arr from "effect/Array"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type { ParseError } from "effect/ParseResult"
import * as Schema from "effect/Schema"
import { IdempotencyRecord, IdempotencyStore, type Service } from "./IdempotencyStore.ts"

/**
 * A store on a database that `SqliteStorage` or `PostgresStorage` opened: its table is one that they make.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make: Effect.Effect<Service, never, SqlClient.SqlClient> = Effect.map(SqlClient.SqlClient, (sql) => {
  const run = StoreRunner.make(sql, "idempotency")
  const columns = sql.literal(
    `id, fingerprint, state, correlation, lease, lease_until AS "leaseUntil", created_at AS "createdAt",
      expires_at AS "expiresAt", answer`
  )
  const isOpenTo = (id: string, lease: string) =>
    sql`id = ${id} AND state <> 'done' AND (lease = ${lease} OR sender = ${lease})`

  // One statement decides: of two at once, the second sees the row that the first wrote.
  const insert = (record: Omit<IdempotencyRecord, "answer">) =>
    sql`INSERT INTO postmark_idempotency
        (id, fingerprint, state, correlation, lease, sender, lease_until, created_at, expires_at, answer)
      VALUES (${record.id}, ${record.fingerprint}, ${record.state}, ${record.correlation}, ${record.lease},
        ${record.state === "working" ? record.lease : null}, ${record.leaseUntil}, ${record.createdAt},
        ${record.expiresAt}, NULL)
      ON CONFLICT (id) DO UPDATE SET fingerprint = excluded.fingerprint, state = excluded.state,
        correlation = excluded.correlation, lease = excluded.lease, sender = excluded.sender,
        lease_until = excluded.lease_until, created_at = excluded.created_at, expires_at = excluded.expires_at,
        answer = NULL
      WHERE postmark_idempotency.expires_at <= excluded.created_at
      RETURNING id`

  const reserve = (
    record: Omit<IdempotencyRecord, "answer">
  ): Effect.Effect<Option.Option<IdempotencyRecord>, SqlError | ParseError> =>
    Effect.gen(function*() {
      if ((yield* insert(record)).length > 0) return Option.none()
      const found = yield* Effect.flatMap(
        sql`SELECT ${columns} FROM postmark_idempotency WHERE id = ${record.id}`,
        decodeRows
      )
      // It was released in between.
      return found.length === 0 ? yield* reserve(record) : Arr.head(found)
    })

  const changes = (operation: string, statement: Effect.Effect<ReadonlyArray<unknown>, SqlError>) =>
    run(operation, Effect.map(statement, (rows) => rows.length > 0))

  return {
    reserve: (record) => run("reserve", reserve(record)),
    takeOver: ({ correlation, id, lease, leaseUntil, now, state }) =>
      changes(
        "takeOver",
        sql`UPDATE postmark_idempotency SET lease = ${lease}, lease_until = ${leaseUntil},
            correlation = CASE WHEN state = 'reserved' THEN ${correlation} ELSE correlation END
          WHERE id = ${id} AND state = ${state} AND lease_until <= ${now} RETURNING id`
      ),
    extend: ({ id, lease, leaseUntil }) =>
      changes(
        "extend",
        sql`UPDATE postmark_idempotency SET lease_until = ${leaseUntil}
          WHERE id = ${id} AND state <> 'done' AND lease = ${lease} RETURNING id`
      ),
    begin: ({ id, lease }) =>
      changes(
        "begin",
        sql`UPDATE postmark_idempotency SET state = 'working', sender = lease
          WHERE id = ${id} AND state = 'reserved' AND lease = ${lease} RETURNING id`
      ),
    finish: ({ answer, expiresAt, id, lease }) =>
      changes(
        "finish",
        sql`UPDATE postmark_idempotency SET state = 'done', answer = ${answer}, expires_at = ${expiresAt}
          WHERE ${isOpenTo(id, lease)} RETURNING id`
      ),
    release: ({ id, lease }) =>
      changes("release", sql`DELETE FROM postmark_idempotency WHERE ${isOpenTo(id, lease)} RETURNING id`),
    prune: ({ before, limit }) =>
      run(
        "prune",
        Effect.map(
          sql`DELETE FROM postmark_idempotency WHERE id IN (
            SELECT id FROM postmark_idempotency WHERE expires_at < ${before} ORDER BY expires_at
              LIMIT ${Math.max(limit, 0)}
          ) RETURNING id`,
          (rows) => rows.length
        )
      )
  }
})

/**
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<IdempotencyStore, never, SqlClient.SqlClient> = Layer.effect(IdempotencyStore, make)

/** Drivers answer 64-bit columns as numbers (SQLite) or as digits (PostgreSQL). */
const Integer = Schema.Union(Schema.Int, Schema.compose(Schema.NumberFromString, Schema.Int))

const decodeRows = Schema.decodeUnknown(
  Schema.Array(Schema.Struct({
    ...IdempotencyRecord.fields,
    leaseUntil: Integer,
    createdAt: Integer,
    expiresAt: Integer
  }))
)
