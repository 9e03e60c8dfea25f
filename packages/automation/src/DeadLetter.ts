/**
 * The form in which dead letters of subscribers are shown.
 *
 * @since 0.1.0
 */
import { Row } from "@effect-postmark/core/SubscriberStore"
import * as Schema from "effect/Schema"

/**
 * An event whose handler failed in every try. `failure` is the name of the last failure, such as an error's `_tag`.
 * `receivedAt` is RFC 3339 in UTC; the other times are milliseconds of the Unix epoch.
 *
 * @since 0.1.0
 * @category models
 */
export const DeadLetter = Schema.Struct(Row.fields).pick(
  "subscriber",
  "trigger",
  "sequence",
  "connectionId",
  "receivedAt",
  "attempts",
  "failure",
  "firstTriedAt",
  "lastTriedAt",
  "settledAt"
).annotations({ identifier: "DeadLetter" })

/**
 * @since 0.1.0
 * @category models
 */
export interface DeadLetter extends Schema.Schema.Type<typeof DeadLetter> {}
