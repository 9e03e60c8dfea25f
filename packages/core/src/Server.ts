/**
 * A Postmark server: the thing that one server token opens.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"

const text = Schema.optional(Schema.String)
const flag = Schema.optional(Schema.Boolean)

/**
 * The settings of a Postmark server. Its API tokens, which Postmark lists too, are left out on purpose. Source:
 * Postmark API, Server, F.4.
 *
 * @since 0.1.0
 * @category models
 */
export const Server = Schema.Struct({
  id: Schema.Int,
  name: Schema.String,
  color: text,
  deliveryType: Schema.optional(Schema.String.annotations({ description: "Live or Sandbox" })),
  smtpApiActivated: flag,
  trackOpens: flag,
  trackLinks: text,
  postFirstOpenOnly: flag,
  inboundAddress: text,
  inboundDomain: text,
  includeBounceContentInHook: flag,
  enableSmtpApiErrorHooks: flag
}).annotations({ identifier: "Server" })

/**
 * @since 0.1.0
 * @category models
 */
export interface Server extends Schema.Schema.Type<typeof Server> {}
