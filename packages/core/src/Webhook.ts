/**
 * Webhooks in Postmark: their URLs, events and credentials.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import { list, optionalNumber, optionalText } from "./internal/wire/fields.ts"

const Enabled = Schema.Struct({ enabled: Schema.Boolean })
const WithContent = Schema.Struct({ enabled: Schema.Boolean, includeContent: Schema.optional(Schema.Boolean) })

/**
 * The events that Postmark posts to a webhook. On creation, omitted events are off.
 *
 * @since 0.1.0
 * @category models
 */
export const WebhookTriggers = Schema.Struct({
  open: Schema.optional(Schema.Struct({ enabled: Schema.Boolean, postFirstOpenOnly: Schema.optional(Schema.Boolean) })),
  click: Schema.optional(Enabled),
  delivery: Schema.optional(Enabled),
  bounce: Schema.optional(WithContent),
  spamComplaint: Schema.optional(WithContent),
  subscriptionChange: Schema.optional(Enabled)
}).annotations({ identifier: "WebhookTriggers" })

/**
 * @since 0.1.0
 * @category models
 */
export interface WebhookTriggers extends Schema.Schema.Type<typeof WebhookTriggers> {}

const HttpAuth = Schema.Struct({ username: Schema.String, password: Schema.Redacted(Schema.String) })
const HttpHeader = Schema.Struct({ name: Schema.String, value: Schema.Redacted(Schema.String) })

/**
 * The settings of a webhook. Postmark probes the URL on creation unless `verify` is false, and posts no events to an
 * unverified URL. See https://postmarkapp.com/developer/api/webhooks-api.
 *
 * @since 0.1.0
 * @category models
 */
export const NewWebhook = Schema.Struct({
  url: Schema.String,
  messageStream: Schema.optional(Schema.String),
  httpAuth: Schema.optional(HttpAuth),
  httpHeaders: Schema.optional(Schema.Array(HttpHeader)),
  triggers: Schema.optional(WebhookTriggers),
  verify: Schema.optional(Schema.Boolean)
}).annotations({ identifier: "NewWebhook" })

/**
 * @since 0.1.0
 * @category models
 */
export interface NewWebhook extends Schema.Schema.Type<typeof NewWebhook> {}

/**
 * Changes to a webhook; triggers that are left out stay as they are.
 *
 * @since 0.1.0
 * @category models
 */
export const WebhookChange = Schema.Struct({
  url: Schema.optional(Schema.String),
  httpAuth: Schema.optional(HttpAuth),
  httpHeaders: Schema.optional(Schema.Array(HttpHeader)),
  triggers: Schema.optional(WebhookTriggers),
  verify: Schema.optional(Schema.Boolean)
}).annotations({ identifier: "WebhookChange" })

/**
 * @since 0.1.0
 * @category models
 */
export interface WebhookChange extends Schema.Schema.Type<typeof WebhookChange> {}

/**
 * A webhook in Postmark.
 *
 * @since 0.1.0
 * @category models
 */
export const Webhook = Schema.Struct({
  id: Schema.Int,
  url: Schema.String,
  messageStream: Schema.optional(Schema.String),
  status: Schema.optional(Schema.String.annotations({ description: "verified or unverified" })),
  httpAuth: Schema.optional(Schema.NullOr(HttpAuth)),
  httpHeaders: Schema.optional(Schema.NullOr(Schema.Array(HttpHeader))),
  triggers: Schema.optional(WebhookTriggers)
}).annotations({ identifier: "Webhook" })

/**
 * @since 0.1.0
 * @category models
 */
export interface Webhook extends Schema.Schema.Type<typeof Webhook> {}

/**
 * The results of Postmark's probes of a webhook URL, one for each enabled trigger.
 *
 * @since 0.1.0
 * @category models
 */
export const WebhookVerification = Schema.Struct({
  webhookId: Schema.Int,
  url: optionalText,
  success: Schema.Boolean,
  results: list(
    Schema.Struct({
      triggerType: optionalText,
      success: Schema.Boolean,
      statusCode: optionalNumber,
      message: optionalText
    })
  ),
  message: optionalText
}).annotations({ identifier: "WebhookVerification" })

/**
 * @since 0.1.0
 * @category models
 */
export interface WebhookVerification extends Schema.Schema.Type<typeof WebhookVerification> {}

/**
 * How a webhook's requests went; `successRate` is in percent. See https://postmarkapp.com/developer/api/webhooks-api.
 *
 * @since 0.1.0
 * @category models
 */
export const WebhookMetrics = Schema.Struct({
  totalRequests: optionalNumber,
  successCount: optionalNumber,
  failureCount: optionalNumber,
  retryCount: optionalNumber,
  successRate: optionalNumber,
  slowCount: optionalNumber,
  verySlowCount: optionalNumber,
  averageTerminalResponseTimeMs: optionalNumber,
  averageRetryResponseTimeMs: optionalNumber
}).annotations({ identifier: "WebhookMetrics" })

/**
 * @since 0.1.0
 * @category models
 */
export interface WebhookMetrics extends Schema.Schema.Type<typeof WebhookMetrics> {}

/**
 * How a webhook fared in the last 24 hours; `statuses` and `metricsByTrigger` are keyed by Postmark's names of the
 * triggers. See https://postmarkapp.com/developer/api/webhooks-api.
 *
 * @since 0.1.0
 * @category models
 */
export const WebhookStatistics = Schema.Struct({
  webhookId: Schema.Int,
  serverId: optionalNumber,
  messageStreamId: optionalText,
  url: optionalText,
  statuses: Schema.optional(Schema.NullOr(Schema.Record({ key: Schema.String, value: Schema.String }))),
  timeRange: Schema.optional(
    Schema.NullOr(Schema.Struct({ startTime: optionalText, endTime: optionalText, hours: optionalNumber }))
  ),
  metrics: Schema.optional(Schema.NullOr(WebhookMetrics)),
  metricsByTrigger: Schema.optional(Schema.NullOr(Schema.Record({ key: Schema.String, value: WebhookMetrics })))
}).annotations({ identifier: "WebhookStatistics" })

/**
 * @since 0.1.0
 * @category models
 */
export interface WebhookStatistics extends Schema.Schema.Type<typeof WebhookStatistics> {}
