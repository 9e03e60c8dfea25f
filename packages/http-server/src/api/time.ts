/**
 * Times in payloads.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"

/**
 * A time in UTC.
 *
 * @since 0.1.0
 * @category models
 */
export const Time = Schema.String.pipe(
  Schema.pattern(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,3})?Z$/, {
    message: () => "must be a time in UTC, such as 2026-09-30T16:05:00Z"
  })
)
