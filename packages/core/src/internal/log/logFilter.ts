/** Which events pass a filter. */
import * as EventKeys from "../../EventKeys.ts"
import type { Filter, StoredEvent } from "../../EventLog.ts"

export const make = (
  { connections, messageId, receivedFrom, receivedTo, recipient, status, tag, trigger }: Filter,
  keysOf: (event: StoredEvent) => EventKeys.EventKeys
): (event: StoredEvent) => boolean => {
  const triggers = typeof trigger === "string" ? [trigger] : trigger
  const message = messageId === undefined ? undefined : EventKeys.messageKey(messageId)
  const address = recipient === undefined ? undefined : EventKeys.recipientKey(recipient)
  const label = tag === undefined ? undefined : EventKeys.tagKey(tag)
  if (message === null || address === null || label === null) return () => false
  return (event) => {
    const keys = keysOf(event)
    const receivedAt = Date.parse(event.receivedAt)
    return (connections === undefined || connections.includes(event.connectionId)) &&
      (triggers === undefined || (event.trigger !== null && triggers.includes(event.trigger))) &&
      (message === undefined || event.messageId === message) &&
      (address === undefined || event.recipient === address) &&
      (label === undefined || keys.tag === label) &&
      (status === undefined || event.status === status) &&
      (receivedFrom === undefined || receivedAt >= receivedFrom) &&
      (receivedTo === undefined || receivedAt < receivedTo)
  }
}
