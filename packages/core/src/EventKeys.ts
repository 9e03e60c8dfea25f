/**
 * The keys by which stored events are found again: the message, the recipient, the tag, and the natural key, which
 * recognises a backfilled copy of an event.
 *
 * @since 0.1.0
 */
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { messageIdFrom } from "./Ids.ts"
import * as Json from "./Json.ts"

/**
 * Where an event came from: `live` from a webhook, `backfill` from Postmark's API, because its webhook was missed.
 *
 * @since 0.1.0
 * @category models
 */
export const EventSource = Schema.Literal("live", "backfill")

/**
 * @since 0.1.0
 * @category models
 */
export type EventSource = typeof EventSource.Type

/**
 * The keys of an event. A key that the event does not have, or that is longer than 400 characters, is null.
 *
 * - `messageId`: the message, a UUID in lower case
 * - `recipient`: the recipient's address, in lower case
 * - `tag`: the message's tag, as it is
 * - `naturalKey`: what happened to which message and recipient, without its time; for a bounce, its id
 * - `occurredAt`: the time of the natural key in milliseconds since 1970; 0 when the key has no time, as a bounce's
 *
 * @since 0.1.0
 * @category models
 */
export const EventKeys = Schema.Struct({
  messageId: Schema.NullOr(Schema.String),
  recipient: Schema.NullOr(Schema.String),
  tag: Schema.NullOr(Schema.String),
  naturalKey: Schema.NullOr(Schema.String),
  occurredAt: Schema.NullOr(Schema.Int)
})

/**
 * @since 0.1.0
 * @category models
 */
export interface EventKeys extends Schema.Schema.Type<typeof EventKeys> {}

/**
 * The keys of an event that has none.
 *
 * @since 0.1.0
 * @category constructors
 */
export const none: EventKeys = { messageId: null, recipient: null, tag: null, naturalKey: null, occurredAt: null }

/**
 * The longest key of an event, in characters.
 *
 * @since 0.1.0
 * @category constants
 */
export const maximumLength = 400

/**
 * The key of a message id, to compare with an event's. Null for a text that is no event's key.
 *
 * @since 0.1.0
 * @category conversions
 */
export const messageKey = (value: unknown): string | null => {
  const text = keyText(value)
  return text === null ? null : messageIdFrom(text)
}

/**
 * The key of a recipient's address, to compare with an event's. Null for a text that is no event's key.
 *
 * @since 0.1.0
 * @category conversions
 */
export const recipientKey = (value: unknown): string | null => keyText(value)?.toLowerCase() ?? null

/**
 * The key of a tag, to compare with an event's. Null for a text that is no event's key.
 *
 * @since 0.1.0
 * @category conversions
 */
export const tagKey = (value: unknown): string | null => keyText(value)

/**
 * Reads the keys of a trigger's typed event. Any event has a message, a recipient and a tag if it has fields of these names.
 * Only events of Postmark's triggers have a natural key. Opens after the first have none, because Postmark's API never
 * returns them.
 *
 * @since 0.1.0
 * @category constructors
 */
export const of = (trigger: string | null, event: unknown): EventKeys => {
  if (typeof event !== "object" || event === null) return none
  const fields = (name: string): unknown => Object.hasOwn(event, name) ? Reflect.get(event, name) : undefined
  const messageId = messageKey(fields("messageId"))
  const recipient = recipientKey(fields("recipient"))
  const tag = tagKey(fields("tag"))
  const natural = naturalOf[trigger ?? ""]?.({ fields, messageId, recipient })
  return natural === undefined || !natural.parts.every(isText)
    ? { ...none, messageId, recipient, tag }
    : { messageId, recipient, tag, naturalKey: shortened(natural.parts.join(" ")), occurredAt: natural.at }
}

/**
 * Reads the keys of a typed event in JSON.
 *
 * @since 0.1.0
 * @category constructors
 */
export const ofJson = (trigger: string | null, json: string | null): EventKeys =>
  json === null ? none : Option.match(parse(json), { onNone: () => none, onSome: (event) => of(trigger, event) })

/**
 * Compares two events of one connection.
 *
 * - `same`: the same natural key, within a second. Postmark's API cuts some times to a second.
 * - `doubtful`: the same natural key, within a second, but this can happen twice in a second and the times differ.
 * - `different`: all else, and events without a natural key
 *
 * @since 0.1.0
 * @category combinators
 */
export const compare = (
  a: Pick<EventKeys, "naturalKey" | "occurredAt">,
  b: Pick<EventKeys, "naturalKey" | "occurredAt">
): "same" | "doubtful" | "different" => {
  if (a.naturalKey === null || a.naturalKey !== b.naturalKey) return "different"
  if (a.occurredAt === null || b.occurredAt === null) return "different"
  if (Math.abs(a.occurredAt - b.occurredAt) > tolerance) return "different"
  const isExact = a.occurredAt === b.occurredAt || isWholeSecond(a.occurredAt) || isWholeSecond(b.occurredAt)
  return isExact || !a.naturalKey.startsWith(`${repeatable} `) ? "same" : "doubtful"
}

/**
 * What a log does with an event whose identity is new, given the stored events of its connection that have its natural
 * key. Two live events are never the same: their identities differ.
 *
 * @since 0.1.0
 * @category combinators
 */
export const judge = (
  event: Pick<EventKeys, "naturalKey" | "occurredAt"> & { readonly source: EventSource },
  stored: Iterable<Pick<EventKeys, "naturalKey" | "occurredAt"> & { readonly source: EventSource }>
): "new" | "known" | "doubtful" => {
  let verdict: "new" | "doubtful" = "new"
  for (const other of stored) {
    if (event.source === "live" && other.source === "live") continue
    const relation = compare(event, other)
    if (relation === "same") return "known"
    if (relation === "doubtful") verdict = "doubtful"
  }
  return verdict
}

/**
 * How far apart two times of one event can be, in milliseconds.
 *
 * @since 0.1.0
 * @category constants
 */
export const tolerance = 1_000

interface Reading {
  readonly fields: (name: string) => unknown
  readonly messageId: string | null
  readonly recipient: string | null
}

interface Natural {
  readonly parts: ReadonlyArray<unknown>
  readonly at: number
}

/** A link can be clicked twice in a second; a message is delivered, or first opened, once. */
const repeatable = "Click"

const timed = (time: unknown, ...parts: ReadonlyArray<unknown>): Natural | undefined => {
  const at = typeof time === "string" ? Date.parse(time) : Number.NaN
  return Number.isNaN(at) ? undefined : { parts, at }
}

const bounce = (kind: string) => ({ fields }: Reading): Natural => ({ parts: [kind, fields("bounceId")], at: 0 })

const naturalOf: { readonly [trigger: string]: (reading: Reading) => Natural | undefined } = {
  "postmark/email-delivered": ({ fields, messageId, recipient }) =>
    timed(fields("deliveredAt"), "Delivery", messageId, recipient),
  "postmark/email-bounced": bounce("Bounce"),
  "postmark/spam-complaint": bounce("SpamComplaint"),
  "postmark/email-opened": ({ fields, messageId, recipient }) =>
    fields("firstOpen") === false ? undefined : timed(fields("openedAt"), "Open", messageId, recipient),
  "postmark/link-clicked": ({ fields, messageId, recipient }) =>
    timed(fields("clickedAt"), repeatable, messageId, recipient, fields("originalLink")),
  "postmark/subscription-changed": ({ fields, recipient }) =>
    timed(
      fields("changedAt"),
      "SubscriptionChange",
      fields("messageStream") ?? "-",
      recipient,
      String(fields("suppressSending"))
    )
}

const parse = Option.liftThrowable(Json.parse)

const isText = (part: unknown): part is string => typeof part === "string"

/** Databases index keys of a limited length, and PostgreSQL's text has no U+0000. */
const keyText = (value: unknown): string | null =>
  typeof value === "string" && value !== "" && value.length <= maximumLength && !value.includes("\u0000")
    ? wellFormed(value)
    : null

/** A long link is told from another by its beginning, its length and a checksum. */
const shortened = (key: string): string | null => {
  if (key.includes("\u0000")) return null
  if (key.length <= maximumLength) return wellFormed(key)
  let checksum = 0x811c9dc5
  for (let index = 0; index < key.length; index++) checksum = Math.imul(checksum ^ key.charCodeAt(index), 0x01000193)
  return wellFormed(`${key.slice(0, maximumLength)} ${key.length} ${(checksum >>> 0).toString(16)}`)
}

/** A database stores half a surrogate pair as another character, so the key would not be found again. */
const wellFormed = (text: string): string => text.replace(/\p{Surrogate}/gu, "\ufffd")

const isWholeSecond = (at: number): boolean => at % 1_000 === 0
