/**
 * The settings of a Postmark server inside the double.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import { optional, text } from "./internal/http/optional.ts"
import { isWebUrl } from "./internal/rules/fields.ts"

const flag = optional(Schema.Boolean)
const WebUrl = Schema.String.pipe(Schema.filter((url) => isWebUrl(url) || "a hook is a whole http or https URL"))

/**
 * An initial template. `layout` is the alias of the layout around it. A `Layout` has no subject, so its `subject` is
 * ignored.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Template = Schema.Struct({
  id: optional(Schema.Int),
  alias: text,
  name: text,
  subject: Schema.String,
  htmlBody: text,
  textBody: text,
  templateType: optional(Schema.Literal("Standard", "Layout")),
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
 * @category schemas
 */
export const Stream = Schema.Struct({
  id: Schema.String,
  type: Schema.Literal("Transactional", "Broadcasts", "Inbound")
}).annotations({ identifier: "MessageStream" })

/**
 * @since 0.1.0
 * @category models
 */
export interface Stream extends Schema.Schema.Type<typeof Stream> {}

/**
 * The events that a webhook can be posted. See https://postmarkapp.com/developer/api/webhooks-api.
 *
 * @since 0.1.0
 * @category schemas
 */
export const TriggerName = Schema.Literal("Open", "Click", "Delivery", "Bounce", "SpamComplaint", "SubscriptionChange")

/**
 * An initial webhook, already verified, with its triggers. `stream` defaults to `outbound`.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Webhook = Schema.Struct({
  url: WebUrl,
  stream: text,
  triggers: Schema.Array(TriggerName),
  httpAuth: optional(Schema.Struct({ username: Schema.String, password: Schema.String })),
  httpHeaders: optional(Schema.Record({ key: Schema.String, value: Schema.String }))
}).annotations({ identifier: "Webhook" })

/**
 * @since 0.1.0
 * @category models
 */
export interface Webhook extends Schema.Schema.Type<typeof Webhook> {}

/**
 * An initial suppression. `stream` defaults to `outbound`, and `reason` to `ManualSuppression`.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Suppression = Schema.Struct({
  email: Schema.String,
  stream: text,
  reason: optional(Schema.Literal("HardBounce", "SpamComplaint", "ManualSuppression")),
  origin: optional(Schema.Literal("Recipient", "Customer", "Admin"))
}).annotations({ identifier: "Suppression" })

/**
 * @since 0.1.0
 * @category models
 */
export interface Suppression extends Schema.Schema.Type<typeof Suppression> {}

/**
 * An SMTP token: a user name and a password that send through one stream. `stream` defaults to `outbound`. See
 * https://postmarkapp.com/developer/user-guide/send-email-with-smtp
 *
 * @since 0.1.0
 * @category schemas
 */
export const SmtpToken = Schema.Struct({
  accessKey: Schema.String.pipe(Schema.minLength(1)),
  secretKey: Schema.String.pipe(Schema.minLength(1)),
  stream: text
}).annotations({ identifier: "SmtpToken" })

/**
 * @since 0.1.0
 * @category models
 */
export interface SmtpToken extends Schema.Schema.Type<typeof SmtpToken> {}

/**
 * The settings of a server in the double. Only the token is required.
 *
 * - `allowedSenders`: addresses and domains allowed in From; without it every sender is confirmed, unless the double has
 *   `senderVerification`
 * - `pendingApproval`: recipients must share the domain of From, else the send is rejected with error code 412
 * - `delayedAccept`: the response to a send is "accepted, but delivery may be delayed", without an ErrorCode
 * - `bulkApproved`: whether the account can use the Bulk API, else requests are rejected with error code 14; default true
 * - `inboundHookUrl`: the URL to which inbound messages are posted
 * - `smtpTokens`: logins of the SMTP server besides the server token
 * - `enableSmtpApiErrorHooks`: whether bounce webhooks include `SMTPApiError`
 * - `partialInactive`: what happens when some recipients are inactive; Postmark's documentation says `accept`
 *
 * @since 0.1.0
 * @category schemas
 */
export const Settings = Schema.Struct({
  token: Schema.String.pipe(Schema.minLength(1)),
  name: text,
  id: optional(Schema.Int),
  color: text,
  deliveryType: optional(Schema.Literal("Live", "Sandbox")),
  trackOpens: flag,
  trackLinks: optional(Schema.Literal("None", "HtmlAndText", "HtmlOnly", "TextOnly")),
  includeBounceContentInHook: flag,
  allowedSenders: optional(Schema.Array(Schema.String)),
  pendingApproval: flag,
  delayedAccept: flag,
  partialInactive: optional(Schema.Literal("accept", "refuse")),
  bulkApproved: flag,
  inboundHookUrl: optional(WebUrl),
  streams: optional(Schema.Array(Stream)),
  templates: optional(Schema.Array(Template)),
  webhooks: optional(Schema.Array(Webhook)),
  suppressions: optional(Schema.Array(Suppression)),
  smtpTokens: optional(Schema.Array(SmtpToken)),
  enableSmtpApiErrorHooks: flag
}).annotations({ identifier: "ServerSettings" })

/**
 * @since 0.1.0
 * @category models
 */
export interface Settings extends Schema.Schema.Type<typeof Settings> {}
