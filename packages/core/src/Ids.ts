/**
 * Identifiers from Postmark and effect-postmark.
 *
 * @since 0.1.0
 */
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"

/**
 * Postmark's id of one message: a lower-case UUID. See https://postmarkapp.com/developer/api/email-api.
 *
 * @since 0.1.0
 * @category models
 */
export const MessageId = Schema.String.pipe(
  Schema.minLength(1),
  Schema.brand("@effect-postmark/core/Ids/MessageId"),
  Schema.annotations({ identifier: "MessageId", description: "Postmark's id of a message, a UUID" })
)

/**
 * @since 0.1.0
 * @category models
 */
export type MessageId = typeof MessageId.Type

/**
 * Normalizes a message id for comparison: without surrounding spaces, and a UUID in lower case. Some systems change
 * the spelling of ids.
 *
 * @since 0.1.0
 * @category conversions
 */
export const messageIdFrom = (text: string): string => {
  const id = text.trim()
  return /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i.test(id) ? id.toLowerCase() : id
}

/**
 * Postmark's id of one bounce, as digits. Postmark documents ids above 2^53, which a number would round.
 *
 * @since 0.1.0
 * @category models
 */
export const BounceId = Schema.String.pipe(
  Schema.pattern(/^\d+$/),
  Schema.brand("@effect-postmark/core/Ids/BounceId"),
  Schema.annotations({ identifier: "BounceId", description: "Postmark's id of a bounce, as digits" })
)

/**
 * @since 0.1.0
 * @category models
 */
export type BounceId = typeof BounceId.Type

/**
 * A bounce id in Postmark's JSON: a number of any size, or a string.
 *
 * @since 0.1.0
 * @category models
 */
export const BounceIdFromWire = Schema.transformOrFail(
  Schema.Union(Schema.Number, Schema.BigIntFromSelf, Schema.String),
  BounceId,
  {
    strict: true,
    decode: (id, _, ast) =>
      typeof id === "number" && !Number.isSafeInteger(id)
        ? ParseResult.fail(new ParseResult.Type(ast, id, "the id lost digits before it was decoded"))
        : ParseResult.succeed(String(id)),
    encode: (id) => ParseResult.succeed(Number.isSafeInteger(Number(id)) ? Number(id) : BigInt(id))
  }
)

/**
 * An id that is encoded as a string, and decoded from a string or a number of any size.
 *
 * @since 0.1.0
 * @category models
 */
export const IdText = Schema.transform(
  Schema.Union(Schema.String, Schema.Number, Schema.BigIntFromSelf).annotations({ jsonSchema: { type: "string" } }),
  Schema.String,
  { strict: true, decode: (id) => String(id), encode: (id) => id }
)

/**
 * The id of a connection, which is one client's Postmark server.
 *
 * @since 0.1.0
 * @category models
 */
export const ConnectionId = Schema.String.pipe(
  Schema.pattern(/^[A-Za-z0-9_-]{1,64}$/),
  Schema.brand("@effect-postmark/core/Ids/ConnectionId"),
  Schema.annotations({ identifier: "ConnectionId", description: "The id of a connected Postmark server" })
)

/**
 * @since 0.1.0
 * @category models
 */
export type ConnectionId = typeof ConnectionId.Type
