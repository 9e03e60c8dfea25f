/** Bodies in the shape of webhooks (https://postmarkapp.com/developer/webhooks/webhooks-overview) from what Postmark's API tells. */
import type { Bounce } from "@effect-postmark/core/Bounces"
import type { Click, Open } from "@effect-postmark/core/Engagement"
import * as Json from "@effect-postmark/core/Json"
import type { MessageEvent, OutboundMessageDetails } from "@effect-postmark/core/OutboundMessage"
import type { Suppression } from "@effect-postmark/core/Suppressions"

/** Where a body comes from, in the field `EffectPostmarkBackfill`: live bodies do not have it. */
const marked = <A extends object>(path: string, body: A) => ({ ...body, EffectPostmarkBackfill: `GET ${path}` })

export type Metadata = Readonly<Record<string, string>>

export const delivery = (message: OutboundMessageDetails, event: MessageEvent, serverId: number) =>
  marked("/messages/outbound/{messageid}/details", {
    RecordType: "Delivery",
    ServerID: serverId,
    MessageStream: message.messageStream,
    MessageID: message.messageId,
    Recipient: event.recipient,
    Tag: message.tag ?? "",
    DeliveredAt: utc(event.receivedAt),
    Details: event.details.deliveryMessage ?? "",
    Metadata: message.metadata
  })

export const bounce = (bounce: Bounce, metadata: Metadata) =>
  marked("/bounces", {
    RecordType: bounce.type === "SpamComplaint" ? "SpamComplaint" : "Bounce",
    ID: BigInt(bounce.id),
    Type: bounce.type,
    TypeCode: bounce.typeCode,
    Name: bounce.name,
    Tag: bounce.tag ?? "",
    MessageID: bounce.messageId,
    ServerID: bounce.serverId,
    MessageStream: bounce.messageStream,
    Description: bounce.description,
    Details: bounce.details,
    Email: bounce.email,
    From: bounce.from,
    BouncedAt: utc(bounce.bouncedAt),
    DumpAvailable: bounce.dumpAvailable,
    Inactive: bounce.inactive,
    CanActivate: bounce.canActivate,
    Subject: bounce.subject,
    Metadata: metadata
  })

export const open = (open: Open, metadata: Metadata) =>
  marked("/messages/outbound/opens", {
    RecordType: "Open",
    // Postmark's API has no other opens.
    FirstOpen: true,
    ...reader(open, metadata),
    ReadSeconds: open.readSeconds
  })

export const click = (click: Click, metadata: Metadata) =>
  marked("/messages/outbound/clicks", {
    RecordType: "Click",
    ClickLocation: click.clickLocation,
    OriginalLink: click.originalLink,
    ...reader(click, metadata)
  })

export const suppression = (suppression: Suppression, stream: string, serverId: number) =>
  marked("/message-streams/{stream}/suppressions/dump", {
    RecordType: "SubscriptionChange",
    MessageID: null,
    ServerID: serverId,
    MessageStream: stream,
    ChangedAt: utc(suppression.createdAt ?? ""),
    Recipient: suppression.emailAddress,
    Origin: suppression.origin,
    SuppressSending: true,
    SuppressionReason: suppression.suppressionReason,
    Tag: null,
    Metadata: {}
  })

export const text = (body: object): string => Json.stringify(withoutUndefined(body))

/** A time of the API, which has Postmark's own offset, as webhooks write it: in UTC, with the same digits. */
export const utc = (time: string): string => {
  const at = Date.parse(time)
  if (Number.isNaN(at)) return time
  const fraction = /\.\d+/.exec(time)?.[0] ?? ""
  return `${new Date(at).toISOString().slice(0, 19)}${fraction}Z`
}

const reader = (event: Open | Click, metadata: Metadata) => ({
  MessageStream: event.messageStream,
  Client: software(event.client),
  OS: software(event.os),
  Platform: event.platform,
  UserAgent: event.userAgent,
  Geo: {
    CountryISOCode: event.geo?.countryIsoCode,
    Country: event.geo?.country,
    RegionISOCode: event.geo?.regionIsoCode,
    Region: event.geo?.region,
    City: event.geo?.city,
    Zip: event.geo?.zip,
    Coords: event.geo?.coords,
    IP: event.geo?.ip
  },
  MessageID: event.messageId,
  Metadata: metadata,
  ReceivedAt: utc(event.receivedAt),
  Tag: event.tag ?? "",
  Recipient: event.recipient
})

const software = (software: Open["client"]) =>
  software === undefined || software === null
    ? undefined
    : { Name: software.name, Company: software.company, Family: software.family }

/** A long number makes the text take another way, which would write an undefined field. */
const withoutUndefined = (value: object): object =>
  Object.fromEntries(
    Object.entries(value).filter(([, item]) => item !== undefined).map(([key, item]: [string, unknown]) => [
      key,
      typeof item === "object" && item !== null && !Array.isArray(item) ? withoutUndefined(item) : item
    ])
  )
