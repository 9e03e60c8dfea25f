/** How webhooks spell their events, and the way from there into the domain. */
import * as Either from "effect/Either"
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import type * as Trigger from "../../Trigger.ts"
import type * as WebhookEvent from "../../WebhookEvent.ts"
import { bounceCategory, bounceType } from "./eventHints.ts"
import { recordTypeOf } from "./eventKind.ts"
import * as Fields from "./fields.ts"
import { machineOpen } from "./machineOpens.ts"

type Read<Event> = Trigger.FromWebhook<Event>

/**
 * Reads an event from an object's fields. `needs` names the fields without which there is no event; `read` returns
 * undefined when one of them is not there.
 */
const reader = <Event>(
  needs: string,
  read: (fields: Fields.Fields, arrival: Trigger.Arrival, body: object) => Event | undefined
): Read<Event & { readonly unread?: ReadonlyArray<string>; readonly traceId?: string }> =>
(body, arrival = {}) => {
  const unread: Array<string> = []
  const event = Fields.isObject(body) ? read(Fields.make(body, unread), arrival, body) : undefined
  return event === undefined
    ? Either.left(new ParseResult.Type(Schema.Object.ast, body, `the event needs ${needs}`))
    : Either.right({
      ...event,
      ...(unread.length > 0 ? { unread } : {}),
      ...(arrival.traceId === undefined ? {} : { traceId: arrival.traceId })
    })
}

/** The time of the event. An event without a time happened just before it arrived. */
const time = (fields: Fields.Fields, name: string, arrival: Trigger.Arrival): string | undefined => {
  const told = fields.text(name)
  if (told === undefined && arrival.receivedAt !== undefined) fields.skip(name)
  return told ?? arrival.receivedAt
}

const aboutMessage = (fields: Fields.Fields) => ({
  messageStream: fields.text("MessageStream"),
  tag: fields.text("Tag")
})

export const delivered: Read<WebhookEvent.EmailDelivered> = reader(
  "MessageID, Recipient and DeliveredAt",
  (fields, arrival, raw) => {
    const messageId = fields.messageId("MessageID")
    const recipient = fields.text("Recipient")
    const deliveredAt = time(fields, "DeliveredAt", arrival)
    if (messageId === undefined || recipient === undefined || deliveredAt === undefined) return undefined
    return {
      ...present({ ...aboutMessage(fields), serverId: fields.integer("ServerID"), details: fields.text("Details") }),
      messageId,
      recipient,
      deliveredAt,
      metadata: fields.texts("Metadata"),
      raw
    }
  }
)

const bounce = (defaultType: string | undefined): Read<WebhookEvent.EmailBounced> =>
  reader("ID or MessageID, Email, Type and BouncedAt", (fields, arrival, raw) => {
    const bounceId = fields.bounceId("ID")
    const messageId = fields.messageId("MessageID")
    const recipient = fields.text("Email") ?? fields.text("Recipient")
    const typeCode = fields.number("TypeCode")
    const type = fields.text("Type") ?? bounceType(typeCode) ?? defaultType
    const bouncedAt = time(fields, "BouncedAt", arrival)
    if (bounceId === undefined && messageId === undefined) return undefined
    if (recipient === undefined || type === undefined || bouncedAt === undefined) return undefined
    return {
      ...present({
        ...aboutMessage(fields),
        bounceId,
        messageId,
        serverId: fields.integer("ServerID"),
        typeCode,
        name: fields.text("Name"),
        description: fields.text("Description"),
        details: fields.text("Details"),
        from: fields.text("From"),
        subject: fields.text("Subject"),
        dumpAvailable: fields.flag("DumpAvailable"),
        inactive: fields.flag("Inactive"),
        canActivate: fields.flag("CanActivate")
      }),
      recipient,
      type,
      category: bounceCategory(type),
      bouncedAt,
      metadata: fields.texts("Metadata"),
      raw
    }
  })

export const bounced: Read<WebhookEvent.EmailBounced> = bounce(undefined)

export const complained: Read<WebhookEvent.SpamComplaint> = bounce("SpamComplaint")

export const opened: Read<WebhookEvent.EmailOpened> = reader(
  "MessageID, Recipient and ReceivedAt",
  (fields, arrival, raw) => {
    const messageId = fields.messageId("MessageID")
    const recipient = fields.text("Recipient")
    const openedAt = time(fields, "ReceivedAt", arrival)
    if (messageId === undefined || recipient === undefined || openedAt === undefined) return undefined
    return {
      ...present({
        ...aboutMessage(fields),
        ...surroundings(fields),
        firstOpen: fields.flag("FirstOpen"),
        readSeconds: fields.number("ReadSeconds")
      }),
      messageId,
      recipient,
      openedAt,
      machineOpen: machineOpen(userAgent(raw)),
      metadata: fields.texts("Metadata"),
      raw
    }
  }
)

export const clicked: Read<WebhookEvent.LinkClicked> = reader(
  "MessageID, Recipient and ReceivedAt",
  (fields, arrival, raw) => {
    const messageId = fields.messageId("MessageID")
    const recipient = fields.text("Recipient")
    const clickedAt = time(fields, "ReceivedAt", arrival)
    if (messageId === undefined || recipient === undefined || clickedAt === undefined) return undefined
    return {
      ...present({
        ...aboutMessage(fields),
        ...surroundings(fields),
        originalLink: fields.text("OriginalLink"),
        clickLocation: fields.text("ClickLocation")
      }),
      messageId,
      recipient,
      clickedAt,
      metadata: fields.texts("Metadata"),
      raw
    }
  }
)

export const subscriptionChanged: Read<WebhookEvent.SubscriptionChanged> = reader(
  "Recipient, SuppressSending and ChangedAt",
  (fields, arrival, raw) => {
    const recipient = fields.text("Recipient") ?? fields.text("Email")
    const suppressionReason = fields.text("SuppressionReason")
    // Only a suppression has a reason.
    const suppressSending = fields.flag("SuppressSending") ?? (suppressionReason === undefined ? undefined : true)
    const changedAt = time(fields, "ChangedAt", arrival)
    if (recipient === undefined || suppressSending === undefined || changedAt === undefined) return undefined
    return {
      ...present({
        ...aboutMessage(fields),
        messageId: fields.messageId("MessageID"),
        serverId: fields.integer("ServerID"),
        origin: fields.text("Origin"),
        suppressionReason
      }),
      recipient,
      changedAt,
      suppressSending,
      metadata: fields.texts("Metadata"),
      raw
    }
  }
)

export const received: Read<WebhookEvent.InboundReceived> = reader("MessageID", (fields, _, raw) => {
  const messageId = fields.messageId("MessageID")
  if (messageId === undefined) return undefined
  const from = fields.group("FromFull")
  const sender = present({
    name: from?.text("Name") ?? fields.text("FromName"),
    mailboxHash: from?.text("MailboxHash")
  })
  return {
    ...present({
      messageStream: fields.text("MessageStream"),
      originalRecipient: fields.text("OriginalRecipient"),
      replyTo: fields.text("ReplyTo"),
      subject: fields.text("Subject"),
      date: fields.text("Date"),
      mailboxHash: fields.text("MailboxHash"),
      tag: fields.text("Tag"),
      textBody: fields.text("TextBody"),
      htmlBody: fields.text("HtmlBody"),
      strippedTextReply: fields.text("StrippedTextReply")
    }),
    messageId,
    from: { ...sender, email: from?.text("Email") ?? fields.text("From") ?? "" },
    to: participants(fields, "ToFull"),
    cc: participants(fields, "CcFull"),
    bcc: participants(fields, "BccFull"),
    headers: fields.groups("Headers").flatMap((header) => {
      const name = header.text("Name")
      if (name === undefined) header.skip("Name")
      return name === undefined ? [] : [{ name, value: header.text("Value") ?? "" }]
    }),
    attachments: fields.groups("Attachments").map((attachment) => ({
      ...present({
        content: attachment.text("Content"),
        contentType: attachment.text("ContentType"),
        contentLength: attachment.number("ContentLength"),
        contentId: attachment.text("ContentID")
      }),
      name: attachment.text("Name") ?? ""
    })),
    raw
  }
})

export const read: Read<WebhookEvent.WebhookEvent> = (body, arrival) => {
  const recordType = recordTypeOf(body)
  switch (recordType?.toLowerCase()) {
    case "delivery":
      return Either.map(delivered(body, arrival), (event) => ({ _tag: "EmailDelivered", event }))
    case "bounce":
      return Either.map(bounced(body, arrival), (event) => ({ _tag: "EmailBounced", event }))
    case "spamcomplaint":
      return Either.map(complained(body, arrival), (event) => ({ _tag: "SpamComplaint", event }))
    case "open":
      return Either.map(opened(body, arrival), (event) => ({ _tag: "EmailOpened", event }))
    case "click":
      return Either.map(clicked(body, arrival), (event) => ({ _tag: "LinkClicked", event }))
    case "subscriptionchange":
      return Either.map(subscriptionChanged(body, arrival), (event) => ({ _tag: "SubscriptionChanged", event }))
    case "inbound":
      return Either.map(received(body, arrival), (event) => ({ _tag: "InboundReceived", event }))
    default:
      return Either.right({ _tag: "Unknown", recordType, raw: body })
  }
}

/** The one text whose emptiness means something. */
const userAgent = (body: object): string | undefined => {
  const key = Object.keys(body).find((name) => name.trim().toLowerCase() === "useragent")
  const value: unknown = key === undefined ? undefined : Reflect.get(body, key)
  return typeof value === "string" ? value : undefined
}

const software = (fields: Fields.Fields | undefined) =>
  fields === undefined ? undefined : present({
    name: fields.text("Name"),
    company: fields.text("Company"),
    family: fields.text("Family")
  })

const geo = (fields: Fields.Fields | undefined) =>
  fields === undefined ? undefined : present({
    countryIsoCode: fields.text("CountryISOCode"),
    country: fields.text("Country"),
    regionIsoCode: fields.text("RegionISOCode"),
    region: fields.text("Region"),
    city: fields.text("City"),
    zip: fields.text("Zip"),
    coords: fields.text("Coords"),
    ip: fields.text("IP")
  })

const surroundings = (fields: Fields.Fields) => ({
  platform: fields.text("Platform"),
  userAgent: fields.text("UserAgent"),
  client: software(fields.group("Client")),
  os: software(fields.group("OS")),
  geo: geo(fields.group("Geo"))
})

const participants = (fields: Fields.Fields, name: string) =>
  fields.groups(name).flatMap((person) => {
    const email = person.text("Email")
    if (email === undefined) person.skip("Email")
    return email === undefined
      ? []
      : [{ ...present({ name: person.text("Name"), mailboxHash: person.text("MailboxHash") }), email }]
  })

type Present<T> = { [K in keyof T]?: Exclude<T[K], undefined> }

/** Leaves out what is undefined. */
const present = <T extends object>(fields: T): Present<T> => {
  const out: Present<T> = {}
  for (const key in fields) {
    const value = fields[key]
    if (isPresent(value)) out[key] = value
  }
  return out
}

const isPresent = <A>(value: A): value is Exclude<A, undefined> => value !== undefined
