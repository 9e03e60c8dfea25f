/**
 * The operations on webhooks in Postmark. See https://postmarkapp.com/developer/api/webhooks-api.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { maskedUrl } from "../internal/http/maskedUrl.ts"
import * as Operation from "../Operation.ts"
import {
  NewWebhook,
  Webhook,
  WebhookChange,
  WebhookStatistics,
  WebhookTriggers,
  WebhookVerification
} from "../Webhook.ts"
import { withoutMaskedUrls } from "./masked.ts"
import { WebhookParams } from "./parameters.ts"

/**
 * A webhook in Postmark without its secrets: no password, no values of headers, and no credentials in its URL, where
 * `redacted` is in their place.
 *
 * @since 0.1.0
 * @category models
 */
export const PublicWebhook = Schema.Struct({
  id: Webhook.fields.id,
  url: Schema.String,
  messageStream: Webhook.fields.messageStream,
  status: Webhook.fields.status,
  httpAuth: Schema.NullOr(Schema.Struct({ username: Schema.String })),
  httpHeaders: Schema.Array(Schema.Struct({ name: Schema.String })),
  triggers: Schema.optional(WebhookTriggers)
}).annotations({ identifier: "PublicWebhook" })

/**
 * @since 0.1.0
 * @category models
 */
export const PublicWebhookList = Schema.Struct({ webhooks: Schema.Array(PublicWebhook) })
  .annotations({ identifier: "PublicWebhookList" })

/**
 * The webhooks to list.
 *
 * @since 0.1.0
 * @category models
 */
export const WebhooksQuery = Schema.Struct({ messageStream: Schema.optional(Schema.String) })

const shown = ({ httpAuth, httpHeaders, url, ...others }: Webhook): typeof PublicWebhook.Type => ({
  ...others,
  url: maskedUrl(url),
  httpAuth: httpAuth ? { username: httpAuth.username } : null,
  httpHeaders: (httpHeaders ?? []).map(({ name }) => ({ name }))
})

const masked = <A extends { readonly url?: string | null | undefined }>(answer: A): A =>
  typeof answer.url === "string" ? { ...answer, url: maskedUrl(answer.url) } : answer

const webhook = {
  id: 7,
  url: "https://hooks.example.com/v1/webhooks/con_1",
  messageStream: "outbound",
  status: "verified",
  httpAuth: null,
  httpHeaders: [{ name: "Authorization" }],
  triggers: { delivery: { enabled: true }, bounce: { enabled: true, includeContent: false } }
}

const params = { webhookId: 7 }

/**
 * @since 0.1.0
 * @category operations
 */
export const list = Operation.make("postmark/list-webhooks", Operation.reads, {
  ...Operation.empty,
  group: "postmarkWebhooks",
  member: "list",
  title: "List webhooks",
  description: "The webhooks of the server in Postmark, without their secrets",
  method: "GET",
  path: "/webhooks",
  query: WebhooksQuery,
  success: PublicWebhookList,
  example: { query: { messageStream: "outbound" }, success: { webhooks: [webhook] } },
  run: ({ query }, client) => Effect.map(client.webhooks.list(query), (all) => ({ webhooks: all.map(shown) }))
})

/**
 * @since 0.1.0
 * @category operations
 */
export const get = Operation.make("postmark/get-webhook", Operation.reads, {
  ...Operation.empty,
  group: "postmarkWebhooks",
  member: "get",
  title: "Get a webhook",
  description: "One webhook in Postmark, without its secrets",
  method: "GET",
  path: "/webhooks/:webhookId",
  params: WebhookParams,
  success: PublicWebhook,
  example: { params, success: webhook },
  run: ({ params }, client) => Effect.map(client.webhooks.get(params.webhookId), shown)
})

/**
 * @since 0.1.0
 * @category operations
 */
export const create = Operation.make("postmark/create-webhook", Operation.creates, {
  ...Operation.empty,
  group: "postmarkWebhooks",
  member: "create",
  title: "Create a webhook",
  description: "Creates a webhook in Postmark; triggers that are left out are off",
  method: "POST",
  path: "/webhooks",
  status: 201,
  body: withoutMaskedUrls(NewWebhook, ["url"]),
  success: PublicWebhook,
  example: {
    body: {
      url: "https://hooks.example.com/v1/webhooks/con_1",
      messageStream: "outbound",
      httpHeaders: [{ name: "Authorization", value: "Bearer a-long-secret" }],
      triggers: { delivery: { enabled: true }, bounce: { enabled: true, includeContent: false } }
    },
    success: webhook
  },
  run: ({ body }, client) => Effect.map(client.webhooks.create(body), shown)
})

/**
 * @since 0.1.0
 * @category operations
 */
export const edit = Operation.make("postmark/edit-webhook", Operation.changes, {
  ...Operation.empty,
  group: "postmarkWebhooks",
  member: "edit",
  title: "Edit a webhook",
  description: "Changes a webhook in Postmark; fields that are left out stay as they are",
  method: "PATCH",
  path: "/webhooks/:webhookId",
  params: WebhookParams,
  body: withoutMaskedUrls(WebhookChange, ["url"]),
  success: PublicWebhook,
  example: { params, body: { triggers: { open: { enabled: true, postFirstOpenOnly: true } } }, success: webhook },
  run: ({ body, params }, client) => Effect.map(client.webhooks.update(params.webhookId, body), shown)
})

/**
 * @since 0.1.0
 * @category operations
 */
export const remove = Operation.make("postmark/delete-webhook", Operation.removes, {
  ...Operation.empty,
  group: "postmarkWebhooks",
  member: "delete",
  title: "Delete a webhook",
  description: "Deletes a webhook in Postmark, so that its events no longer arrive",
  method: "DELETE",
  path: "/webhooks/:webhookId",
  status: 204,
  params: WebhookParams,
  success: Schema.Void,
  example: { params },
  run: ({ params }, client) => client.webhooks.delete(params.webhookId)
})

/**
 * @since 0.1.0
 * @category operations
 */
export const verify = Operation.make("postmark/verify-webhook", Operation.changes, {
  ...Operation.empty,
  group: "postmarkWebhooks",
  member: "verify",
  title: "Verify a webhook",
  description: "Lets Postmark probe the URL of a webhook, with one request for each enabled trigger",
  method: "POST",
  path: "/webhooks/:webhookId/verify",
  params: WebhookParams,
  success: Operation.response(WebhookVerification, "WebhookVerification"),
  example: {
    params,
    success: {
      webhookId: 7,
      url: webhook.url,
      success: true,
      results: [{ triggerType: "Delivery", success: true, statusCode: 200, message: null }]
    }
  },
  run: ({ params }, client) => Effect.map(client.webhooks.verify(params.webhookId), masked)
})

/**
 * @since 0.1.0
 * @category operations
 */
export const statistics = Operation.make("postmark/get-webhook-statistics", Operation.reads, {
  ...Operation.empty,
  group: "postmarkWebhooks",
  member: "statistics",
  title: "Get the statistics of a webhook",
  description: "The requests of a webhook in the last 24 hours",
  method: "GET",
  path: "/webhooks/:webhookId/statistics",
  params: WebhookParams,
  success: Operation.response(WebhookStatistics, "WebhookStatistics"),
  example: {
    params,
    success: {
      webhookId: 7,
      url: webhook.url,
      statuses: { Delivery: "Healthy" },
      metrics: { totalRequests: 10, successCount: 10, successRate: 100 }
    }
  },
  run: ({ params }, client) => Effect.map(client.webhooks.statistics(params.webhookId), masked)
})
