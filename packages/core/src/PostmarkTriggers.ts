/**
 * The three triggers, and their events. Webhook bodies are read tolerantly: unknown keys are ignored, words that
 * Postmark may add are open, and `raw` keeps the body as it came (Postmark API, E).
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import { BounceId, BounceIdFromWire, MessageId } from "./Ids.ts"
import { wire } from "./internal/wire.ts"
import * as Trigger from "./Trigger.ts"

const text = Schema.String
const optionalText = Schema.optional(Schema.String)
const nullableText = Schema.optional(Schema.NullOr(Schema.String))
const metadata = Schema.optionalWith(Schema.Record({ key: Schema.String, value: Schema.String }), {
  default: () => ({})
})
const raw = Schema.Unknown.annotations({ description: "the webhook's body as it came" })

/** What every event says of its message. */
const aboutMessage = {
  recipient: text,
  messageStream: optionalText,
  tag: optionalText,
  metadata,
  raw
}

/** The same, as webhooks spell it: `tag` may be null or empty, and older traffic lacks the stream. */
const onTheWire = {
  messageStream: nullableText,
  tag: nullableText,
  metadata: Schema.optional(
    Schema.NullOr(
      Schema.Record({ key: Schema.String, value: Schema.Union(Schema.String, Schema.Number, Schema.Boolean) })
    )
  )
}

/**
 * A recipient's server accepted the message.
 *
 * @since 0.1.0
 * @category models
 */
export const EmailDeliveredEvent = Schema.Struct({
  ...aboutMessage,
  messageId: MessageId,
  serverId: Schema.optional(Schema.Int),
  deliveredAt: text,
  details: optionalText.annotations({ description: "the receiving server's answer" })
}).annotations({ identifier: "EmailDelivered" })

/**
 * @since 0.1.0
 * @category models
 */
export interface EmailDelivered extends Schema.Schema.Type<typeof EmailDeliveredEvent> {}

/**
 * A message bounced. `canActivate` says whether the recipient can be reactivated, `inactive` whether Postmark stopped
 * sending to them. `type` is one of Postmark's words, and new ones may come.
 *
 * @since 0.1.0
 * @category models
 */
export const EmailBouncedEvent = Schema.Struct({
  ...aboutMessage,
  messageId: Schema.optional(MessageId),
  serverId: Schema.optional(Schema.Int),
  bounceId: BounceId,
  type: text,
  typeCode: Schema.optional(Schema.Number),
  name: optionalText,
  description: optionalText,
  details: optionalText,
  from: optionalText,
  subject: optionalText,
  bouncedAt: text,
  dumpAvailable: Schema.optional(Schema.Boolean),
  inactive: Schema.Boolean,
  canActivate: Schema.Boolean
}).annotations({ identifier: "EmailBounced" })

/**
 * @since 0.1.0
 * @category models
 */
export interface EmailBounced extends Schema.Schema.Type<typeof EmailBouncedEvent> {}

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

/**
 * A message with open tracking was opened: where, and with what. `geo` is approximate.
 *
 * @since 0.1.0
 * @category models
 */
export const EmailOpenedEvent = Schema.Struct({
  ...aboutMessage,
  messageId: MessageId,
  openedAt: text,
  firstOpen: Schema.optional(Schema.Boolean),
  platform: optionalText,
  userAgent: optionalText,
  readSeconds: Schema.optional(Schema.Number),
  client: Schema.optional(Software),
  os: Schema.optional(Software),
  geo: Schema.optional(Geo)
}).annotations({ identifier: "EmailOpened" })

/**
 * @since 0.1.0
 * @category models
 */
export interface EmailOpened extends Schema.Schema.Type<typeof EmailOpenedEvent> {}

const Delivery = wire(Schema.Struct({
  ...onTheWire,
  recipient: text,
  messageId: MessageId,
  serverId: Schema.optional(Schema.NullOr(Schema.Int)),
  deliveredAt: text,
  details: nullableText
}))

const Bounce = wire(Schema.Struct({
  ...onTheWire,
  id: BounceIdFromWire,
  email: text,
  messageId: Schema.optional(Schema.NullOr(Schema.String)),
  serverId: Schema.optional(Schema.NullOr(Schema.Int)),
  type: text,
  typeCode: Schema.optional(Schema.NullOr(Schema.Number)),
  name: nullableText,
  description: nullableText,
  details: nullableText,
  from: nullableText,
  subject: nullableText,
  bouncedAt: text,
  dumpAvailable: Schema.optional(Schema.NullOr(Schema.Boolean)),
  inactive: Schema.Boolean,
  canActivate: Schema.Boolean
}))

const Open = wire(Schema.Struct({
  ...onTheWire,
  recipient: text,
  messageId: MessageId,
  receivedAt: text,
  firstOpen: Schema.optional(Schema.NullOr(Schema.Boolean)),
  platform: nullableText,
  userAgent: nullableText,
  readSeconds: Schema.optional(Schema.NullOr(Schema.Number)),
  client: Schema.optional(Schema.NullOr(Software)),
  os: Schema.optional(Schema.NullOr(Software)),
  geo: Schema.optional(Schema.NullOr(Geo))
}))

/**
 * Fires when a recipient's server accepted a message. Source: Postmark API, Webhooks, E.6.
 *
 * @since 0.1.0
 * @category triggers
 */
export const EmailDelivered = Trigger.make("postmark/email-delivered", {
  title: "Email delivered",
  description: "A recipient's server accepted the message",
  recordType: "Delivery",
  event: EmailDeliveredEvent,
  fromWebhook: (body) =>
    Either.map(decodeDelivery(withServerId(body)), ({ metadata, ...delivery }) => ({
      ...present(delivery),
      messageId: delivery.messageId,
      recipient: delivery.recipient,
      deliveredAt: delivery.deliveredAt,
      metadata: texts(metadata),
      raw: body
    }))
})

/**
 * Fires when a message bounced. Source: Postmark API, Webhooks, E.7.
 *
 * @since 0.1.0
 * @category triggers
 */
export const EmailBounced = Trigger.make("postmark/email-bounced", {
  title: "Email bounced",
  description: "A message bounced: the bounce's type and description, and whether the recipient can be reactivated",
  recordType: "Bounce",
  event: EmailBouncedEvent,
  fromWebhook: (body) =>
    Either.map(decodeBounce(body), ({ email, id, messageId, metadata, ...bounce }) => ({
      ...present(bounce),
      ...(typeof messageId === "string" && messageId !== "" ? { messageId: MessageId.make(messageId) } : {}),
      bounceId: id,
      recipient: email,
      type: bounce.type,
      bouncedAt: bounce.bouncedAt,
      inactive: bounce.inactive,
      canActivate: bounce.canActivate,
      metadata: texts(metadata),
      raw: body
    }))
})

/**
 * Fires when a message was opened; only messages with open tracking and an HTML body can be. Source: Postmark API,
 * Webhooks, E.9.
 *
 * @since 0.1.0
 * @category triggers
 */
export const EmailOpened = Trigger.make("postmark/email-opened", {
  title: "Email opened",
  description: "A message was opened: platform, user agent, client and approximate place",
  recordType: "Open",
  event: EmailOpenedEvent,
  fromWebhook: (body) =>
    Either.map(decodeOpen(body), ({ metadata, receivedAt, ...open }) => ({
      ...present(open),
      messageId: open.messageId,
      recipient: open.recipient,
      openedAt: receivedAt,
      metadata: texts(metadata),
      raw: body
    }))
})

/**
 * The three triggers.
 *
 * @since 0.1.0
 * @category triggers
 */
export const all = [EmailDelivered, EmailBounced, EmailOpened] as const

const decodeDelivery = ParseResult.decodeUnknownEither(Delivery, { errors: "all" })
const decodeBounce = ParseResult.decodeUnknownEither(Bounce, { errors: "all" })
const decodeOpen = ParseResult.decodeUnknownEither(Open, { errors: "all" })

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

const texts = (
  fields: Readonly<Record<string, string | number | boolean>> | null | undefined
): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(fields ?? {}).map(([name, value]) => [name, String(value)]))
