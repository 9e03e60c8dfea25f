/**
 * What a sweep found.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"

/**
 * The result of a sweep. `scanned` counts what was read from Postmark: messages, bounces, opens, clicks and suppressions.
 * `added` counts the stored events by trigger. `notRecoverable` says what Postmark's API does not tell.
 *
 * @since 0.1.0
 * @category models
 */
export const Report = Schema.Struct({
  connectionId: Schema.String,
  from: Schema.String,
  to: Schema.String,
  scanned: Schema.Int,
  added: Schema.Record({ key: Schema.String, value: Schema.Int }),
  alreadyKnown: Schema.Int,
  notRecoverable: Schema.Array(Schema.String)
}).annotations({ identifier: "GapFillReport" })

/**
 * @since 0.1.0
 * @category models
 */
export interface Report extends Schema.Schema.Type<typeof Report> {}
