/** Webhook bodies (docs/postmark.md#webhook-payloads). */
import type { Reader } from "../../Reader.ts"
import { source } from "../routes/history.ts"
import type { Bounce, Link, Message, Server, Suppression } from "../state/state.ts"
import { type Instant, utc, utcSeconds } from "../state/time.ts"

export const delivery = (message: Message, recipient: string, at: Instant, details: string) => ({
  RecordType: "Delivery",
  ServerID: message.server.id,
  MessageStream: message.stream,
  MessageID: message.id,
  Recipient: recipient,
  Tag: message.tag ?? "",
  DeliveredAt: utc(at),
  Details: details,
  Metadata: message.metadata
})

export const bounce = (bounce: Bounce, includeContent: boolean) => ({
  RecordType: "Bounce",
  ...report(bounce, includeContent),
  Inactive: bounce.kind.inactive,
  CanActivate: true
})

export const spamComplaint = (bounce: Bounce, includeContent: boolean) => ({
  RecordType: "SpamComplaint",
  ...report(bounce, includeContent),
  Inactive: true,
  CanActivate: false
})

export const open = (message: Message, recipient: string, at: Instant, reader: Reader, first: boolean) => ({
  RecordType: "Open",
  MessageStream: message.stream,
  FirstOpen: first,
  Client: reader.client,
  OS: reader.os,
  Platform: reader.platform,
  UserAgent: reader.userAgent,
  ReadSeconds: reader.readSeconds,
  Geo: reader.geo,
  MessageID: message.id,
  Metadata: message.metadata,
  ReceivedAt: utc(at),
  Tag: message.tag ?? "",
  Recipient: recipient
})

export const click = (message: Message, recipient: string, at: Instant, reader: Reader, link: Link) => ({
  RecordType: "Click",
  MessageStream: message.stream,
  ClickLocation: link.location,
  Client: reader.client,
  OS: reader.os,
  Platform: reader.platform,
  UserAgent: reader.userAgent,
  OriginalLink: link.url,
  Geo: reader.geo,
  MessageID: message.id,
  Metadata: message.metadata,
  ReceivedAt: utc(at),
  Tag: message.tag ?? "",
  Recipient: recipient
})

export const subscriptionChange = (change: {
  readonly server: Server
  readonly stream: string
  readonly message: Message | undefined
  readonly email: string
  readonly at: Instant
  readonly origin: Suppression["origin"]
  /** Null if the address is reactivated. */
  readonly reason: Suppression["reason"] | null
}) => ({
  RecordType: "SubscriptionChange",
  MessageID: change.message?.id ?? null,
  ServerID: change.server.id,
  MessageStream: change.stream,
  ChangedAt: utcSeconds(change.at),
  Recipient: change.email,
  Origin: change.origin,
  SuppressSending: change.reason !== null,
  SuppressionReason: change.reason,
  Tag: change.message?.tag ?? null,
  Metadata: change.message?.metadata ?? {}
})

const report = (bounce: Bounce, includeContent: boolean) => ({
  ...aboutBounce(bounce),
  BouncedAt: utc(bounce.at),
  DumpAvailable: true,
  Subject: bounce.message.subject,
  ...(includeContent ? { Content: source(bounce.message) } : {}),
  Metadata: bounce.message.metadata
})

/**
 * What a webhook and the bounces API say alike of a bounce.
 * See https://postmarkapp.com/developer/webhooks/bounce-webhook and https://postmarkapp.com/developer/api/bounce-api.
 */
export const aboutBounce = ({ details, email, id, kind, message }: Bounce) => ({
  ID: id,
  Type: kind.type,
  TypeCode: kind.code,
  Name: kind.name,
  Tag: message.tag ?? "",
  MessageID: message.id,
  ServerID: message.server.id,
  MessageStream: message.stream,
  Description: kind.description,
  Details: details,
  Email: email,
  From: message.from.email
})
