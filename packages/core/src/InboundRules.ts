/**
 * Inbound rules: the senders whose email Postmark blocks.
 *
 * @since 0.1.0
 */
import * as HttpApiEndpoint from "@effect/platform/HttpApiEndpoint"
import * as HttpApiGroup from "@effect/platform/HttpApiGroup"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { Acknowledgement, type WithRaw } from "./ApiResponse.ts"
import { acknowledged, decoded, valid, valueOf, withRaw } from "./internal/http/resourceCalls.ts"
import type { Transport } from "./internal/http/transport.ts"
import { IdPath, text } from "./internal/wire/fields.ts"
import { parameters } from "./internal/wire/query.ts"
import { wire } from "./internal/wire/wire.ts"
import { Paging } from "./Paging.ts"
import type { ChangeError, ReadError } from "./PostmarkError.ts"

/**
 * An address or a domain whose inbound email is blocked. See
 * https://postmarkapp.com/developer/api/inbound-rules-triggers-api.
 *
 * @since 0.1.0
 * @category models
 */
export const InboundRule = Schema.Struct({ id: Schema.Int, rule: text }).annotations({ identifier: "InboundRule" })

/**
 * @since 0.1.0
 * @category models
 */
export interface InboundRule extends Schema.Schema.Type<typeof InboundRule> {}

/**
 * One page of inbound rules. See https://postmarkapp.com/developer/api/inbound-rules-triggers-api.
 *
 * @since 0.1.0
 * @category models
 */
export const InboundRulesPage = Schema.Struct({ totalCount: Schema.Int, inboundRules: Schema.Array(InboundRule) })
  .annotations({ identifier: "InboundRulesPage" })

/**
 * @since 0.1.0
 * @category models
 */
export interface InboundRulesPage extends Schema.Schema.Type<typeof InboundRulesPage> {}

/**
 * A rule to create. See https://postmarkapp.com/developer/api/inbound-rules-triggers-api.
 *
 * @since 0.1.0
 * @category models
 */
export const NewInboundRule = Schema.Struct({ rule: Schema.String.pipe(Schema.minLength(1)) })
  .annotations({ identifier: "NewInboundRule" })

/**
 * @since 0.1.0
 * @category models
 */
export interface NewInboundRule extends Schema.Schema.Type<typeof NewInboundRule> {}

/**
 * `GET /triggers/inboundrules`. See https://postmarkapp.com/developer/api/inbound-rules-triggers-api.
 *
 * @since 0.1.0
 * @category contracts
 */
export const listInboundRules = HttpApiEndpoint.get("listInboundRules", "/triggers/inboundRules")
  .setUrlParams(parameters(Paging)).addSuccess(wire(InboundRulesPage))

/**
 * `POST /triggers/inboundrules`. See https://postmarkapp.com/developer/api/inbound-rules-triggers-api.
 *
 * @since 0.1.0
 * @category contracts
 */
export const createInboundRule = HttpApiEndpoint.post("createInboundRule", "/triggers/inboundRules")
  .setPayload(wire(NewInboundRule)).addSuccess(wire(InboundRule))

/**
 * `DELETE /triggers/inboundrules/{id}`. See https://postmarkapp.com/developer/api/inbound-rules-triggers-api.
 *
 * @since 0.1.0
 * @category contracts
 */
export const deleteInboundRule = HttpApiEndpoint.del("deleteInboundRule", "/triggers/inboundRules/:id")
  .setPath(IdPath).addSuccess(Acknowledgement)

/**
 * The API endpoints for inbound rules. See https://postmarkapp.com/developer/api/inbound-rules-triggers-api.
 *
 * @since 0.1.0
 * @category contracts
 */
export const group = HttpApiGroup.make("inboundRules").add(listInboundRules).add(createInboundRule)
  .add(deleteInboundRule)

/**
 * The operations on inbound rules. See https://postmarkapp.com/developer/api/inbound-rules-triggers-api.
 *
 * @since 0.1.0
 * @category models
 */
export interface Service {
  readonly list: (paging?: typeof Paging.Encoded) => Effect.Effect<InboundRulesPage, ReadError>
  readonly create: (rule: NewInboundRule) => Effect.Effect<WithRaw<InboundRule>, ChangeError>
  readonly delete: (id: number) => Effect.Effect<void, ChangeError>
}

/**
 * The inbound rules of a client's server.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (transport: Transport): Service => {
  const list = transport.read(listInboundRules)
  const create = transport.change(createInboundRule)
  const remove = transport.change(deleteInboundRule)
  return {
    list: (paging = {}) =>
      decoded(Paging, "listInboundRules", paging).pipe(Effect.flatMap((urlParams) => list({ urlParams })), valueOf),
    create: (rule) =>
      valid(NewInboundRule, "createInboundRule", rule).pipe(Effect.flatMap((payload) => create({ payload })), withRaw),
    delete: (id) => acknowledged("deleteInboundRule", remove({ path: { id } }))
  }
}
