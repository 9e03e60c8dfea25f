/**
 * The statements that read a page of the log. One filter, the rarest by its nature, chooses the index; the others are
 * tested on what it finds. Each index ends in the sequence number, so nothing is sorted but the pages of several searches.
 */
import * as EventKeys from "@effect-postmark/core/EventKeys"
import type { ReadOptions } from "@effect-postmark/core/EventLog"
import type * as SqlClient from "@effect/sql/SqlClient"
import type { SqlError } from "@effect/sql/SqlError"
import * as Statement from "@effect/sql/Statement"
import * as Effect from "effect/Effect"
import type { ParseError } from "effect/ParseResult"
import * as EventPeriods from "./eventPeriods.ts"

type Row = object

export const make = (sql: SqlClient.SqlClient, columns: Statement.Fragment) => {
  // SQLite does not know how common a value is, and would choose among indexes by chance.
  const table = sql.onDialectOrElse({
    pg: () => (_: ReadonlyArray<string>) => sql.literal("postmark_events"),
    orElse: () => (searched: ReadonlyArray<string>) => {
      const index = indexes[searched.join(" ")]
      return sql.literal(`postmark_events ${index === undefined ? "NOT INDEXED" : `INDEXED BY ${index}`}`)
    }
  })
  const one = (column: string) => (value: string): Statement.Fragment => sql`${sql(column)} = ${value}`
  const tested = (column: string, values: ReadonlyArray<string>): Statement.Fragment =>
    values.length === 1
      ? sql`${sql(column)} = ${values[0]}`
      : sql.in(column, values)

  const searches = (options: ReadOptions, bounds: ReadonlyArray<Statement.Fragment>) => {
    const connections = options.connections === undefined ? undefined : [...new Set(options.connections)]
    const triggers = options.trigger === undefined ? undefined : [...new Set([options.trigger].flat())]
    const equal: Record<string, ReadonlyArray<string> | undefined> = {
      message_id: keyOf(options.messageId, EventKeys.messageKey),
      recipient: keyOf(options.recipient, EventKeys.recipientKey),
      status: options.status === undefined ? undefined : [options.status],
      tag: keyOf(options.tag, EventKeys.tagKey),
      connection_id: connections,
      trigger_id: triggers
    }
    if (Object.values(equal).some((values) => values?.length === 0)) return { from: table([]), wheres: [] }
    const columns = drivers.find(({ isFor }) => isFor(options))?.columns ?? []
    const used = columns.filter((column) => equal[column] !== undefined)
    // More searches than this cost more than a walk along the log.
    const combinations = used.reduce((product, column) => product * (equal[column]?.length ?? 1), 1)
    const searched = combinations > maximumSearches ? used.filter((column) => equal[column]?.length === 1) : used
    const rest = [
      ...bounds,
      ...Object.entries(equal).flatMap(([column, values]) =>
        values === undefined || searched.includes(column) ? [] : [tested(column, values)]
      ),
      // The condition of the partial index, in its own words.
      ...(searched.includes("status") ? [sql`status <> ${sql.literal("'decoded'")}`] : [])
    ]
    const wheres = searched.reduce<ReadonlyArray<ReadonlyArray<Statement.Fragment>>>(
      (all, column) => all.flatMap((parts) => (equal[column] ?? []).map((value) => [...parts, one(column)(value)])),
      [[]]
    ).map((parts) => sql.and([...parts, ...rest]))
    return { from: table(searched), wheres }
  }

  const page = (
    options: ReadOptions,
    bounds: ReadonlyArray<Statement.Fragment>
  ): Effect.Effect<ReadonlyArray<Row>, SqlError> => {
    const direction = sql.literal(options.order === "newest" ? "DESC" : "ASC")
    const { from, wheres } = searches(options, bounds)
    const [only, ...others] = wheres
    if (only === undefined) return Effect.succeed([])
    if (others.length === 0) {
      return sql<Row>`SELECT ${columns} FROM ${from} WHERE ${only}
        ORDER BY sequence ${direction} LIMIT ${options.limit}`
    }
    // Merged by their numbers; only the rows of the page are read.
    const merged = Statement.join(" UNION ALL ", false)(
      wheres.map((where) => sql`SELECT sequence FROM ${from} WHERE ${where}`)
    )
    return sql<Row>`SELECT ${columns} FROM postmark_events WHERE sequence IN (
        SELECT sequence FROM (${merged} ORDER BY sequence ${direction} LIMIT ${options.limit}) AS page
      ) ORDER BY sequence ${direction}`
  }

  return (options: ReadOptions): Effect.Effect<ReadonlyArray<Row>, SqlError | ParseError> =>
    Effect.gen(function*() {
      const range = EventPeriods.range(options)
      const within = range === undefined ? undefined : yield* EventPeriods.bounds(sql, range)
      if (range !== undefined && within === undefined) return []
      const after = Math.max(options.after, (within?.first ?? 0) - 1)
      const before = Math.min(
        options.before ?? Number.POSITIVE_INFINITY,
        (within?.last ?? Number.POSITIVE_INFINITY) + 1
      )
      return yield* page(options, [
        sql`sequence > ${after}`,
        ...(Number.isFinite(before) ? [sql`sequence < ${before}`] : []),
        ...(range === undefined
          ? []
          : [sql`received_at >= ${range.from} AND received_at < ${range.to}`])
      ])
    })
}

/** From the rarest. Each column of a driver is the next of one index. */
const drivers: ReadonlyArray<{
  readonly isFor: (options: ReadOptions) => boolean
  readonly columns: ReadonlyArray<string>
}> = [
  { isFor: ({ messageId }) => messageId !== undefined, columns: ["message_id"] },
  { isFor: ({ recipient }) => recipient !== undefined, columns: ["recipient"] },
  { isFor: ({ status }) => status !== undefined && status !== "decoded", columns: ["connection_id", "status"] },
  { isFor: ({ tag }) => tag !== undefined, columns: ["connection_id", "tag"] },
  { isFor: () => true, columns: ["connection_id", "trigger_id"] }
]

/** By the columns that are searched. */
const indexes: Readonly<Record<string, string | undefined>> = {
  "message_id": "postmark_events_by_message",
  "recipient": "postmark_events_by_recipient",
  "status": "postmark_events_status",
  "connection_id status": "postmark_events_connection_status",
  "tag": "postmark_events_by_tag",
  "connection_id tag": "postmark_events_connection_tag",
  "trigger_id": "postmark_events_trigger",
  "connection_id": "postmark_events_connection",
  "connection_id trigger_id": "postmark_events_connection_trigger"
}

const maximumSearches = 200

const keyOf = (text: string | undefined, toKey: (text: string) => string | null) => {
  if (text === undefined) return undefined
  const key = toKey(text)
  return key === null ? [] : [key]
}
