/** Messages as tests see them. */
import type { SentMessage } from "../../SentMessage.ts"
import type { Message } from "../state/state.ts"
import { utc } from "../state/time.ts"

/** A copy, so that what a test holds does not change under it. It is made anew only when something has happened. */
export const sentMessage = (message: Message): SentMessage => {
  const known = copies.get(message)
  if (known?.events.length === message.events.length) return known
  const made = copy(message)
  copies.set(message, made)
  return made
}

// Nothing of a message changes but its events, and these are only added.
const copies = new WeakMap<Message, SentMessage>()

const copy = (message: Message): SentMessage => ({
  messageId: message.id,
  serverId: message.server.id,
  stream: message.stream,
  from: message.from.email,
  to: message.to.map(({ email }) => email),
  cc: message.cc.map(({ email }) => email),
  bcc: message.bcc.map(({ email }) => email),
  recipients: message.recipients,
  inactive: message.inactive,
  replyTo: message.replyTo,
  subject: message.subject,
  tag: message.tag,
  template: message.template,
  htmlBody: message.htmlBody,
  textBody: message.textBody,
  headers: message.headers,
  metadata: message.metadata,
  attachments: message.attachments,
  trackOpens: message.trackOpens,
  trackLinks: message.trackLinks,
  submittedAt: utc(message.at),
  events: message.events.map(({ at, details, recipient, type }) => ({ type, recipient, at: utc(at), details }))
})
