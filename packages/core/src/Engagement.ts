/**
 * Opens and clicks of sent messages.
 *
 * @since 0.1.0
 */
import * as HttpApiEndpoint from "@effect/platform/HttpApiEndpoint"
import * as HttpApiGroup from "@effect/platform/HttpApiGroup"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { MessageId } from "./Ids.ts"
import { decoded, valueOf } from "./internal/http/resourceCalls.ts"
import type { Transport } from "./internal/http/transport.ts"
import { optionalFlag, optionalNumber, optionalText, text } from "./internal/wire/fields.ts"
import { parameters } from "./internal/wire/query.ts"
import { wire } from "./internal/wire/wire.ts"
import { Paging, pagingFields, withinWindow } from "./Paging.ts"
import type { ReadError } from "./PostmarkError.ts"

const Software = Schema.optional(
  Schema.NullOr(Schema.Struct({ name: optionalText, company: optionalText, family: optionalText }))
)

const Place = Schema.optional(
  Schema.NullOr(Schema.Struct({
    countryIsoCode: optionalText,
    country: optionalText,
    regionIsoCode: optionalText,
    region: optionalText,
    city: optionalText,
    zip: optionalText,
    coords: optionalText,
    ip: optionalText
  }))
)

const common = {
  recordType: optionalText,
  messageId: MessageId,
  messageStream: optionalText,
  recipient: text,
  tag: optionalText,
  receivedAt: text,
  userAgent: optionalText,
  client: Software,
  os: Software,
  platform: optionalText,
  geo: Place
}

/**
 * One open. Postmark's API stores only the first open of a message. See
 * https://postmarkapp.com/developer/api/messages-api.
 *
 * @since 0.1.0
 * @category models
 */
export const Open = Schema.Struct({ ...common, readSeconds: optionalNumber, firstOpen: optionalFlag })
  .annotations({ identifier: "Open" })

/**
 * @since 0.1.0
 * @category models
 */
export interface Open extends Schema.Schema.Type<typeof Open> {}

/**
 * One click. Postmark stores the first click of each recipient on each link. See
 * https://postmarkapp.com/developer/api/messages-api.
 *
 * @since 0.1.0
 * @category models
 */
export const Click = Schema.Struct({ ...common, clickLocation: optionalText, originalLink: text })
  .annotations({ identifier: "Click" })

/**
 * @since 0.1.0
 * @category models
 */
export interface Click extends Schema.Schema.Type<typeof Click> {}

/**
 * One page of opens. See https://postmarkapp.com/developer/api/messages-api.
 *
 * @since 0.1.0
 * @category models
 */
export const OpensPage = Schema.Struct({ totalCount: Schema.Int, opens: Schema.Array(Open) })
  .annotations({ identifier: "OpensPage" })

/**
 * @since 0.1.0
 * @category models
 */
export interface OpensPage extends Schema.Schema.Type<typeof OpensPage> {}

/**
 * One page of clicks. See https://postmarkapp.com/developer/api/messages-api.
 *
 * @since 0.1.0
 * @category models
 */
export const ClicksPage = Schema.Struct({ totalCount: Schema.Int, clicks: Schema.Array(Click) })
  .annotations({ identifier: "ClicksPage" })

/**
 * @since 0.1.0
 * @category models
 */
export interface ClicksPage extends Schema.Schema.Type<typeof ClicksPage> {}

/**
 * The opens or clicks to find. Without `messageStream`, Postmark searches the stream `outbound` only. See
 * https://postmarkapp.com/developer/api/messages-api.
 *
 * @since 0.1.0
 * @category models
 */
export const EngagementQuery = Schema.Struct({
  ...pagingFields,
  recipient: Schema.optional(text),
  tag: Schema.optional(text),
  clientName: Schema.optional(text),
  clientCompany: Schema.optional(text),
  clientFamily: Schema.optional(text),
  osName: Schema.optional(text),
  osFamily: Schema.optional(text),
  osCompany: Schema.optional(text),
  platform: Schema.optional(text),
  country: Schema.optional(text),
  region: Schema.optional(text),
  city: Schema.optional(text),
  messageStream: Schema.optional(text)
}).pipe(Schema.filter(withinWindow)).annotations({ identifier: "EngagementQuery" })

/**
 * @since 0.1.0
 * @category models
 */
export interface EngagementQuery extends Schema.Schema.Type<typeof EngagementQuery> {}

const queryParameters = parameters(EngagementQuery, {
  clientName: "client_name",
  clientCompany: "client_company",
  clientFamily: "client_family",
  osName: "os_name",
  osFamily: "os_family",
  osCompany: "os_company",
  messageStream: "messagestream"
})

const MessagePath = Schema.Struct({ messageId: MessageId })

/**
 * `GET /messages/outbound/opens`. See https://postmarkapp.com/developer/api/messages-api.
 *
 * @since 0.1.0
 * @category contracts
 */
export const listOpens = HttpApiEndpoint.get("listOpens", "/messages/outbound/opens").setUrlParams(queryParameters)
  .addSuccess(wire(OpensPage))

/**
 * `GET /messages/outbound/opens/{messageId}`. See https://postmarkapp.com/developer/api/messages-api.
 *
 * @since 0.1.0
 * @category contracts
 */
export const listMessageOpens = HttpApiEndpoint.get("listMessageOpens", "/messages/outbound/opens/:messageId")
  .setPath(MessagePath).setUrlParams(parameters(Paging)).addSuccess(wire(OpensPage))

/**
 * `GET /messages/outbound/clicks`. See https://postmarkapp.com/developer/api/messages-api.
 *
 * @since 0.1.0
 * @category contracts
 */
export const listClicks = HttpApiEndpoint.get("listClicks", "/messages/outbound/clicks").setUrlParams(queryParameters)
  .addSuccess(wire(ClicksPage))

/**
 * `GET /messages/outbound/clicks/{messageId}`. See https://postmarkapp.com/developer/api/messages-api.
 *
 * @since 0.1.0
 * @category contracts
 */
export const listMessageClicks = HttpApiEndpoint.get("listMessageClicks", "/messages/outbound/clicks/:messageId")
  .setPath(MessagePath).setUrlParams(parameters(Paging)).addSuccess(wire(ClicksPage))

/**
 * The API endpoints for opens. See https://postmarkapp.com/developer/api/messages-api.
 *
 * @since 0.1.0
 * @category contracts
 */
export const opensGroup = HttpApiGroup.make("opens").add(listOpens).add(listMessageOpens)

/**
 * The API endpoints for clicks. See https://postmarkapp.com/developer/api/messages-api.
 *
 * @since 0.1.0
 * @category contracts
 */
export const clicksGroup = HttpApiGroup.make("clicks").add(listClicks).add(listMessageClicks)

/**
 * The operations on opens and clicks. See https://postmarkapp.com/developer/api/messages-api.
 *
 * @since 0.1.0
 * @category models
 */
export interface Service {
  readonly opens: {
    readonly list: (query?: typeof EngagementQuery.Encoded) => Effect.Effect<OpensPage, ReadError>
    readonly ofMessage: (
      messageId: MessageId,
      paging?: typeof Paging.Encoded
    ) => Effect.Effect<OpensPage, ReadError>
  }
  readonly clicks: {
    readonly list: (query?: typeof EngagementQuery.Encoded) => Effect.Effect<ClicksPage, ReadError>
    readonly ofMessage: (
      messageId: MessageId,
      paging?: typeof Paging.Encoded
    ) => Effect.Effect<ClicksPage, ReadError>
  }
}

/**
 * The opens and clicks of a client's server.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (transport: Transport): Service => {
  const opens = transport.read(listOpens)
  const opensOf = transport.read(listMessageOpens)
  const clicks = transport.read(listClicks)
  const clicksOf = transport.read(listMessageClicks)
  return {
    opens: {
      list: (query = {}) =>
        decoded(EngagementQuery, "listOpens", query).pipe(Effect.flatMap((urlParams) => opens({ urlParams })), valueOf),
      ofMessage: (messageId, paging = {}) =>
        decoded(Paging, "listMessageOpens", paging).pipe(
          Effect.flatMap((urlParams) => opensOf({ path: { messageId }, urlParams })),
          valueOf
        )
    },
    clicks: {
      list: (query = {}) =>
        decoded(EngagementQuery, "listClicks", query).pipe(
          Effect.flatMap((urlParams) => clicks({ urlParams })),
          valueOf
        ),
      ofMessage: (messageId, paging = {}) =>
        decoded(Paging, "listMessageClicks", paging).pipe(
          Effect.flatMap((urlParams) => clicksOf({ path: { messageId }, urlParams })),
          valueOf
        )
    }
  }
}
