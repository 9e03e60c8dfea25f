/**
 * How lists are cut into pages.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"

/**
 * The most entries that one page holds.
 *
 * @since 0.1.0
 * @category constants
 */
export const maximumPageSize = 500

/**
 * The fields of a page: `count` is 1 to 500, and 50 when left out.
 * See https://postmarkapp.com/developer/api/messages-api.
 *
 * @since 0.1.0
 * @category models
 */
export const pagingFields = {
  count: Schema.optionalWith(
    Schema.Int.pipe(Schema.between(1, maximumPageSize)).annotations({
      default: 50,
      description: "the maximum number of entries"
    }),
    { default: () => 50 }
  ),
  offset: Schema.optionalWith(
    Schema.Int.pipe(Schema.nonNegative()).annotations({
      default: 0,
      description: "the number of entries to skip; count + offset is at most 10000"
    }),
    { default: () => 0 }
  )
}

/**
 * Which part of a list to answer. See https://postmarkapp.com/developer/api/messages-api.
 *
 * @since 0.1.0
 * @category models
 */
export const Paging = Schema.Struct(pagingFields).annotations({ identifier: "Paging" })

/**
 * @since 0.1.0
 * @category models
 */
export interface Paging extends Schema.Schema.Type<typeof Paging> {}

/**
 * Holds a page to the first 10,000 entries, which is all that bounces, messages and opens can be paged through; clicks
 * are taken to be like opens. See https://postmarkapp.com/developer/api/messages-api.
 *
 * @since 0.1.0
 * @category guards
 */
export const withinWindow = ({ count, offset }: Paging): true | Schema.FilterIssue =>
  count + offset <= 10_000 || { path: ["offset"], message: `count + offset is at most 10000, got ${count + offset}` }
