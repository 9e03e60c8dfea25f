/** Events in a server's log. */
import { EventLog, type NewEvent } from "@effect-postmark/core/EventLog"
import { ConnectionId } from "@effect-postmark/core/Ids"
import { Context, Effect } from "effect"

export const start = Date.UTC(2026, 4, 1)

/** An event that was received `at` minutes after the start. */
export const stored = (
  connectionId: string,
  at: number,
  fields: Partial<Omit<NewEvent, "event">> & { readonly event?: object | null } = {}
): NewEvent => {
  const { event = { messageId: `m${at}`, recipient: "reader@example.org", tag: "welcome" }, ...rest } = fields
  return {
    connectionId: ConnectionId.make(connectionId),
    identity: `${connectionId} ${at}`,
    receivedAt: new Date(start + at * 60_000).toISOString(),
    recordType: "Delivery",
    trigger: "postmark/email-delivered",
    status: "decoded",
    event: event === null ? null : JSON.stringify(event),
    raw: JSON.stringify({ at }),
    ...rest
  }
}

/** Appends to the log of a server in this process. */
export const append = (context: Context.Context<EventLog>, events: Iterable<NewEvent>) =>
  Effect.forEach(events, Context.get(context, EventLog).append, { concurrency: 500, discard: true })
