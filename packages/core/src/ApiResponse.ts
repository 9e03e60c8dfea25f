/**
 * What Postmark's answers have in common.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import { wire } from "./internal/wire/wire.ts"

/**
 * A record, and Postmark's answer as it came: fields that this package does not know are in `raw`.
 *
 * @since 0.1.0
 * @category models
 */
export type WithRaw<A> = A & { readonly raw: unknown }

/**
 * An error, or the acknowledgement of a change. See https://postmarkapp.com/developer/api/overview#error-codes.
 *
 * @since 0.1.0
 * @category models
 */
export const Acknowledgement = wire(
  Schema.Struct({
    errorCode: Schema.optionalWith(Schema.Int, { default: () => 0, nullable: true }),
    message: Schema.optionalWith(Schema.String, { default: () => "", nullable: true })
  })
)

/**
 * @since 0.1.0
 * @category models
 */
export interface Acknowledgement extends Schema.Schema.Type<typeof Acknowledgement> {}
