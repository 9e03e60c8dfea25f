/**
 * Moves everything from a SQLite storage to an empty PostgreSQL storage.
 *
 * @since 0.1.0
 */
import type * as SqlClient from "@effect/sql/SqlClient"
import type { SqlError } from "@effect/sql/SqlError"
import * as Effect from "effect/Effect"
import type * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import { driverCode } from "./internal/driverCode.ts"
import { Integer } from "./internal/integer.ts"
import { WithoutNul } from "./internal/nul.ts"
import { inOwnTransaction, onOwnConnection } from "./internal/ownConnection.ts"

/**
 * The move failed, and PostgreSQL is unchanged: all rows are copied in one transaction. `notEmpty` names a table that
 * already has rows, `missingTable` one that PostgreSQL lacks, and `countsDiffer` one with another number of rows
 * after the copy. `database` is the driver's error code.
 *
 * @since 0.1.0
 * @category errors
 */
export class StorageMoveFailure
  extends Schema.TaggedError<StorageMoveFailure>("@effect-postmark/storage-sql/StorageMove/StorageMoveFailure")(
    "StorageMoveFailure",
    { reason: Schema.Literal("notEmpty", "missingTable", "countsDiffer", "database"), detail: Schema.String }
  )
{
  override get message(): string {
    return sentences[this.reason](this.detail)
  }
}

const sentences = {
  notEmpty: (table: string) => `the PostgreSQL table ${table} has rows already: move to an empty database`,
  missingTable: (table: string) => `the PostgreSQL database has no table ${table}: use the version that wrote the file`,
  countsDiffer: (table: string) => `the copy of ${table} has another number of rows, and was undone`,
  database: (code: string) => `a database did not answer as expected (${code}), and the move was undone`
}

/**
 * The number of moved rows of a table.
 *
 * @since 0.1.0
 * @category models
 */
export interface Moved {
  readonly table: string
  readonly rows: number
}

/**
 * Copies every table whose name begins with `postmark_`, 1,000 rows at a time, and compares the counts. Sequence
 * numbers do not change, so cursors stay valid. The source is only read. Both storages must be open and migrated.
 * Nobody may write to either meanwhile; `SqliteStorage.layerClient` ensures this for the file.
 *
 * @since 0.1.0
 * @category constructors
 */
export const move = (
  from: SqlClient.SqlClient,
  to: SqlClient.SqlClient
): Effect.Effect<ReadonlyArray<Moved>, StorageMoveFailure> =>
  Effect.gen(function*() {
    const tables = yield* onOwnConnection(
      from,
      Effect.flatMap(
        from`SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE 'postmark!_%' ESCAPE '!' ORDER BY name`,
        decodeNames
      )
    )
    return yield* Effect.forEach(tables, ({ name }) => moveTable(from, to, name))
  }).pipe(
    (copy) => inOwnTransaction(to, copy),
    Effect.catchTags({
      ParseError: () => new StorageMoveFailure({ reason: "database", detail: "unexpected rows" }),
      SqlError: (error) => new StorageMoveFailure({ reason: "database", detail: driverCode(error.cause) })
    })
  )

// The two clients share the tag of a transaction's connection, so each statement of the source names its own.
const moveTable = (
  from: SqlClient.SqlClient,
  to: SqlClient.SqlClient,
  table: string
): Effect.Effect<Moved, SqlError | ParseResult.ParseError | StorageMoveFailure> =>
  Effect.gen(function*() {
    const columns = yield* Effect.flatMap(
      to`SELECT column_name AS name, is_identity = 'YES' AS "isIdentity" FROM information_schema.columns
        WHERE table_schema = current_schema() AND table_name = ${table}`,
      decodeColumns
    )
    if (columns.length === 0) return yield* new StorageMoveFailure({ reason: "missingTable", detail: table })
    if ((yield* count(to, table)) > 0) return yield* new StorageMoveFailure({ reason: "notEmpty", detail: table })
    const names = from.literal(columns.map(({ name }) => `"${name}"`).join(", "))
    // A row of this one can have 50 MB.
    const perPage = table === "postmark_run_contents"
      ? 1
      : Math.min(pageSize, Math.floor(maximumParameters / columns.length))
    let after = Number.MIN_SAFE_INTEGER
    let rows = 0
    while (true) {
      const page = yield* onOwnConnection(
        from,
        Effect.flatMap(
          from`SELECT rowid AS "rowid of the file", ${names} FROM ${from(table)}
            WHERE rowid > ${after} ORDER BY rowid LIMIT ${perPage}`,
          decodeRows
        )
      )
      const last = page.at(-1)
      if (last === undefined) break
      after = last["rowid of the file"]
      rows += page.length
      yield* to`INSERT INTO ${to(table)} ${to.insert(page.map(toRow(table)))}`.pipe(Effect.withTracerEnabled(false))
    }
    const identity = columns.find(({ isIdentity }) => isIdentity)
    if (identity !== undefined) {
      // The largest number ever given, also of rows that are gone, so that no number is given twice.
      const [{ highest }] = yield* onOwnConnection(
        from,
        Effect.flatMap(
          from`SELECT coalesce(max(seq), 0) AS highest FROM sqlite_sequence WHERE name = ${table}`,
          decodeHighest
        )
      )
      if (highest > 0) yield* to`SELECT setval(pg_get_serial_sequence(${table}, ${identity.name}), ${highest})`
    }
    if ((yield* onOwnConnection(from, count(from, table))) !== rows || (yield* count(to, table)) !== rows) {
      return yield* new StorageMoveFailure({ reason: "countsDiffer", detail: table })
    }
    return { table, rows }
  })

const count = (sql: SqlClient.SqlClient, table: string) =>
  Effect.map(
    Effect.flatMap(sql`SELECT count(*) AS highest FROM ${sql(table)}`, decodeHighest),
    ([{ highest }]) => highest
  )

/** Only a quarantined body can contain characters that PostgreSQL's text type rejects. */
const toRow = (table: string) => ({ "rowid of the file": _, ...row }: SourceRow) =>
  table === "postmark_quarantine" && typeof row["body"] === "string"
    ? { ...row, body: WithoutNul.toColumn(row["body"]) }
    : row

const pageSize = 1_000

/** PostgreSQL accepts at most 65,535 parameters in a statement. */
const maximumParameters = 60_000

const decodeNames = Schema.decodeUnknown(Schema.Array(Schema.Struct({ name: Schema.String })))
const decodeColumns = Schema.decodeUnknown(
  Schema.Array(Schema.Struct({ name: Schema.String, isIdentity: Schema.Boolean }))
)
const decodeHighest = Schema.decodeUnknown(Schema.Tuple(Schema.Struct({ highest: Integer })))

const SourceRow = Schema.Struct(
  { "rowid of the file": Integer },
  { key: Schema.String, value: Schema.Union(Schema.String, Schema.Number, Schema.Null) }
)
interface SourceRow extends Schema.Schema.Type<typeof SourceRow> {}
const decodeRows = Schema.decodeUnknown(Schema.Array(SourceRow))
