/**
 * The common parts of Postmark's responses.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import { wire } from "./internal/wire/wire.ts"

/**
 * A record with Postmark's original response in `raw`, including fields that this package does not know.
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
