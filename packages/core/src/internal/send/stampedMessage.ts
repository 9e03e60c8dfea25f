/** Messages on their way out: stamped, encoded once, and measured. */
import * as Effect from "effect/Effect"
import { type Correlation, CorrelationNames, CorrelationValue, type Names } from "../../Correlation.ts"
import type { Metadata } from "../../Email.ts"
import { unsafeRandomHex } from "../runtime/random.ts"
import { smtpHeaderWarnings } from "../wire/smtpHeaders.ts"

/** A message in the bytes that go out. */
export interface Outgoing {
  readonly index: number
  readonly bytes: Uint8Array
  readonly messageStream: string
  readonly correlation: Correlation
  /** The metadata field that holds the index. */
  readonly indexName: string
}

/** What the messages of one call share. */
export interface Stamp {
  readonly names: Names
  readonly value: string
}

interface Stamped {
  readonly metadata?: Metadata | undefined
  readonly messageStream?: string | undefined
  readonly headers?: ReadonlyArray<{ readonly name: string }> | undefined
}

/** Postmark's limit on metadata fields. See https://postmarkapp.com/support/article/1125-custom-metadata-faq. */
const maximumFields = 10

/** Makes stamps with the caller's value, or each with 128 random bits: nobody else's message carries this value. */
export const stamps: Effect.Effect<() => Stamp> = Effect.zipWith(
  CorrelationNames,
  CorrelationValue,
  (names, given) => {
    const value = names === "off" ? "" : given
    return () => ({ names, value: value ?? unsafeRandomHex(16) })
  }
)

export const newStamp: Effect.Effect<Stamp> = Effect.map(stamps, (next) => next())

/** Stamps and encodes a message that was checked. What is odd in it is told by {@link logWarnings}. */
export const outgoing = <Message extends Stamped>(
  message: Message,
  index: number,
  { names, value }: Stamp,
  encode: (message: Message) => Uint8Array
): Outgoing => {
  const messageStream = message.messageStream ?? "outbound"
  if (names === "off" || !hasRoom(message.metadata, names)) {
    return { index, bytes: encode(message), messageStream, correlation: "none", indexName: "" }
  }
  const metadata = { ...message.metadata, [names.call]: value, [names.index]: String(index) }
  return {
    index,
    bytes: encode({ ...message, metadata }),
    messageStream,
    correlation: { name: names.call, value, index },
    indexName: names.index
  }
}

/** Logs what is odd in a message and yet allowed. */
export const logWarnings = ({ headers }: Stamped): Effect.Effect<void> => {
  const warnings = smtpHeaderWarnings(headers)
  return warnings.length === 0
    ? Effect.void
    : Effect.forEach(warnings, (warning) => Effect.logWarning(warning), { discard: true })
}

const hasRoom = (metadata: Metadata | undefined, names: Exclude<Names, "off">): boolean => {
  if (metadata === undefined) return true
  const used = Object.keys(metadata).map((name) => name.toLowerCase())
  return used.length + 2 <= maximumFields && !used.includes(names.call.toLowerCase()) &&
    !used.includes(names.index.toLowerCase())
}

/** A list in JSON, of items that are encoded already. */
export const jsonList = (items: ReadonlyArray<Uint8Array>): Uint8Array => {
  const list = new Uint8Array(jsonListSize(items))
  let at = 0
  for (const item of items) {
    list[at++] = at === 1 ? openingBracket : comma
    list.set(item, at)
    at += item.length
  }
  list[at] = closingBracket
  return list
}

/**
 * The list as Postmark takes messages with templates: `{"Messages":[…]}`.
 * See https://postmarkapp.com/developer/api/templates-api#send-batch-with-templates.
 */
export const messagesObject = (list: Uint8Array): Uint8Array => {
  const object = new Uint8Array(messagesKey.length + list.length + 1)
  object.set(messagesKey, 0)
  object.set(list, messagesKey.length)
  object[object.length - 1] = closingBrace
  return object
}

const messagesKey = new TextEncoder().encode("{\"Messages\":")
const closingBrace = 0x7d

/** The bytes of {@link jsonList}: each item and the sign before it, and the closing bracket. */
export const jsonListSize = (items: ReadonlyArray<Uint8Array>): number =>
  items.reduce((total, item) => total + item.length + 1, 1)

const openingBracket = 0x5b
const closingBracket = 0x5d
const comma = 0x2c
