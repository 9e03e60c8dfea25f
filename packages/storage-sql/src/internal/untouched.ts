/**
 * A column that is only tested. Its sign keeps SQLite, which does not know how common a value is, from that column's index;
 * PostgreSQL has statistics, and no such sign.
 */
import type * as SqlClient from "@effect/sql/SqlClient"
import type { Fragment } from "@effect/sql/Statement"

export const column = (sql: SqlClient.SqlClient, name: string): Fragment =>
  sql.onDialectOrElse({ pg: () => sql.literal(name), orElse: () => sql.literal(`+${name}`) })
