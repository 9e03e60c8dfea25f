/**
 * Times in payloads.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"

/**
 * A time in UTC, which is compared with the stored times as text: so it is completed to milliseconds.
 *
 * @since 0.1.0
 * @category models
 */
export const Time = Schema.String.pipe(
  Schema.pattern(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,3})?Z$/, {
    message: () => "must be a time in UTC, such as 2026-09-30T16:05:00Z"
  }),
  Schema.filter((time) => !Number.isNaN(Date.parse(time)) || "must be a time in UTC, such as 2026-09-30T16:05:00Z"),
  (text) =>
    Schema.transform(text, Schema.String, {
      strict: true,
      decode: (time) => new Date(time).toISOString(),
      encode: (time) => time
    })
)
