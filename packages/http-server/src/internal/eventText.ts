/** Events as text. The stored JSON is copied unchanged, so no digit is lost. */
import type { StoredEvent } from "@effect-postmark/core/EventLog"
import * as Json from "@effect-postmark/core/Json"

/** An event as JSON. */
export const json = (stored: StoredEvent): string => fields(stored, {})

/** An event as one line of JSON, with the cursor that goes on after it. Line breaks in JSON are only between its tokens. */
export const line = (stored: StoredEvent, cursor: string): string =>
  `${fields(stored, { cursor }).replace(/[\r\n]+/g, " ")}\n`

/** An event as a server-sent event. */
export const serverSent = (stored: StoredEvent, cursor: string): string =>
  `id: ${cursor}\n${json(stored).split(/\r\n|\r|\n/).map((text) => `data: ${text}\n`).join("")}\n`

const fields = ({ event, raw, ...stored }: StoredEvent, more: Readonly<Record<string, string>>): string => {
  const { connectionId, possiblyDuplicate, receivedAt, recordType, sequence, source, status, trigger } = stored
  const about = JSON.stringify({
    sequence,
    connectionId,
    receivedAt,
    trigger,
    status,
    source,
    possiblyDuplicate,
    recordType,
    ...more
  })
  // A client that parses and writes a body this deep would run out of stack.
  const body = event === null && Json.isTooDeep(raw) ? JSON.stringify(raw) : raw
  return `${about.slice(0, -1)},"event":${event ?? "null"},"raw":${body}}`
}
