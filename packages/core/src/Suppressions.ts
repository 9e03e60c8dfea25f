/**
 * Suppressions: the addresses that a message stream no longer sends to.
 *
 * @since 0.1.0
 */
import * as HttpApiEndpoint from "@effect/platform/HttpApiEndpoint"
import * as HttpApiGroup from "@effect/platform/HttpApiGroup"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { decoded, valid } from "./internal/http/resourceCalls.ts"
import type { Transport } from "./internal/http/transport.ts"
import { optionalText, text } from "./internal/wire/fields.ts"
import { parameters } from "./internal/wire/query.ts"
import { wire } from "./internal/wire/wire.ts"
import { MessageStreamId } from "./MessageStreams.ts"
import { EasternTime } from "./OutboundMessage.ts"
import type { ChangeError, ReadError } from "./PostmarkError.ts"

/**
 * An address that a stream does not send to; `suppressionReason` is `HardBounce`, `SpamComplaint` or
 * `ManualSuppression`, and `origin` who caused it. See https://postmarkapp.com/developer/api/suppressions-api.
 *
 * @since 0.1.0
 * @category models
 */
export const Suppression = Schema.Struct({
  emailAddress: text,
  suppressionReason: optionalText,
  origin: optionalText,
  createdAt: optionalText
}).annotations({ identifier: "Suppression" })

/**
 * @since 0.1.0
 * @category models
 */
export interface Suppression extends Schema.Schema.Type<typeof Suppression> {}

/**
 * Which suppressions of a stream to answer: all of them, in one answer, when left out.
 * See https://postmarkapp.com/developer/api/suppressions-api.
 *
 * @since 0.1.0
 * @category models
 */
export const SuppressionsQuery = Schema.Struct({
  suppressionReason: Schema.optional(Schema.Literal("HardBounce", "SpamComplaint", "ManualSuppression")),
  origin: Schema.optional(Schema.Literal("Recipient", "Customer", "Admin")),
  fromDate: Schema.optional(EasternTime),
  toDate: Schema.optional(EasternTime),
  emailAddress: Schema.optional(text)
}).annotations({ identifier: "SuppressionsQuery" })

/**
 * @since 0.1.0
 * @category models
 */
export interface SuppressionsQuery extends Schema.Schema.Type<typeof SuppressionsQuery> {}

/**
 * The addresses of one change: 1 to 50. See https://postmarkapp.com/developer/api/suppressions-api.
 *
 * @since 0.1.0
 * @category models
 */
export const SuppressedAddresses = Schema.Array(Schema.String.pipe(Schema.minLength(1))).pipe(
  Schema.filter((addresses) =>
    addresses.length >= 1 && addresses.length <= 50 || `1 to 50 addresses in one call, got ${addresses.length}`
  )
).annotations({ identifier: "SuppressedAddresses" })

/**
 * The result for one address: `Suppressed`, `Deleted`, or `Failed` with Postmark's reason in `message`.
 *
 * @since 0.1.0
 * @category models
 */
export const SuppressionStatus = Schema.Struct({ emailAddress: text, status: text, message: optionalText })
  .annotations({ identifier: "SuppressionStatus" })

/**
 * @since 0.1.0
 * @category models
 */
export interface SuppressionStatus extends Schema.Schema.Type<typeof SuppressionStatus> {}

const StreamPath = Schema.Struct({ stream: MessageStreamId })
const Request = wire(Schema.Struct({ suppressions: Schema.Array(Schema.Struct({ emailAddress: text })) }))
const Statuses = wire(Schema.Struct({ suppressions: Schema.Array(SuppressionStatus) }))

/**
 * `GET /message-streams/{stream}/suppressions/dump`. See https://postmarkapp.com/developer/api/suppressions-api.
 *
 * @since 0.1.0
 * @category contracts
 */
export const dumpSuppressions = HttpApiEndpoint.get("dumpSuppressions", "/message-streams/:stream/suppressions/dump")
  .setPath(StreamPath)
  .setUrlParams(
    parameters(SuppressionsQuery, {
      suppressionReason: "SuppressionReason",
      origin: "Origin",
      fromDate: "fromdate",
      toDate: "todate",
      emailAddress: "EmailAddress"
    })
  )
  .addSuccess(wire(Schema.Struct({ suppressions: Schema.Array(Suppression) })))

/**
 * `POST /message-streams/{stream}/suppressions`. See https://postmarkapp.com/developer/api/suppressions-api.
 *
 * @since 0.1.0
 * @category contracts
 */
export const createSuppressions = HttpApiEndpoint.post("createSuppressions", "/message-streams/:stream/suppressions")
  .setPath(StreamPath).setPayload(Request).addSuccess(Statuses)

/**
 * `POST /message-streams/{stream}/suppressions/delete`. See https://postmarkapp.com/developer/api/suppressions-api.
 *
 * @since 0.1.0
 * @category contracts
 */
export const deleteSuppressions = HttpApiEndpoint
  .post("deleteSuppressions", "/message-streams/:stream/suppressions/delete")
  .setPath(StreamPath).setPayload(Request).addSuccess(Statuses)

/**
 * The API endpoints for suppressions. See https://postmarkapp.com/developer/api/suppressions-api.
 *
 * @since 0.1.0
 * @category contracts
 */
export const group = HttpApiGroup.make("suppressions").add(dumpSuppressions).add(createSuppressions)
  .add(deleteSuppressions)

/**
 * The operations on suppressions. Each address of a change succeeds or fails on its own, and the effect on mail
 * comes some seconds later. See https://postmarkapp.com/developer/api/suppressions-api.
 *
 * @since 0.1.0
 * @category models
 */
export interface Service {
  readonly dump: (
    messageStream: string,
    query?: SuppressionsQuery
  ) => Effect.Effect<ReadonlyArray<Suppression>, ReadError>
  readonly create: (
    messageStream: string,
    addresses: ReadonlyArray<string>
  ) => Effect.Effect<ReadonlyArray<SuppressionStatus>, ChangeError>
  /** A spam complaint cannot be deleted; an address that is not suppressed counts as deleted. */
  readonly delete: (
    messageStream: string,
    addresses: ReadonlyArray<string>
  ) => Effect.Effect<ReadonlyArray<SuppressionStatus>, ChangeError>
}

/**
 * The suppressions of a client's server.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (transport: Transport): Service => {
  const dump = transport.read(dumpSuppressions)
  const create = transport.change(createSuppressions)
  const remove = transport.change(deleteSuppressions)
  const changeWith = (operation: string, call: typeof create): Service["create"] => (stream, addresses) =>
    valid(SuppressedAddresses, operation, addresses).pipe(
      Effect.flatMap((all) =>
        call({ path: { stream }, payload: { suppressions: all.map((emailAddress) => ({ emailAddress })) } })
      ),
      Effect.map(({ value }) => value.suppressions)
    )
  return {
    dump: (stream, query = {}) =>
      decoded(SuppressionsQuery, "dumpSuppressions", query).pipe(
        Effect.flatMap((urlParams) => dump({ path: { stream }, urlParams })),
        Effect.map(({ value }) => value.suppressions)
      ),
    create: changeWith("createSuppressions", create),
    delete: changeWith("deleteSuppressions", remove)
  }
}
