/**
 * Counts of sent messages: the overview, and its breakdowns by day.
 *
 * @since 0.1.0
 */
import * as HttpApiEndpoint from "@effect/platform/HttpApiEndpoint"
import * as HttpApiGroup from "@effect/platform/HttpApiGroup"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type { WithRaw } from "./ApiResponse.ts"
import { valid, withRaw } from "./internal/http/resourceCalls.ts"
import type { Decoded, Transport } from "./internal/http/transport.ts"
import { parameters } from "./internal/wire/query.ts"
import { wire } from "./internal/wire/wire.ts"
import { type OutboundStats, outboundStatsFields, OutboundStatsQuery, rates } from "./OutboundStats.ts"
import type { ReadError } from "./PostmarkError.ts"
import {
  BounceCounts,
  ClickCounts,
  ClickLocationCounts,
  ClickPlatformCounts,
  type NamedCounts,
  NamedCountsResponse,
  OpenCounts,
  OpenPlatformCounts,
  SendCounts,
  SpamComplaintCounts,
  TrackedCounts
} from "./StatisticsCounts.ts"

/**
 * `GET /stats/outbound`. See https://postmarkapp.com/developer/api/stats-api.
 *
 * @since 0.1.0
 * @category models
 */
export const OutboundStatsResponse = wire(Schema.Struct(outboundStatsFields))

const queryParameters = parameters(OutboundStatsQuery, {
  fromDate: "fromdate",
  toDate: "todate",
  messageStream: "messagestream"
})

/**
 * `GET /stats/outbound`. See https://postmarkapp.com/developer/api/stats-api.
 *
 * @since 0.1.0
 * @category contracts
 */
export const getOutboundStats = HttpApiEndpoint.get("getOutboundStats", "/stats/outbound")
  .setUrlParams(queryParameters).addSuccess(OutboundStatsResponse)

/**
 * `GET /stats/outbound/sends`. See https://postmarkapp.com/developer/api/stats-api.
 *
 * @since 0.1.0
 * @category contracts
 */
export const getSendCounts = HttpApiEndpoint.get("getSendCounts", "/stats/outbound/sends")
  .setUrlParams(queryParameters).addSuccess(wire(SendCounts))

/**
 * `GET /stats/outbound/bounces`. See https://postmarkapp.com/developer/api/stats-api.
 *
 * @since 0.1.0
 * @category contracts
 */
export const getBounceCounts = HttpApiEndpoint.get("getBounceCounts", "/stats/outbound/bounces")
  .setUrlParams(queryParameters).addSuccess(wire(BounceCounts))

/**
 * `GET /stats/outbound/spam`. See https://postmarkapp.com/developer/api/stats-api.
 *
 * @since 0.1.0
 * @category contracts
 */
export const getSpamComplaintCounts = HttpApiEndpoint.get("getSpamComplaintCounts", "/stats/outbound/spam")
  .setUrlParams(queryParameters).addSuccess(wire(SpamComplaintCounts))

/**
 * `GET /stats/outbound/tracked`. See https://postmarkapp.com/developer/api/stats-api.
 *
 * @since 0.1.0
 * @category contracts
 */
export const getTrackedCounts = HttpApiEndpoint.get("getTrackedCounts", "/stats/outbound/tracked")
  .setUrlParams(queryParameters).addSuccess(wire(TrackedCounts))

/**
 * `GET /stats/outbound/opens`. See https://postmarkapp.com/developer/api/stats-api.
 *
 * @since 0.1.0
 * @category contracts
 */
export const getOpenCounts = HttpApiEndpoint.get("getOpenCounts", "/stats/outbound/opens")
  .setUrlParams(queryParameters).addSuccess(wire(OpenCounts))

/**
 * `GET /stats/outbound/opens/platforms`. See https://postmarkapp.com/developer/api/stats-api.
 *
 * @since 0.1.0
 * @category contracts
 */
export const getOpenPlatformCounts = HttpApiEndpoint.get("getOpenPlatformCounts", "/stats/outbound/opens/platforms")
  .setUrlParams(queryParameters).addSuccess(wire(OpenPlatformCounts))

/**
 * `GET /stats/outbound/opens/emailclients`. See https://postmarkapp.com/developer/api/stats-api.
 *
 * @since 0.1.0
 * @category contracts
 */
export const getOpenEmailClientCounts = HttpApiEndpoint.get(
  "getOpenEmailClientCounts",
  "/stats/outbound/opens/emailClients"
)
  .setUrlParams(queryParameters).addSuccess(NamedCountsResponse)

/**
 * `GET /stats/outbound/opens/readtimes`. See https://postmarkapp.com/developer/api/stats-api.
 *
 * @since 0.1.0
 * @category contracts
 */
export const getOpenReadTimeCounts = HttpApiEndpoint.get("getOpenReadTimeCounts", "/stats/outbound/opens/readTimes")
  .setUrlParams(queryParameters).addSuccess(NamedCountsResponse)

/**
 * `GET /stats/outbound/clicks`. See https://postmarkapp.com/developer/api/stats-api.
 *
 * @since 0.1.0
 * @category contracts
 */
export const getClickCounts = HttpApiEndpoint.get("getClickCounts", "/stats/outbound/clicks")
  .setUrlParams(queryParameters).addSuccess(wire(ClickCounts))

/**
 * `GET /stats/outbound/clicks/browserfamilies`. See https://postmarkapp.com/developer/api/stats-api.
 *
 * @since 0.1.0
 * @category contracts
 */
export const getClickBrowserFamilyCounts = HttpApiEndpoint.get(
  "getClickBrowserFamilyCounts",
  "/stats/outbound/clicks/browserFamilies"
)
  .setUrlParams(queryParameters).addSuccess(NamedCountsResponse)

/**
 * `GET /stats/outbound/clicks/platforms`. See https://postmarkapp.com/developer/api/stats-api.
 *
 * @since 0.1.0
 * @category contracts
 */
export const getClickPlatformCounts = HttpApiEndpoint.get("getClickPlatformCounts", "/stats/outbound/clicks/platforms")
  .setUrlParams(queryParameters).addSuccess(wire(ClickPlatformCounts))

/**
 * `GET /stats/outbound/clicks/location`. See https://postmarkapp.com/developer/api/stats-api.
 *
 * @since 0.1.0
 * @category contracts
 */
export const getClickLocationCounts = HttpApiEndpoint.get("getClickLocationCounts", "/stats/outbound/clicks/location")
  .setUrlParams(queryParameters).addSuccess(wire(ClickLocationCounts))

/**
 * The API endpoints for statistics. See https://postmarkapp.com/developer/api/stats-api.
 *
 * @since 0.1.0
 * @category contracts
 */
export const group = HttpApiGroup.make("stats").add(getOutboundStats).add(getSendCounts).add(getBounceCounts).add(
  getSpamComplaintCounts
).add(getTrackedCounts).add(getOpenCounts).add(getOpenPlatformCounts).add(getOpenEmailClientCounts).add(
  getOpenReadTimeCounts
).add(getClickCounts).add(getClickBrowserFamilyCounts).add(getClickPlatformCounts).add(getClickLocationCounts)

/**
 * The operations on statistics. See https://postmarkapp.com/developer/api/stats-api.
 *
 * @since 0.1.0
 * @category models
 */
export interface Service {
  readonly overview: (query?: OutboundStatsQuery) => Effect.Effect<OutboundStats, ReadError>
  readonly sends: Counts<SendCounts>
  readonly bounces: Counts<BounceCounts>
  readonly spamComplaints: Counts<SpamComplaintCounts>
  readonly tracked: Counts<TrackedCounts>
  readonly opens: Counts<OpenCounts>
  readonly openPlatforms: Counts<OpenPlatformCounts>
  readonly openEmailClients: Counts<NamedCounts>
  readonly openReadTimes: Counts<NamedCounts>
  readonly clicks: Counts<ClickCounts>
  readonly clickBrowserFamilies: Counts<NamedCounts>
  readonly clickPlatforms: Counts<ClickPlatformCounts>
  readonly clickLocations: Counts<ClickLocationCounts>
}

/**
 * Asks for one breakdown.
 *
 * @since 0.1.0
 * @category models
 */
export interface Counts<A> {
  (query?: OutboundStatsQuery): Effect.Effect<WithRaw<A>, ReadError>
}

/**
 * The statistics of a client's server.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (transport: Transport): Service => {
  const overview = counts("getOutboundStats", transport.read(getOutboundStats))
  return {
    overview: (query) => Effect.map(overview(query), (counted) => ({ ...counted, rates: rates(counted) })),
    sends: counts("getSendCounts", transport.read(getSendCounts)),
    bounces: counts("getBounceCounts", transport.read(getBounceCounts)),
    spamComplaints: counts("getSpamComplaintCounts", transport.read(getSpamComplaintCounts)),
    tracked: counts("getTrackedCounts", transport.read(getTrackedCounts)),
    opens: counts("getOpenCounts", transport.read(getOpenCounts)),
    openPlatforms: counts("getOpenPlatformCounts", transport.read(getOpenPlatformCounts)),
    openEmailClients: counts("getOpenEmailClientCounts", transport.read(getOpenEmailClientCounts)),
    openReadTimes: counts("getOpenReadTimeCounts", transport.read(getOpenReadTimeCounts)),
    clicks: counts("getClickCounts", transport.read(getClickCounts)),
    clickBrowserFamilies: counts("getClickBrowserFamilyCounts", transport.read(getClickBrowserFamilyCounts)),
    clickPlatforms: counts("getClickPlatformCounts", transport.read(getClickPlatformCounts)),
    clickLocations: counts("getClickLocationCounts", transport.read(getClickLocationCounts))
  }
}

const counts = <A extends object>(
  operation: string,
  call: (input: { readonly urlParams: OutboundStatsQuery }) => Effect.Effect<Decoded<A>, ReadError>
): Counts<A> =>
(query = {}) =>
  valid(OutboundStatsQuery, operation, query).pipe(Effect.flatMap((urlParams) => call({ urlParams })), withRaw)
