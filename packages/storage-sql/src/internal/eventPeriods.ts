/**
 * The first and the last event of each ten minutes, by the times at which they were received. They bound the sequence
 * numbers of a range of time, also when a clock stepped back.
 */
import type { Filter } from "@effect-postmark/core/EventLog"
import type * as SqlClient from "@effect/sql/SqlClient"
import type { SqlError } from "@effect/sql/SqlError"
import * as Effect from "effect/Effect"
import type { ParseError } from "effect/ParseResult"
import * as Schema from "effect/Schema"
import { Integer } from "./integer.ts"

interface Stored {
  readonly sequence: number
  readonly receivedAt: string
}

/** Part of the append's transaction. New events have greater numbers than all others. */
export const write = (sql: SqlClient.SqlClient, stored: ReadonlyArray<Stored>): Effect.Effect<void, SqlError> => {
  const periods = new Map<string, { readonly first: number; readonly last: number }>()
  for (const { receivedAt, sequence } of stored) {
    const { first, last } = periods.get(periodOf(receivedAt)) ?? { first: sequence, last: sequence }
    periods.set(periodOf(receivedAt), { first: Math.min(first, sequence), last: Math.max(last, sequence) })
  }
  if (periods.size === 0) return Effect.void
  const rows = Array.from(periods, ([period, { first, last }]) => ({
    period,
    first_sequence: first,
    last_sequence: last
  }))
  return Effect.asVoid(
    sql`INSERT INTO postmark_events_periods ${sql.insert(rows)}
      ON CONFLICT (period) DO UPDATE SET last_sequence = excluded.last_sequence`
  )
}

/** Part of the pruning's transaction: forgets periods whose events are all gone. */
export const prune = (sql: SqlClient.SqlClient, before: string): Effect.Effect<void, SqlError> =>
  Effect.asVoid(
    sql`DELETE FROM postmark_events_periods WHERE period < ${periodOf(before)}
      AND last_sequence < (SELECT min(sequence) FROM postmark_events)`
  )

/** A range of time as it is compared with the column; undefined when the filter has none. */
export const range = (
  { receivedFrom, receivedTo }: Filter
): { readonly from: string; readonly to: string } | undefined =>
  receivedFrom === undefined && receivedTo === undefined
    ? undefined
    : { from: isoOf(receivedFrom, earliest), to: isoOf(receivedTo, latest) }

/** The sequence numbers between which all events of a range of time are; undefined when there are none. */
export const bounds = (
  sql: SqlClient.SqlClient,
  { from, to }: { readonly from: string; readonly to: string }
): Effect.Effect<{ readonly first: number; readonly last: number } | undefined, SqlError | ParseError> =>
  Effect.map(
    Effect.flatMap(
      sql`SELECT min(first_sequence) AS first, max(last_sequence) AS last FROM postmark_events_periods
        WHERE period >= ${periodOf(from)} AND period <= ${periodOf(to)}`,
      decodeBounds
    ),
    ([{ first, last }]) => first === null || last === null ? undefined : { first, last }
  )

const periodOf = (receivedAt: string): string => receivedAt.slice(0, "2026-01-01T00:0".length)

const isoOf = (millis: number | undefined, otherwise: string): string => {
  if (millis === undefined) return otherwise
  // Years of more than four digits have a sign, and no place in the order of texts.
  const iso = new Date(Math.min(Math.max(millis, -8.64e15), 8.64e15)).toISOString()
  return iso.startsWith("+") ? latest : iso.startsWith("-") ? earliest : iso
}

const earliest = "0000-01-01T00:00:00.000Z"
const latest = "9999-12-31T23:59:59.999Z"

const decodeBounds = Schema.decodeUnknown(
  Schema.Tuple(Schema.Struct({ first: Schema.NullOr(Integer), last: Schema.NullOr(Integer) }))
)
