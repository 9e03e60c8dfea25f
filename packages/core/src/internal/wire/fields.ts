/**
 * Fields of responses, read openly: a field that Postmark leaves out, writes as null, or adds later is not an error.
 */
import * as Schema from "effect/Schema"

export const text = Schema.String
export const optionalText = Schema.optional(Schema.NullOr(Schema.String))
export const optionalFlag = Schema.optional(Schema.NullOr(Schema.Boolean))
export const optionalNumber = Schema.optional(Schema.NullOr(Schema.Number))

/** A counter, which Postmark leaves out when it is zero. */
export const counter = Schema.optionalWith(Schema.Number, { default: () => 0, nullable: true })

/** A list that may be missing. */
export const list = <A, I>(item: Schema.Schema<A, I>) =>
  Schema.optionalWith(Schema.Array(item), { default: () => [], nullable: true })

/** A numeric id in a path. */
export const IdPath = Schema.Struct({ id: Schema.NumberFromString.pipe(Schema.int(), Schema.positive()) })
