/**
 * Query parameters.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"

/**
 * Builds a query parameter. A repeated parameter reaches the handler, which rejects it with a problem.
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
