/** Rewrites text columns of a table, a page of rows in one transaction. */
import type { Rewrite } from "@effect-postmark/core/Rewriting"
import type * as SqlClient from "@effect/sql/SqlClient"
import type { Fragment } from "@effect/sql/Statement"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type * as StoreRunner from "../StoreRunner.ts"
import { Integer } from "./integer.ts"
import { AsItIs, type Text } from "./nul.ts"

export interface Table {
  readonly name: string
  /** An integer column that orders the rows. */
  readonly key: string
  readonly columns: ReadonlyArray<string>
  /** Columns that are emptied when their text would change: keys that nobody reads but the database. */
  readonly emptied?: ReadonlyArray<string>
  readonly ofConnection: (connectionId: string) => Fragment
  readonly text?: Text
}

export const rewriter = (
  sql: SqlClient.SqlClient,
  run: StoreRunner.StoreRunner,
  { columns, emptied = [], key, name, ofConnection, text = AsItIs }: Table
): Rewrite => {
  // Elsewhere one connection writes.
  const lockRows = sql.onDialectOrElse({ pg: () => sql`FOR UPDATE`, orElse: () => sql.literal("") })
  return ({ after, connectionId, limit, rewrite }) =>
    limit < 1 ? Effect.succeed({ changed: 0, next: null }) : run.transaction(
      "rewrite",
      Effect.gen(function*() {
        const rows = yield* sql`SELECT ${sql(key)} AS position, ${
          sql.literal([...columns, ...emptied].join(", "))
        } FROM ${sql(name)}
          WHERE ${
          sql.and([
            sql`${sql(key)} > ${after}`,
            ...(connectionId === undefined ? [] : [ofConnection(connectionId)])
          ])
        } ORDER BY ${sql(key)} LIMIT ${limit} ${lockRows}`.pipe(Effect.flatMap(decodeRows))
        let changed = 0
        for (const row of rows) {
          const next = Object.fromEntries([...columns, ...emptied].flatMap((column) => {
            const before = row[column]
            if (typeof before !== "string") return []
            const after = text.toColumn(rewrite(text.fromColumn(before)))
            return after === before ? [] : [[column, emptied.includes(column) ? null : after]]
          }))
          if (Object.keys(next).length === 0) continue
          changed += 1
          yield* sql`UPDATE ${sql(name)} SET ${sql.update(next)} WHERE ${sql(key)} = ${row.position}`
        }
        return { changed, next: rows.at(-1)?.position ?? null }
      }).pipe(Effect.withTracerEnabled(false))
    )
}

const decodeRows = Schema.decodeUnknown(
  Schema.Array(
    Schema.Struct({ position: Integer }, {
      key: Schema.String,
      value: Schema.Union(Schema.String, Schema.Number, Schema.Null)
    })
  )
)
