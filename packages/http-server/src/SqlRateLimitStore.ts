/**
 * Rate limits in the database of `@effect-postmark/storage-sql`: for several processes on one PostgreSQL database.
 *
 * @since 0.1.0
 */
import * as StoreRunner from "@effect-postmark/storage-sql/StoreRunner"
import * as SqlClient from "@effect/sql/SqlClient"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import { RateLimitStore, type Service } from "./RateLimitStore.ts"

/**
 * A store on a database that `SqliteStorage` or `PostgresStorage` opened. One statement takes a request. On PostgreSQL the
 * table is not logged, so a commit waits for no disk and a crash of the database fills all buckets.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make: Effect.Effect<Service, never, SqlClient.SqlClient> = Effect.map(SqlClient.SqlClient, (sql) => {
  const run = StoreRunner.make(sql, "rate limit")
  return {
    take: ({ capacity, cost, name, now }) =>
      run(
        "take",
        Effect.gen(function*() {
          const [taken] = yield* Effect.flatMap(
            sql`INSERT INTO postmark_rate_limits (name, full_at) VALUES (${name}, ${now + cost})
              ON CONFLICT (name) DO UPDATE SET full_at =
                CASE WHEN postmark_rate_limits.full_at > ${now} THEN postmark_rate_limits.full_at ELSE ${now} END + ${cost}
              WHERE postmark_rate_limits.full_at <= ${now + capacity - cost}
              RETURNING full_at AS "fullAt"`,
            decodeRows
          )
          if (taken !== undefined) return { isTaken: true, fullAt: taken.fullAt }
          const [stored] = yield* Effect.flatMap(
            sql`SELECT full_at AS "fullAt" FROM postmark_rate_limits WHERE name = ${name}`,
            decodeRows
          )
          return { isTaken: false, fullAt: stored?.fullAt ?? now + capacity }
        })
      )
  }
})

/**
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<RateLimitStore, never, SqlClient.SqlClient> = Layer.effect(RateLimitStore, make)

// A driver can answer a 64-bit column as digits.
const decodeRows = Schema.decodeUnknown(
  Schema.Array(
    Schema.Struct({ fullAt: Schema.Union(Schema.Int, Schema.compose(Schema.NumberFromString, Schema.Int)) })
  )
)
