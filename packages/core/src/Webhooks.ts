/**
 * Webhooks: creates them in Postmark, verifies their URLs, and reads their statistics.
 *
 * @since 0.1.0
 */
import * as HttpApiEndpoint from "@effect/platform/HttpApiEndpoint"
import * as HttpApiGroup from "@effect/platform/HttpApiGroup"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { Acknowledgement, type WithRaw } from "./ApiResponse.ts"
import { acknowledged, valid, valueOf, withRaw } from "./internal/http/resourceCalls.ts"
import type { Transport } from "./internal/http/transport.ts"
import { IdPath, optionalNumber } from "./internal/wire/fields.ts"
import { wire } from "./internal/wire/wire.ts"
import type { ChangeError, ReadError } from "./PostmarkError.ts"
import {
  NewWebhook,
  Webhook,
  WebhookChange,
  WebhookMetrics,
  WebhookStatistics,
  WebhookVerification
} from "./Webhook.ts"

/**
 * One webhook of `/webhooks`. See https://postmarkapp.com/developer/api/webhooks-api.
 *
 * @since 0.1.0
 * @category models
 */
export const WebhookResponse = wire(Webhook)

const VerificationResponse = wire(Schema.Struct({
  ...WebhookVerification.fields,
  webhookId: Schema.propertySignature(Schema.Int).pipe(Schema.fromKey("plainId"))
}))

// A record's values are opaque to `wire`, so they bring their own.
const metricsByTrigger = Schema.optional(
  Schema.NullOr(Schema.Record({ key: Schema.String, value: wire(WebhookMetrics) }))
)

const StatisticsResponse = wire(Schema.Struct({
  ...WebhookStatistics.fields,
  serverId: optionalNumber.pipe(Schema.fromKey("plainServerId")),
  metricsByTrigger
}))

/**
 * `GET /webhooks`. See https://postmarkapp.com/developer/api/webhooks-api.
 *
 * @since 0.1.0
 * @category contracts
 */
export const listWebhooks = HttpApiEndpoint.get("listWebhooks", "/webhooks")
  .setUrlParams(Schema.Struct({ MessageStream: Schema.optional(Schema.String) }))
  .addSuccess(wire(Schema.Struct({ webhooks: Schema.Array(Webhook) })))

/**
 * `GET /webhooks/{id}`. See https://postmarkapp.com/developer/api/webhooks-api.
 *
 * @since 0.1.0
 * @category contracts
 */
export const getWebhook = HttpApiEndpoint.get("getWebhook", "/webhooks/:id").setPath(IdPath)
  .addSuccess(WebhookResponse)

/**
 * `POST /webhooks`. See https://postmarkapp.com/developer/api/webhooks-api.
 *
 * @since 0.1.0
 * @category contracts
 */
export const createWebhook = HttpApiEndpoint.post("createWebhook", "/webhooks").setPayload(wire(NewWebhook))
  .addSuccess(WebhookResponse)

/**
 * `PUT /webhooks/{id}`. See https://postmarkapp.com/developer/api/webhooks-api.
 *
 * @since 0.1.0
 * @category contracts
 */
export const updateWebhook = HttpApiEndpoint.put("updateWebhook", "/webhooks/:id").setPath(IdPath)
  .setPayload(wire(WebhookChange)).addSuccess(WebhookResponse)

/**
 * `DELETE /webhooks/{id}`. See https://postmarkapp.com/developer/api/webhooks-api.
 *
 * @since 0.1.0
 * @category contracts
 */
export const deleteWebhook = HttpApiEndpoint.del("deleteWebhook", "/webhooks/:id").setPath(IdPath)
  .addSuccess(Acknowledgement)

/**
 * `POST /webhooks/{id}/verify`. See https://postmarkapp.com/developer/api/webhooks-api.
 *
 * @since 0.1.0
 * @category contracts
 */
export const verifyWebhook = HttpApiEndpoint.post("verifyWebhook", "/webhooks/:id/verify").setPath(IdPath)
  .addSuccess(VerificationResponse)

/**
 * `GET /webhooks/{id}/statistics`. See https://postmarkapp.com/developer/api/webhooks-api.
 *
 * @since 0.1.0
 * @category contracts
 */
export const getWebhookStatistics = HttpApiEndpoint.get("getWebhookStatistics", "/webhooks/:id/statistics")
  .setPath(IdPath).addSuccess(StatisticsResponse)

/**
 * The API endpoints for webhooks. See https://postmarkapp.com/developer/api/webhooks-api.
 *
 * @since 0.1.0
 * @category contracts
 */
export const group = HttpApiGroup.make("webhooks").add(listWebhooks).add(getWebhook).add(createWebhook)
  .add(updateWebhook).add(deleteWebhook).add(verifyWebhook).add(getWebhookStatistics)

/**
 * The operations on webhooks. See https://postmarkapp.com/developer/api/webhooks-api.
 *
 * @since 0.1.0
 * @category models
 */
export interface Service {
  readonly list: (
    query?: { readonly messageStream?: string | undefined }
  ) => Effect.Effect<ReadonlyArray<Webhook>, ReadError>
  readonly get: (id: number) => Effect.Effect<Webhook, ReadError>
  readonly create: (webhook: NewWebhook) => Effect.Effect<Webhook, ChangeError>
  readonly update: (id: number, change: WebhookChange) => Effect.Effect<Webhook, ChangeError>
  readonly delete: (id: number) => Effect.Effect<void, ChangeError>
  /** Asks Postmark to probe the URL again. A repetition is harmless, so it fails as a read does. */
  readonly verify: (id: number) => Effect.Effect<WithRaw<WebhookVerification>, ReadError>
  readonly statistics: (id: number) => Effect.Effect<WithRaw<WebhookStatistics>, ReadError>
}

/**
 * The webhooks of a client's server. They are answered without `raw`, because Postmark's
 * answer holds their passwords.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (transport: Transport): Service => {
  const list = transport.read(listWebhooks)
  const get = transport.read(getWebhook)
  const create = transport.change(createWebhook)
  const update = transport.change(updateWebhook)
  const remove = transport.change(deleteWebhook)
  const verify = transport.read(verifyWebhook)
  const statistics = transport.read(getWebhookStatistics)
  return {
    list: ({ messageStream } = {}) =>
      Effect.map(list({ urlParams: { MessageStream: messageStream } }), ({ value }) => value.webhooks),
    get: (id) => valueOf(get({ path: { id } })),
    create: (webhook) =>
      valid(NewWebhook, "createWebhook", webhook).pipe(Effect.flatMap((payload) => create({ payload })), valueOf),
    update: (id, change) =>
      valid(WebhookChange, "updateWebhook", change).pipe(
        Effect.flatMap((payload) => update({ path: { id }, payload })),
        valueOf
      ),
    delete: (id) => acknowledged("deleteWebhook", remove({ path: { id } })),
    verify: (id) => withRaw(verify({ path: { id } })),
    statistics: (id) => withRaw(statistics({ path: { id } }))
  }
}
