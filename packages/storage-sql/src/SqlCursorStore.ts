/**
 * Cursors of subscribers in a SQL database.
 *
 * @since 0.1.0
 */
import { CursorStore, type Service } from "@effect-postmark/core/CursorStore"
import * as SqlClient from "@effect/sql/SqlClient"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import { Integer } from "./internal/integer.ts"
import * as StoreRunner from "./StoreRunner.ts"

/**
 * A cursor store on the tables that a storage layer such as `SqliteStorage` migrated.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make: Effect.Effect<Service, never, SqlClient.SqlClient> = Effect.map(SqlClient.SqlClient, (sql) => {
  const run = StoreRunner.make(sql, "cursor")
  return {
    get: (subscriber) =>
      run(
        "get",
        sql`SELECT sequence FROM postmark_cursors WHERE subscriber = ${subscriber}`.pipe(
          Effect.flatMap(decodeRows),
          Effect.map((rows) => rows[0]?.sequence ?? 0)
        )
      ),
    advance: (subscriber, sequence) =>
      run(
        "advance",
        Effect.asVoid(sql`INSERT INTO postmark_cursors (subscriber, sequence) VALUES (${subscriber}, ${sequence})
          ON CONFLICT (subscriber) DO UPDATE SET sequence = excluded.sequence
          WHERE excluded.sequence > postmark_cursors.sequence`)
      )
  }
})

/**
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<CursorStore, never, SqlClient.SqlClient> = Layer.effect(CursorStore, make)

const decodeRows = Schema.decodeUnknown(Schema.Array(Schema.Struct({ sequence: Integer })))
