/** Inserts events with few statement texts, so that SQLite has each prepared, and reads back which were new. */
import type * as SqlClient from "@effect/sql/SqlClient"
import { SqlError } from "@effect/sql/SqlError"
import * as Effect from "effect/Effect"
import type { Judged } from "./twins.ts"

/** A stored event's keys and its number. */
export interface Inserted {
  readonly connectionId: string
  readonly identity: string
  readonly receivedAt: string
  readonly sequence: number
}

export const make = (sql: SqlClient.SqlClient) => {
  const isPostgres = sql.onDialectOrElse({ pg: () => true, orElse: () => false })
  const texts = new Map<number, string>()
  const textOf = (rows: number): string => {
    const known = texts.get(rows)
    if (known !== undefined) return known
    const row = (index: number) =>
      columns.map((_, column) => isPostgres ? `$${index * columns.length + column + 1}` : "?").join(", ")
    const text = `INSERT INTO postmark_events (${columns.join(", ")}) VALUES ${
      Array.from({ length: rows }, (_, index) => `(${row(index)})`).join(", ")
    } ON CONFLICT (connection_id, identity) DO NOTHING RETURNING connection_id, identity, received_at, sequence`
    texts.set(rows, text)
    return text
  }
  const insert = (events: ReadonlyArray<Judged>) =>
    Effect.flatMap(sql.unsafe<object>(textOf(events.length), events.flatMap(valuesOf)), decode)
  return (events: ReadonlyArray<Judged>): Effect.Effect<ReadonlyArray<Inserted>, SqlError> =>
    events.length === 0
      ? Effect.succeed([])
      // A round trip costs more there than a new text.
      : isPostgres
      ? insert(events)
      : Effect.map(Effect.forEach(split(events), insert), (inserted) => inserted.flat())
}

/** Repeats the last value up to a power of two, for the same reason: a list in a condition then has few lengths. */
export const padded = <A>(values: ReadonlyArray<A>): ReadonlyArray<A> => {
  const last = values.at(-1)
  if (last === undefined) return values
  let length = 1
  while (length < values.length) length *= 2
  return [...values, ...Array.from({ length: length - values.length }, () => last)]
}

/** Parts whose lengths are powers of two, in their order. */
const split = (events: ReadonlyArray<Judged>): ReadonlyArray<ReadonlyArray<Judged>> => {
  const parts: Array<ReadonlyArray<Judged>> = []
  let start = 0
  for (let length = maximumRows; start < events.length;) {
    if (length <= events.length - start) {
      parts.push(events.slice(start, start + length))
      start += length
    } else {
      length /= 2
    }
  }
  return parts
}

const maximumRows = 64

const columns = [
  "connection_id",
  "identity",
  "received_at",
  "record_type",
  "trigger_id",
  "status",
  "event",
  "raw",
  "source",
  "message_id",
  "recipient",
  "tag",
  "natural_key",
  "occurred_at",
  "possibly_duplicate"
]

const valuesOf = ({ event, keys, possiblyDuplicate, source }: Judged) => [
  event.connectionId,
  event.identity,
  event.receivedAt,
  event.recordType,
  event.trigger,
  event.status,
  event.event,
  event.raw,
  source,
  keys.messageId,
  keys.recipient,
  keys.tag,
  keys.naturalKey,
  keys.occurredAt,
  possiblyDuplicate ? 1 : 0
]

/** Without a schema: this runs for every event, and reads what was bound a moment ago. */
const decode = (rows: ReadonlyArray<object>): Effect.Effect<ReadonlyArray<Inserted>, SqlError> => {
  const inserted: Array<Inserted> = []
  for (const row of rows) {
    const connectionId: unknown = Reflect.get(row, "connection_id")
    const identity: unknown = Reflect.get(row, "identity")
    const receivedAt: unknown = Reflect.get(row, "received_at")
    // PostgreSQL's driver writes a bigint as text.
    const sequence = Number(Reflect.get(row, "sequence"))
    if (
      typeof connectionId !== "string" || typeof identity !== "string" || typeof receivedAt !== "string" ||
      !Number.isSafeInteger(sequence)
    ) {
      return Effect.fail(new SqlError({ cause: undefined, message: "an inserted event came back without its keys" }))
    }
    inserted.push({ connectionId, identity, receivedAt, sequence })
  }
  return Effect.succeed(inserted)
}
