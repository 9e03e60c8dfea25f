/** Messages on their way out: stamped, encoded once, and measured. */
import * as Effect from "effect/Effect"
import type * as Either from "effect/Either"
import { type Correlation, CorrelationNames, CorrelationValue, type Names } from "../../Correlation.ts"
import type { Metadata } from "../../Email.ts"
import type { ValidationFailure } from "../../PostmarkError.ts"
import { randomHex } from "../runtime/random.ts"
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

/** The caller's value, or 128 random bits: nobody else's message carries this value. */
export const newStamp: Effect.Effect<Stamp> = Effect.gen(function*() {
  const names = yield* CorrelationNames
  const given = names === "off" ? "" : yield* CorrelationValue
  return { names, value: given ?? (yield* randomHex(16)) }
})

export const outgoing = <Message extends Stamped>(
  message: Message,
  index: number,
  stamp: Stamp,
  encode: (message: Message) => Either.Either<Uint8Array, ValidationFailure>
): Effect.Effect<Outgoing, ValidationFailure> => {
  const warnings = smtpHeaderWarnings(message.headers)
  const made = stamped(message, index, stamp, encode)
  return warnings.length === 0
    ? made
    : Effect.zipRight(Effect.forEach(warnings, (warning) => Effect.logWarning(warning), { discard: true }), made)
}

const stamped = <Message extends Stamped>(
  message: Message,
  index: number,
  { names, value }: Stamp,
  encode: (message: Message) => Either.Either<Uint8Array, ValidationFailure>
): Effect.Effect<Outgoing, ValidationFailure> => {
  const messageStream = message.messageStream ?? "outbound"
  if (names === "off" || !hasRoom(message.metadata ?? {}, names)) {
    return Effect.map(encode(message), (bytes) => ({
      index,
      bytes,
      messageStream,
      correlation: "none",
      indexName: ""
    }))
  }
  const metadata = { ...message.metadata, [names.call]: value, [names.index]: String(index) }
  const correlation = { name: names.call, value, index }
  return Effect.map(encode({ ...message, metadata }), (bytes) => ({
    index,
    bytes,
    messageStream,
    correlation,
    indexName: names.index
  }))
}

const hasRoom = (metadata: Metadata, names: Exclude<Names, "off">): boolean => {
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
