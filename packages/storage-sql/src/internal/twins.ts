/**
 * Recognises backfilled copies of live events, and live events that were backfilled before they came. The statements are
 * part of the append's transaction, and nobody else appends meanwhile.
 */
import * as EventKeys from "@effect-postmark/core/EventKeys"
import type { NewEvent } from "@effect-postmark/core/EventLog"
import type * as SqlClient from "@effect/sql/SqlClient"
import type { SqlError } from "@effect/sql/SqlError"
import * as Effect from "effect/Effect"
import type { ParseError } from "effect/ParseResult"
import * as Schema from "effect/Schema"
import { padded } from "./insertedEvents.ts"
import { Integer } from "./integer.ts"
import * as Untouched from "./untouched.ts"

export interface Judged {
  readonly event: NewEvent
  readonly source: EventKeys.EventSource
  readonly keys: EventKeys.EventKeys
  readonly possiblyDuplicate: boolean
}

/** The events of a group that are new by their natural keys, in their order. */
export const withoutKnown = (
  sql: SqlClient.SqlClient,
  group: ReadonlyArray<NewEvent>
): Effect.Effect<ReadonlyArray<Judged>, SqlError | ParseError> =>
  Effect.gen(function*() {
    const events = group.map((event): Judged => ({
      event,
      source: event.source ?? "live",
      keys: event.keys ?? EventKeys.ofJson(event.trigger, event.event),
      possiblyDuplicate: false
    }))
    const stored = new Twins()
    const natural = [...new Set(events.flatMap(({ keys }) => keys.naturalKey ?? []))]
    if (natural.length > 0) {
      // The literal lets both databases use the index of backfilled events.
      const rows = yield* sql`SELECT ${sql.literal(columns)} FROM postmark_events
        WHERE source = 'backfill' AND ${sql.in("natural_key", padded(natural))}`
      // Two live events are never the same one, so there is nothing to judge.
      if (rows.length === 0 && events.every(({ source }) => source === "live")) return events
      for (const row of yield* decodeRows(rows)) stored.add(row.connectionId, row)
    }
    for (const { event, keys, source } of events) {
      if (source === "live" || keys.naturalKey === null) continue
      const place = keys.messageId === null ? sql`recipient = ${keys.recipient}` : sql`message_id = ${keys.messageId}`
      const rows = yield* sql`SELECT ${sql.literal(columns)} FROM postmark_events
        WHERE ${place} AND ${Untouched.column(sql, "connection_id")} = ${event.connectionId}
          AND natural_key = ${keys.naturalKey} AND source = ${"live"}`
      for (const row of yield* decodeRows(rows)) stored.add(row.connectionId, row)
    }
    const identities = new Set<string>()
    return events.flatMap((judged) => {
      const { event, keys, source } = judged
      const verdict = EventKeys.judge({ ...keys, source }, stored.of(event.connectionId, keys.naturalKey))
      if (verdict === "known") return []
      const identity = `${event.connectionId} ${event.identity}`
      if (!identities.has(identity)) stored.add(event.connectionId, { ...keys, source })
      identities.add(identity)
      return [{ ...judged, possiblyDuplicate: verdict === "doubtful" }]
    })
  })

type Twin = Pick<EventKeys.EventKeys, "naturalKey" | "occurredAt"> & { readonly source: EventKeys.EventSource }

class Twins {
  readonly #byKey = new Map<string, Array<Twin>>()

  add(connectionId: string, { naturalKey, occurredAt, source }: Twin): void {
    const key = `${connectionId} ${naturalKey}`
    this.#byKey.set(key, [...this.of(connectionId, naturalKey), { naturalKey, occurredAt, source }])
  }

  of(connectionId: string, naturalKey: string | null): ReadonlyArray<Twin> {
    return this.#byKey.get(`${connectionId} ${naturalKey}`) ?? []
  }
}

const columns = `connection_id AS "connectionId", natural_key AS "naturalKey", occurred_at AS "occurredAt", source`

const decodeRows = Schema.decodeUnknown(Schema.Array(Schema.Struct({
  connectionId: Schema.String,
  naturalKey: Schema.String,
  occurredAt: Integer,
  source: EventKeys.EventSource
})))
