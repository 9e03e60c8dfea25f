/** How webhooks spell their events, and the way from there into the domain. */
import * as Either from "effect/Either"
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import { BounceIdFromWire, MessageId } from "../../Ids.ts"
import type * as WebhookEvent from "../../WebhookEvent.ts"
import { wire } from "../wire/wire.ts"
import { bounceCategory, machineOpen } from "./eventHints.ts"

const text = Schema.String
const nullableText = Schema.optional(Schema.NullOr(Schema.String))
const nullableFlag = Schema.optional(Schema.NullOr(Schema.Boolean))
const nullableNumber = Schema.optional(Schema.NullOr(Schema.Number))
const nullableInt = Schema.optional(Schema.NullOr(Schema.Int))

const Scalars = Schema.Record({ key: Schema.String, value: Schema.Union(Schema.String, Schema.Number, Schema.Boolean) })

/** Tags may be null, empty or absent, and older traffic lacks the stream. */
const aboutMessage = {
  messageStream: nullableText,
  tag: nullableText,
  metadata: Schema.optional(Schema.NullOr(Scalars))
}

const Delivery = wire(Schema.Struct({
  ...aboutMessage,
  recipient: text,
  messageId: MessageId,
  serverId: nullableInt,
  deliveredAt: text,
  details: nullableText
}))

const Bounce = wire(Schema.Struct({
  ...aboutMessage,
  id: BounceIdFromWire,
  email: text,
  messageId: nullableText,
  serverId: nullableInt,
  type: text,
  typeCode: nullableNumber,
  name: nullableText,
  description: nullableText,
  details: nullableText,
  from: nullableText,
  subject: nullableText,
  bouncedAt: text,
  dumpAvailable: nullableFlag,
  inactive: Schema.Boolean,
  canActivate: Schema.Boolean
}))

const Software = Schema.Struct({ name: nullableText, company: nullableText, family: nullableText })

const Geo = Schema.Struct({
  countryIsoCode: nullableText,
  country: nullableText,
  regionIsoCode: nullableText,
  region: nullableText,
  city: nullableText,
  zip: nullableText,
  coords: nullableText,
  ip: nullableText
})

const reader = {
  ...aboutMessage,
  recipient: text,
  messageId: MessageId,
  receivedAt: text,
  platform: nullableText,
  userAgent: nullableText,
  client: Schema.optional(Schema.NullOr(Software)),
  os: Schema.optional(Schema.NullOr(Software)),
  geo: Schema.optional(Schema.NullOr(Geo))
}

const Open = wire(Schema.Struct({ ...reader, firstOpen: nullableFlag, readSeconds: nullableNumber }))

const Click = wire(Schema.Struct({ ...reader, originalLink: text, clickLocation: nullableText }))

const SubscriptionChange = wire(Schema.Struct({
  ...aboutMessage,
  recipient: text,
  messageId: nullableText,
  serverId: nullableInt,
  changedAt: text,
  origin: text,
  suppressSending: Schema.Boolean,
  suppressionReason: nullableText
}))

const Participant = Schema.Struct({ email: text, name: nullableText, mailboxHash: nullableText })
const participants = Schema.optionalWith(Schema.Array(Participant), { nullable: true, default: () => [] })

const Inbound = wire(Schema.Struct({
  messageId: MessageId,
  messageStream: nullableText,
  fromFull: Participant,
  toFull: participants,
  ccFull: participants,
  bccFull: participants,
  originalRecipient: nullableText,
  replyTo: nullableText,
  subject: nullableText,
  date: nullableText,
  mailboxHash: nullableText,
  tag: nullableText,
  textBody: nullableText,
  htmlBody: nullableText,
  strippedTextReply: nullableText,
  headers: Schema.optionalWith(Schema.Array(Schema.Struct({ name: text, value: text })), {
    nullable: true,
    default: () => []
  }),
  attachments: Schema.optionalWith(
    Schema.Array(Schema.Struct({
      name: text,
      content: nullableText,
      contentType: nullableText,
      contentLength: nullableNumber,
      contentId: nullableText
    })),
    { nullable: true, default: () => [] }
  )
}))

type Read<Event> = (body: unknown) => Either.Either<Event, ParseResult.ParseIssue>

const decoder = <A, I>(schema: Schema.Schema<A, I>) => ParseResult.decodeUnknownEither(schema)

const decodeDelivery = decoder(Delivery)
const decodeBounce = decoder(Bounce)
const decodeOpen = decoder(Open)
const decodeClick = decoder(Click)
const decodeSubscriptionChange = decoder(SubscriptionChange)
const decodeInbound = decoder(Inbound)

export const delivered: Read<WebhookEvent.EmailDelivered> = (body) =>
  Either.map(decodeDelivery(withServerId(body)), (delivery) => ({
    ...present(delivery),
    messageId: delivery.messageId,
    recipient: delivery.recipient,
    deliveredAt: delivery.deliveredAt,
    metadata: texts(delivery.metadata),
    raw: body
  }))

export const bounced: Read<WebhookEvent.EmailBounced> = (body) =>
  Either.map(decodeBounce(body), ({ email, id, messageId, ...bounce }) => ({
    ...present(bounce),
    ...message(messageId),
    bounceId: id,
    recipient: email,
    type: bounce.type,
    category: bounceCategory(bounce.type),
    bouncedAt: bounce.bouncedAt,
    inactive: bounce.inactive,
    canActivate: bounce.canActivate,
    metadata: texts(bounce.metadata),
    raw: body
  }))

export const opened: Read<WebhookEvent.EmailOpened> = (body) =>
  Either.map(decodeOpen(body), ({ client, geo, os, receivedAt, ...open }) => ({
    ...present(open),
    ...surroundings({ client, geo, os }),
    messageId: open.messageId,
    recipient: open.recipient,
    openedAt: receivedAt,
    machineOpen: machineOpen(open.userAgent),
    metadata: texts(open.metadata),
    raw: body
  }))

export const clicked: Read<WebhookEvent.LinkClicked> = (body) =>
  Either.map(decodeClick(body), ({ client, geo, os, receivedAt, ...click }) => ({
    ...present(click),
    ...surroundings({ client, geo, os }),
    messageId: click.messageId,
    recipient: click.recipient,
    clickedAt: receivedAt,
    originalLink: click.originalLink,
    metadata: texts(click.metadata),
    raw: body
  }))

export const subscriptionChanged: Read<WebhookEvent.SubscriptionChanged> = (body) =>
  Either.map(decodeSubscriptionChange(body), ({ messageId, ...change }) => ({
    ...present(change),
    ...message(messageId),
    recipient: change.recipient,
    changedAt: change.changedAt,
    origin: change.origin,
    suppressSending: change.suppressSending,
    metadata: texts(change.metadata),
    raw: body
  }))

export const received: Read<WebhookEvent.InboundReceived> = (body) =>
  Either.map(decodeInbound(body), ({ attachments, bccFull, ccFull, fromFull, headers, toFull, ...mail }) => ({
    ...present(mail),
    messageId: mail.messageId,
    from: participant(fromFull),
    to: toFull.map(participant),
    cc: ccFull.map(participant),
    bcc: bccFull.map(participant),
    headers,
    attachments: attachments.map((attachment) => ({ ...present(attachment), name: attachment.name })),
    raw: body
  }))

export const read: Read<WebhookEvent.WebhookEvent> = (body) => {
  const fields: object = typeof body === "object" && body !== null ? body : {}
  const recordType: unknown = Object.hasOwn(fields, "RecordType") ? Reflect.get(fields, "RecordType") : undefined
  switch (recordType) {
    case "Delivery":
      return Either.map(delivered(body), (event) => ({ _tag: "EmailDelivered", event }))
    case "Bounce":
      return Either.map(bounced(body), (event) => ({ _tag: "EmailBounced", event }))
    case "SpamComplaint":
      return Either.map(bounced(body), (event) => ({ _tag: "SpamComplaint", event }))
    case "Open":
      return Either.map(opened(body), (event) => ({ _tag: "EmailOpened", event }))
    case "Click":
      return Either.map(clicked(body), (event) => ({ _tag: "LinkClicked", event }))
    case "SubscriptionChange":
      return Either.map(subscriptionChanged(body), (event) => ({ _tag: "SubscriptionChanged", event }))
    default:
      // Inbound mail has no RecordType; it is known by its sender's full form (Postmark API, E.5).
      return recordType === undefined && Object.hasOwn(fields, "FromFull")
        ? Either.map(received(body), (event) => ({ _tag: "InboundReceived", event }))
        : Either.right({
          _tag: "Unknown",
          recordType: typeof recordType === "string" ? recordType : undefined,
          raw: body
        })
  }
}

/** Older traffic spells the key `ServerId` (Postmark API, E.5). */
const withServerId = (body: unknown): unknown =>
  typeof body === "object" && body !== null && "ServerId" in body && !("ServerID" in body)
    ? { ...body, ServerID: body.ServerId }
    : body

type Present<T> = { [K in keyof T]?: Exclude<T[K], null | undefined> }

/** Leaves out what is null, undefined, or an empty text: Postmark writes "nothing" in all three ways. */
const present = <T extends object>(fields: T): Present<T> => {
  const out: Present<T> = {}
  for (const key in fields) {
    const value = fields[key]
    if (isPresent(value)) out[key] = value
  }
  return out
}

const isPresent = <A>(value: A): value is Exclude<A, null | undefined> =>
  value !== null && value !== undefined && value !== ""

const message = (messageId: string | null | undefined) =>
  isPresent(messageId) ? { messageId: MessageId.make(messageId) } : {}

const surroundings = ({ client, geo, os }: {
  readonly client: typeof Software.Type | null | undefined
  readonly os: typeof Software.Type | null | undefined
  readonly geo: typeof Geo.Type | null | undefined
}) => ({
  ...(isPresent(client) ? { client: present(client) } : {}),
  ...(isPresent(os) ? { os: present(os) } : {}),
  ...(isPresent(geo) ? { geo: present(geo) } : {})
})

const participant = (person: typeof Participant.Type) => ({ ...present(person), email: person.email })

const texts = (fields: typeof Scalars.Type | null | undefined): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(fields ?? {}).map(([name, value]) => [name, String(value)]))
