/**
 * A parameter of a query.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"

/**
 * Two values of one parameter reach the handler, which refuses them in the API's own words.
 *
 * @since 0.1.0
 * @category constructors
 */
export const parameter = (
  jsonSchema: { readonly type: string; readonly description: string; readonly [key: string]: unknown }
) =>
  Schema.optional(
    Schema.Union(Schema.String, Schema.Array(Schema.String)).annotations({
      jsonSchema,
      description: jsonSchema.description
    })
  )
