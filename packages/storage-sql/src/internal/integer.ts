/** A whole number of a row. Drivers answer 64-bit columns as numbers (SQLite) or as digits (PostgreSQL). */
import * as Schema from "effect/Schema"

export const Integer = Schema.Union(Schema.Int, Schema.compose(Schema.NumberFromString, Schema.Int))
