/** Fields that may be left out, and are then not there at all. */
import * as Schema from "effect/Schema"

export const optional = <A, I>(schema: Schema.Schema<A, I>) => Schema.optionalWith(schema, { exact: true })

export const text = optional(Schema.String)
