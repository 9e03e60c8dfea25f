/**
 * A Postmark server inside the double: everything that one server token opens.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"

const text = Schema.optionalWith(Schema.String, { exact: true })
const flag = Schema.optionalWith(Schema.Boolean, { exact: true })
const id = Schema.optionalWith(Schema.Int, { exact: true })

/**
 * A template to start with. `layout` is the alias of the layout around it; a `Layout` has no subject, so its `subject`
 * is not used.
 *
 * @since 0.1.0
 * @category models
 */
export const Template = Schema.Struct({
  id,
  alias: text,
  name: text,
  subject: Schema.String,
  htmlBody: text,
  textBody: text,
  templateType: Schema.optionalWith(Schema.Literal("Standard", "Layout"), { exact: true }),
  layout: text
}).annotations({ identifier: "Template" })

/**
 * @since 0.1.0
 * @category models
 */
export interface Template extends Schema.Schema.Type<typeof Template> {}

/**
 * A message stream. Every server has `outbound`, `inbound` and `broadcast` from the start.
 *
 * @since 0.1.0
 * @category models
 */
export const Stream = Schema.Struct({
  id: Schema.String,
  type: Schema.Literal("Transactional", "Broadcasts", "Inbound")
}).annotations({ identifier: "Stream" })

/**
 * @since 0.1.0
 * @category models
 */
export interface Stream extends Schema.Schema.Type<typeof Stream> {}

/**
 * The settings of a server in the double. Only the token is needed.
 *
 * - `allowedSenders`: addresses and domains that may stand in From; without it every sender is confirmed
 * - `pendingApproval`: recipients must share the domain of From, else 412
 * - `delayedAccept`: sends are answered "accepted, but delivery may be delayed", without an ErrorCode
 * - `bulkApproved`: whether the account may use the Bulk API, else 14; true
 * - `inboundHookUrl`: where inbound mail is posted
 * - `partialInactive`: what happens when some recipients are inactive; Postmark's documentation says `accept`
 *
 * @since 0.1.0
 * @category models
 */
export const Settings = Schema.Struct({
  token: Schema.NonEmptyString,
  name: text,
  id,
  color: text,
  deliveryType: Schema.optionalWith(Schema.Literal("Live", "Sandbox"), { exact: true }),
  trackOpens: flag,
  trackLinks: Schema.optionalWith(Schema.Literal("None", "HtmlAndText", "HtmlOnly", "TextOnly"), { exact: true }),
  includeBounceContentInHook: flag,
  allowedSenders: Schema.optionalWith(Schema.Array(Schema.String), { exact: true }),
  pendingApproval: flag,
  delayedAccept: flag,
  partialInactive: Schema.optionalWith(Schema.Literal("accept", "refuse"), { exact: true }),
  bulkApproved: flag,
  inboundHookUrl: text,
  streams: Schema.optionalWith(Schema.Array(Stream), { exact: true }),
  templates: Schema.optionalWith(Schema.Array(Template), { exact: true })
}).annotations({ identifier: "ServerSettings" })

/**
 * @since 0.1.0
 * @category models
 */
export interface Settings extends Schema.Schema.Type<typeof Settings> {}
