/** Ends the waits of new events: part of the transaction that stores the events. */
import * as EventKeys from "@effect-postmark/core/EventKeys"
import type { NewEvent } from "@effect-postmark/core/EventLog"
import * as WaitStore from "@effect-postmark/core/WaitStore"
import type * as SqlClient from "@effect/sql/SqlClient"
import type { SqlError } from "@effect/sql/SqlError"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type { ParseError } from "effect/ParseResult"
import * as Schema from "effect/Schema"
import { padded } from "./insertedEvents.ts"

export interface New {
  readonly sequence: number
  readonly event: Pick<NewEvent, "connectionId" | "event" | "keys" | "receivedAt" | "status" | "trigger">
}

export const write = (
  sql: SqlClient.SqlClient,
  events: ReadonlyArray<New>
): Effect.Effect<void, SqlError | ParseError> =>
  Effect.gen(function*() {
    const ending = events.filter(({ event }) => event.trigger !== null && WaitStore.triggers.includes(event.trigger))
      .sort((a, b) => a.sequence - b.sequence)
    const messages = new Set(ending.flatMap(({ event }) => {
      const { messageId } = event.keys ?? EventKeys.ofJson(event.trigger, event.event)
      return messageId === null ? [] : [messageId]
    }))
    if (messages.size === 0) return
    const waits = yield* sql`SELECT id, connection_id AS "connectionId", message_id AS "messageId", recipient, kind
      FROM postmark_waits WHERE state = 'waiting' AND ${sql.in("message_id", padded([...messages]))}`.pipe(
      Effect.flatMap(decodeWaits)
    )
    if (waits.length === 0) return
    const now = yield* Clock.currentTimeMillis
    for (const wait of waits) {
      const first = ending.find(({ event }) => WaitStore.isEndedBy(wait, event))
      if (first !== undefined) yield* end(sql, wait.id, now, first)
    }
  })

/** The condition decides between an event and the deadline: the first of them that is written. */
export const end = (sql: SqlClient.SqlClient, id: string, now: number, { event, sequence }: New) =>
  sql`UPDATE postmark_waits SET state = 'ended', due_at = 0, ended_at = ${now}, sequence = ${sequence},
    trigger_id = ${event.trigger}, received_at = ${event.receivedAt}, event = ${event.event}
    WHERE id = ${id} AND state = 'waiting'`

const { connectionId, id, kind, messageId, recipient } = WaitStore.Wait.fields
const decodeWaits = Schema.decodeUnknown(
  Schema.Array(Schema.Struct({ connectionId, id, kind, messageId, recipient }))
)
