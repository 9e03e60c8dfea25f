/**
 * Bounces and spam complaints: finds them, and reactivates addresses.
 *
 * @since 0.1.0
 */
import * as HttpApiEndpoint from "@effect/platform/HttpApiEndpoint"
import * as HttpApiGroup from "@effect/platform/HttpApiGroup"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type { WithRaw } from "./ApiResponse.ts"
import { BounceId, BounceIdFromWire, MessageId } from "./Ids.ts"
import { decoded, valueOf, withRaw } from "./internal/http/resourceCalls.ts"
import type { Transport } from "./internal/http/transport.ts"
import { list, optionalFlag, optionalNumber, optionalText, text } from "./internal/wire/fields.ts"
import { parameters } from "./internal/wire/query.ts"
import { wire } from "./internal/wire/wire.ts"
import { EasternTime } from "./OutboundMessage.ts"
import { pagingFields, withinWindow } from "./Paging.ts"
import type { ChangeError, ReadError } from "./PostmarkError.ts"

/**
 * One bounce. `type` and `recordType` can be new words. Postmark does not send to an `inactive` address. See
 * https://postmarkapp.com/developer/api/bounce-api and https://postmarkapp.com/developer/webhooks/bounce-webhook.
 *
 * @since 0.1.0
 * @category models
 */
export const Bounce = Schema.Struct({
  id: BounceIdFromWire,
  type: text,
  typeCode: optionalNumber,
  name: optionalText,
  recordType: optionalText,
  tag: optionalText,
  messageId: Schema.optional(Schema.NullOr(Schema.String)),
  serverId: optionalNumber,
  messageStream: optionalText,
  description: optionalText,
  details: optionalText,
  email: text,
  from: optionalText,
  bouncedAt: text,
  dumpAvailable: optionalFlag,
  inactive: optionalFlag,
  canActivate: optionalFlag,
  subject: optionalText,
  content: optionalText
}).annotations({ identifier: "Bounce" })

/**
 * @since 0.1.0
 * @category models
 */
export interface Bounce extends Schema.Schema.Type<typeof Bounce> {}

/**
 * One page of bounces. See https://postmarkapp.com/developer/api/bounce-api.
 *
 * @since 0.1.0
 * @category models
 */
export const BouncesPage = Schema.Struct({ totalCount: Schema.Int, bounces: Schema.Array(Bounce) })
  .annotations({ identifier: "BouncesPage" })

/**
 * @since 0.1.0
 * @category models
 */
export interface BouncesPage extends Schema.Schema.Type<typeof BouncesPage> {}

/**
 * The bounces to list. `emailFilter` matches a part of the address. Without `messageStream`, Postmark lists the
 * stream `outbound` only. See https://postmarkapp.com/developer/api/bounce-api.
 *
 * @since 0.1.0
 * @category models
 */
export const BouncesQuery = Schema.Struct({
  ...pagingFields,
  type: Schema.optional(text),
  inactive: Schema.optional(Schema.Boolean),
  emailFilter: Schema.optional(text),
  tag: Schema.optional(text),
  messageId: Schema.optional(MessageId),
  fromDate: Schema.optional(EasternTime),
  toDate: Schema.optional(EasternTime),
  messageStream: Schema.optional(text)
}).pipe(Schema.filter(withinWindow)).annotations({ identifier: "BouncesQuery" })

/**
 * @since 0.1.0
 * @category models
 */
export interface BouncesQuery extends Schema.Schema.Type<typeof BouncesQuery> {}

/**
 * The number of inactive addresses, and the number of bounces by type. The first entry counts all bounces and has no
 * type. See https://postmarkapp.com/developer/api/bounce-api.
 *
 * @since 0.1.0
 * @category models
 */
export const DeliveryStats = Schema.Struct({
  inactiveMails: Schema.Int,
  bounces: list(Schema.Struct({ type: optionalText, name: text, count: Schema.Int }))
}).annotations({ identifier: "DeliveryStats" })

/**
 * @since 0.1.0
 * @category models
 */
export interface DeliveryStats extends Schema.Schema.Type<typeof DeliveryStats> {}

/**
 * The bounce after its address was activated. See https://postmarkapp.com/developer/api/bounce-api.
 *
 * @since 0.1.0
 * @category models
 */
export const Activation = Schema.Struct({ bounce: Bounce, message: optionalText })
  .annotations({ identifier: "Activation" })

/**
 * @since 0.1.0
 * @category models
 */
export interface Activation extends Schema.Schema.Type<typeof Activation> {}

const BouncePath = Schema.Struct({ id: BounceId })

/**
 * `GET /deliverystats`. See https://postmarkapp.com/developer/api/bounce-api.
 *
 * @since 0.1.0
 * @category contracts
 */
export const getDeliveryStats = HttpApiEndpoint.get("getDeliveryStats", "/deliveryStats")
  .addSuccess(wire(DeliveryStats))

/**
 * `GET /bounces`. See https://postmarkapp.com/developer/api/bounce-api.
 *
 * @since 0.1.0
 * @category contracts
 */
export const listBounces = HttpApiEndpoint.get("listBounces", "/bounces")
  .setUrlParams(
    parameters(BouncesQuery, {
      messageId: "messageID",
      fromDate: "fromdate",
      toDate: "todate",
      messageStream: "messagestream"
    })
  )
  .addSuccess(wire(BouncesPage))

/**
 * `GET /bounces/{id}`. See https://postmarkapp.com/developer/api/bounce-api.
 *
 * @since 0.1.0
 * @category contracts
 */
export const getBounce = HttpApiEndpoint.get("getBounce", "/bounces/:id").setPath(BouncePath).addSuccess(wire(Bounce))

/**
 * `GET /bounces/{id}/dump`. See https://postmarkapp.com/developer/api/bounce-api.
 *
 * @since 0.1.0
 * @category contracts
 */
export const getBounceDump = HttpApiEndpoint.get("getBounceDump", "/bounces/:id/dump").setPath(BouncePath)
  .addSuccess(wire(Schema.Struct({ body: optionalText })))

/**
 * `PUT /bounces/{id}/activate`. See https://postmarkapp.com/developer/api/bounce-api.
 *
 * @since 0.1.0
 * @category contracts
 */
export const activateBounce = HttpApiEndpoint.put("activateBounce", "/bounces/:id/activate").setPath(BouncePath)
  .addSuccess(wire(Activation))

/**
 * The API endpoints for bounces. See https://postmarkapp.com/developer/api/bounce-api.
 *
 * @since 0.1.0
 * @category contracts
 */
export const group = HttpApiGroup.make("bounces").add(getDeliveryStats).add(listBounces).add(getBounce)
  .add(getBounceDump).add(activateBounce)

/**
 * The operations on bounces. See https://postmarkapp.com/developer/api/bounce-api.
 *
 * @since 0.1.0
 * @category models
 */
export interface Service {
  readonly deliveryStats: Effect.Effect<WithRaw<DeliveryStats>, ReadError>
  readonly list: (query?: typeof BouncesQuery.Encoded) => Effect.Effect<BouncesPage, ReadError>
  readonly get: (id: BounceId) => Effect.Effect<WithRaw<Bounce>, ReadError>
  /** Returns the source of the bounce. Postmark stores it for 30 days; afterwards this is undefined. */
  readonly dump: (id: BounceId) => Effect.Effect<string | undefined, ReadError>
  /** Reactivates the address, so that Postmark sends to it again. */
  readonly activate: (id: BounceId) => Effect.Effect<WithRaw<Activation>, ChangeError>
}

/**
 * The bounces of a client's server.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (transport: Transport): Service => {
  const deliveryStats = transport.read(getDeliveryStats)
  const page = transport.read(listBounces)
  const get = transport.read(getBounce)
  const dump = transport.read(getBounceDump)
  const activate = transport.change(activateBounce)
  return {
    deliveryStats: withRaw(deliveryStats({})),
    list: (query = {}) =>
      decoded(BouncesQuery, "listBounces", query).pipe(Effect.flatMap((urlParams) => page({ urlParams })), valueOf),
    get: (id) => withRaw(get({ path: { id } })),
    dump: (id) => Effect.map(dump({ path: { id } }), ({ value }) => value.body ?? undefined),
    activate: (id) => withRaw(activate({ path: { id } }))
  }
}
