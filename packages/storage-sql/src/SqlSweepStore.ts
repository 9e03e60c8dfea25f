/**
 * The state of sweeps in a SQL database.
 *
 * @since 0.1.0
 */
import { never, type Service, SweepKind, SweepStore } from "@effect-postmark/core/SweepStore"
import * as SqlClient from "@effect/sql/SqlClient"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import { Integer } from "./internal/integer.ts"
import * as StoreRunner from "./StoreRunner.ts"

/**
 * A sweep store on the tables that a storage layer such as `SqliteStorage` migrated.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make: Effect.Effect<Service, never, SqlClient.SqlClient> = Effect.map(SqlClient.SqlClient, (sql) => {
  const run = StoreRunner.make(sql, "sweep")
  return {
    get: (connectionId) =>
      run(
        "get",
        Effect.gen(function*() {
          const [sweep] = yield* Effect.flatMap(
            sql`SELECT swept_at AS "sweptAt", lease_until AS "leaseUntil" FROM postmark_sweeps
              WHERE connection_id = ${connectionId}`,
            decodeSweeps
          )
          const marks = yield* Effect.flatMap(
            sql`SELECT kind, through FROM postmark_sweep_marks WHERE connection_id = ${connectionId}`,
            decodeMarks
          )
          return {
            ...(sweep ?? { sweptAt: never.sweptAt, leaseUntil: never.leaseUntil }),
            marks: Object.fromEntries(marks.map(({ kind, through }) => [kind, through]))
          }
        })
      ),
    // One statement: of two at once, the second sees the row that the first wrote.
    claim: ({ connectionId, lease, leaseUntil, now }) =>
      run(
        "claim",
        Effect.map(
          sql`INSERT INTO postmark_sweeps (connection_id, lease, lease_until, swept_at)
            VALUES (${connectionId}, ${lease}, ${leaseUntil}, NULL)
            ON CONFLICT (connection_id) DO UPDATE SET lease = excluded.lease, lease_until = excluded.lease_until
            WHERE postmark_sweeps.lease IS NULL OR postmark_sweeps.lease = excluded.lease
              OR postmark_sweeps.lease_until <= ${now}
            RETURNING connection_id`,
          (rows) => rows.length > 0
        )
      ),
    advance: ({ connectionId, kind, lease, through }) =>
      run(
        "advance",
        Effect.map(
          // SQLite needs the WHERE to tell the two meanings of ON apart.
          sql`INSERT INTO postmark_sweep_marks (connection_id, kind, through)
            SELECT connection_id, ${kind}, ${through} FROM postmark_sweeps
            WHERE connection_id = ${connectionId} AND lease = ${lease}
            ON CONFLICT (connection_id, kind) DO UPDATE SET
              through = CASE WHEN excluded.through > postmark_sweep_marks.through THEN excluded.through
                ELSE postmark_sweep_marks.through END
            RETURNING kind`,
          (rows) => rows.length > 0
        )
      ),
    release: ({ connectionId, lease, sweptAt }) =>
      run(
        "release",
        Effect.asVoid(
          sweptAt === null
            ? sql`UPDATE postmark_sweeps SET lease = NULL, lease_until = 0
              WHERE connection_id = ${connectionId} AND lease = ${lease}`
            : sql`UPDATE postmark_sweeps SET lease = NULL, lease_until = 0, swept_at = ${sweptAt}
              WHERE connection_id = ${connectionId} AND lease = ${lease}`
        )
      )
  }
})

/**
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<SweepStore, never, SqlClient.SqlClient> = Layer.effect(SweepStore, make)

const decodeSweeps = Schema.decodeUnknown(
  Schema.Array(Schema.Struct({ sweptAt: Schema.NullOr(Integer), leaseUntil: Integer }))
)
const decodeMarks = Schema.decodeUnknown(Schema.Array(Schema.Struct({ kind: SweepKind, through: Integer })))
