/**
 * The sender domains of a Postmark account. These calls need an account token.
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
import { dnsFields } from "./internal/wire/dns.ts"
import { IdPath, optionalFlag, optionalText, text } from "./internal/wire/fields.ts"
import { parameters } from "./internal/wire/query.ts"
import { wire } from "./internal/wire/wire.ts"
import { Paging } from "./Paging.ts"
import type { ChangeError, ReadError } from "./PostmarkError.ts"

/**
 * A domain in a list. See https://postmarkapp.com/developer/api/domains-api.
 *
 * @since 0.1.0
 * @category models
 */
export const DomainSummary = Schema.Struct({
  id: Schema.Int,
  name: text,
  spfVerified: optionalFlag,
  dkimVerified: optionalFlag,
  weakDkim: optionalFlag,
  returnPathDomainVerified: optionalFlag
}).annotations({ identifier: "DomainSummary" })

/**
 * @since 0.1.0
 * @category models
 */
export interface DomainSummary extends Schema.Schema.Type<typeof DomainSummary> {}

/**
 * A domain with its current and required DNS records. `dkimUpdateStatus` is `Pending` or `Verified`. See
 * https://postmarkapp.com/developer/api/domains-api.
 *
 * @since 0.1.0
 * @category models
 */
export const Domain = Schema.Struct({ id: Schema.Int, name: text, ...dnsFields }).annotations({ identifier: "Domain" })

/**
 * @since 0.1.0
 * @category models
 */
export interface Domain extends Schema.Schema.Type<typeof Domain> {}

/**
 * Postmark's response after it checked a domain's SPF record or renewed its DKIM key. It can contain only a part of
 * the domain. See https://postmarkapp.com/developer/api/domains-api.
 *
 * @since 0.1.0
 * @category models
 */
export const DomainState = Schema.Struct({
  id: Schema.optional(Schema.NullOr(Schema.Int)),
  name: optionalText,
  ...dnsFields
}).annotations({ identifier: "DomainState" })

/**
 * @since 0.1.0
 * @category models
 */
export interface DomainState extends Schema.Schema.Type<typeof DomainState> {}

/**
 * One page of domains. See https://postmarkapp.com/developer/api/domains-api.
 *
 * @since 0.1.0
 * @category models
 */
export const DomainsPage = Schema.Struct({ totalCount: Schema.Int, domains: Schema.Array(DomainSummary) })
  .annotations({ identifier: "DomainsPage" })

/**
 * @since 0.1.0
 * @category models
 */
export interface DomainsPage extends Schema.Schema.Type<typeof DomainsPage> {}

/**
 * A domain to create. See https://postmarkapp.com/developer/api/domains-api and
 * https://postmarkapp.com/developer/api/overview#error-codes, codes 514 and 515.
 *
 * @since 0.1.0
 * @category models
 */
export const NewDomain = Schema.Struct({
  name: Schema.String.pipe(Schema.minLength(1), Schema.maxLength(255)),
  returnPathDomain: Schema.optional(text)
}).annotations({ identifier: "NewDomain" })

/**
 * @since 0.1.0
 * @category models
 */
export interface NewDomain extends Schema.Schema.Type<typeof NewDomain> {}

/**
 * Changes to a domain. See https://postmarkapp.com/developer/api/domains-api.
 *
 * @since 0.1.0
 * @category models
 */
export const DomainChange = Schema.Struct({ returnPathDomain: text }).annotations({ identifier: "DomainChange" })

/**
 * @since 0.1.0
 * @category models
 */
export interface DomainChange extends Schema.Schema.Type<typeof DomainChange> {}

const DomainResponse = wire(Domain)
const DomainStateResponse = wire(DomainState)

/**
 * `GET /domains`. See https://postmarkapp.com/developer/api/domains-api.
 *
 * @since 0.1.0
 * @category contracts
 */
export const listDomains = HttpApiEndpoint.get("listDomains", "/domains").setUrlParams(parameters(Paging))
  .addSuccess(wire(DomainsPage))

/**
 * `GET /domains/{id}`. See https://postmarkapp.com/developer/api/domains-api.
 *
 * @since 0.1.0
 * @category contracts
 */
export const getDomain = HttpApiEndpoint.get("getDomain", "/domains/:id").setPath(IdPath)
  .addSuccess(DomainResponse)

/**
 * `POST /domains`. See https://postmarkapp.com/developer/api/domains-api.
 *
 * @since 0.1.0
 * @category contracts
 */
export const createDomain = HttpApiEndpoint.post("createDomain", "/domains/").setPayload(wire(NewDomain))
  .addSuccess(DomainResponse)

/**
 * `PUT /domains/{id}`. See https://postmarkapp.com/developer/api/domains-api.
 *
 * @since 0.1.0
 * @category contracts
 */
export const editDomain = HttpApiEndpoint.put("editDomain", "/domains/:id").setPath(IdPath).setPayload(
  wire(DomainChange)
)
  .addSuccess(DomainResponse)

/**
 * `DELETE /domains/{id}`. See https://postmarkapp.com/developer/api/domains-api.
 *
 * @since 0.1.0
 * @category contracts
 */
export const deleteDomain = HttpApiEndpoint.del("deleteDomain", "/domains/:id").setPath(IdPath)
  .addSuccess(Acknowledgement)

/**
 * `PUT /domains/{id}/verifyDKIM`. See https://postmarkapp.com/developer/api/domains-api.
 *
 * @since 0.1.0
 * @category contracts
 */
export const verifyDomainDkim = HttpApiEndpoint.put("verifyDomainDkim", "/domains/:id/verifyDKIM").setPath(IdPath)
  .addSuccess(DomainResponse)

/**
 * `PUT /domains/{id}/verifyReturnPath`. See https://postmarkapp.com/developer/api/domains-api.
 *
 * @since 0.1.0
 * @category contracts
 */
export const verifyDomainReturnPath = HttpApiEndpoint.put("verifyDomainReturnPath", "/domains/:id/verifyReturnPath")
  .setPath(IdPath)
  .addSuccess(DomainResponse)

/**
 * `POST /domains/{id}/verifySPF`. See https://postmarkapp.com/developer/api/domains-api.
 *
 * @since 0.1.0
 * @category contracts
 */
export const verifyDomainSpf = HttpApiEndpoint.post("verifyDomainSpf", "/domains/:id/verifySPF").setPath(IdPath)
  .addSuccess(DomainStateResponse)

/**
 * `POST /domains/{id}/rotateDKIM`. See https://postmarkapp.com/developer/api/domains-api.
 *
 * @since 0.1.0
 * @category contracts
 */
export const rotateDomainDkim = HttpApiEndpoint.post("rotateDomainDkim", "/domains/:id/rotateDKIM").setPath(IdPath)
  .addSuccess(DomainStateResponse)

/**
 * The API endpoints for domains. See https://postmarkapp.com/developer/api/domains-api.
 *
 * @since 0.1.0
 * @category contracts
 */
export const group = HttpApiGroup.make("domains").add(listDomains).add(getDomain).add(createDomain).add(editDomain)
  .add(deleteDomain).add(verifyDomainDkim).add(verifyDomainReturnPath).add(verifyDomainSpf).add(rotateDomainDkim)

/**
 * The operations on domains. A verification can be repeated without harm, so the three verifications fail as reads
 * do. See https://postmarkapp.com/developer/api/domains-api.
 *
 * @since 0.1.0
 * @category models
 */
export interface Service {
  readonly list: (paging?: typeof Paging.Encoded) => Effect.Effect<DomainsPage, ReadError>
  readonly get: (id: number) => Effect.Effect<WithRaw<Domain>, ReadError>
  readonly create: (domain: NewDomain) => Effect.Effect<WithRaw<Domain>, ChangeError>
  readonly edit: (id: number, change: DomainChange) => Effect.Effect<WithRaw<Domain>, ChangeError>
  readonly delete: (id: number) => Effect.Effect<void, ChangeError>
  readonly verifyDkim: (id: number) => Effect.Effect<WithRaw<Domain>, ReadError>
  readonly verifyReturnPath: (id: number) => Effect.Effect<WithRaw<Domain>, ReadError>
  readonly verifySpf: (id: number) => Effect.Effect<WithRaw<DomainState>, ReadError>
  /** Creates a new DKIM key. It takes effect once its record is in the DNS. */
  readonly rotateDkim: (id: number) => Effect.Effect<WithRaw<DomainState>, ChangeError>
}

/**
 * The domains of a client's account.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (transport: Transport): Service => {
  const list = transport.read(listDomains)
  const get = transport.read(getDomain)
  const create = transport.change(createDomain)
  const edit = transport.change(editDomain)
  const remove = transport.change(deleteDomain)
  const verifyDkim = transport.read(verifyDomainDkim)
  const verifyReturnPath = transport.read(verifyDomainReturnPath)
  const verifySpf = transport.read(verifyDomainSpf)
  const rotateDkim = transport.change(rotateDomainDkim)
  return {
    list: (paging = {}) =>
      decoded(Paging, "listDomains", paging).pipe(Effect.flatMap((urlParams) => list({ urlParams })), valueOf),
    get: (id) => withRaw(get({ path: { id } })),
    create: (domain) =>
      valid(NewDomain, "createDomain", domain).pipe(Effect.flatMap((payload) => create({ payload })), withRaw),
    edit: (id, change) =>
      valid(DomainChange, "editDomain", change).pipe(
        Effect.flatMap((payload) => edit({ path: { id }, payload })),
        withRaw
      ),
    delete: (id) => acknowledged("deleteDomain", remove({ path: { id } })),
    verifyDkim: (id) => withRaw(verifyDkim({ path: { id } })),
    verifyReturnPath: (id) => withRaw(verifyReturnPath({ path: { id } })),
    verifySpf: (id) => withRaw(verifySpf({ path: { id } })),
    rotateDkim: (id) => withRaw(rotateDkim({ path: { id } }))
  }
}
