/**
 * The sender signatures of a Postmark account: confirmed addresses to send from. These calls need an account token.
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
 * A signature as the list shows it. See https://postmarkapp.com/developer/api/signatures-api.
 *
 * @since 0.1.0
 * @category models
 */
export const SenderSignatureSummary = Schema.Struct({
  id: Schema.Int,
  domain: optionalText,
  emailAddress: text,
  replyToEmailAddress: optionalText,
  name: optionalText,
  confirmed: optionalFlag
}).annotations({ identifier: "SenderSignatureSummary" })

/**
 * @since 0.1.0
 * @category models
 */
export interface SenderSignatureSummary extends Schema.Schema.Type<typeof SenderSignatureSummary> {}

/**
 * A signature with the DNS records of its domain. See https://postmarkapp.com/developer/api/signatures-api.
 *
 * @since 0.1.0
 * @category models
 */
export const SenderSignature = Schema.Struct({
  ...SenderSignatureSummary.fields,
  ...dnsFields,
  confirmationPersonalNote: optionalText
}).annotations({ identifier: "SenderSignature" })

/**
 * @since 0.1.0
 * @category models
 */
export interface SenderSignature extends Schema.Schema.Type<typeof SenderSignature> {}

/**
 * What Postmark tells of a signature after its SPF record was looked at or a new DKIM key was requested: as much of it
 * as it cares to. See https://postmarkapp.com/developer/api/signatures-api.
 *
 * @since 0.1.0
 * @category models
 */
export const SenderSignatureState = Schema.Struct({
  ...SenderSignature.fields,
  id: Schema.optional(Schema.NullOr(Schema.Int)),
  emailAddress: optionalText
}).annotations({ identifier: "SenderSignatureState" })

/**
 * @since 0.1.0
 * @category models
 */
export interface SenderSignatureState extends Schema.Schema.Type<typeof SenderSignatureState> {}

/**
 * One page of signatures. See https://postmarkapp.com/developer/api/signatures-api.
 *
 * @since 0.1.0
 * @category models
 */
export const SenderSignaturesPage = Schema.Struct({
  totalCount: Schema.Int,
  senderSignatures: Schema.Array(SenderSignatureSummary)
}).annotations({ identifier: "SenderSignaturesPage" })

/**
 * @since 0.1.0
 * @category models
 */
export interface SenderSignaturesPage extends Schema.Schema.Type<typeof SenderSignaturesPage> {}

const name = Schema.String.pipe(Schema.minLength(1))
const settings = {
  replyToEmail: Schema.optional(text),
  returnPathDomain: Schema.optional(text),
  confirmationPersonalNote: Schema.optional(Schema.String.pipe(Schema.maxLength(400)))
}

/**
 * A signature to create. Postmark sends a confirmation email to its address. See
 * https://postmarkapp.com/developer/api/signatures-api and
 * https://postmarkapp.com/developer/api/overview#error-codes, code 521.
 *
 * @since 0.1.0
 * @category models
 */
export const NewSenderSignature = Schema.Struct({
  fromEmail: Schema.String.pipe(Schema.pattern(/^[^\s@]+@[^\s@]+$/, { message: () => "an address without a name" })),
  name,
  ...settings
}).annotations({ identifier: "NewSenderSignature" })

/**
 * @since 0.1.0
 * @category models
 */
export interface NewSenderSignature extends Schema.Schema.Type<typeof NewSenderSignature> {}

/**
 * Changes to a signature. See https://postmarkapp.com/developer/api/signatures-api.
 *
 * @since 0.1.0
 * @category models
 */
export const SenderSignatureChange = Schema.Struct({ name, ...settings })
  .annotations({ identifier: "SenderSignatureChange" })

/**
 * @since 0.1.0
 * @category models
 */
export interface SenderSignatureChange extends Schema.Schema.Type<typeof SenderSignatureChange> {}

const SignatureResponse = wire(SenderSignature)
const SignatureStateResponse = wire(SenderSignatureState)

/**
 * `GET /senders`. See https://postmarkapp.com/developer/api/signatures-api.
 *
 * @since 0.1.0
 * @category contracts
 */
export const listSenderSignatures = HttpApiEndpoint.get("listSenderSignatures", "/senders").setUrlParams(
  parameters(Paging)
)
  .addSuccess(wire(SenderSignaturesPage))

/**
 * `GET /senders/{id}`. See https://postmarkapp.com/developer/api/signatures-api.
 *
 * @since 0.1.0
 * @category contracts
 */
export const getSenderSignature = HttpApiEndpoint.get("getSenderSignature", "/senders/:id").setPath(IdPath)
  .addSuccess(SignatureResponse)

/**
 * `POST /senders`. See https://postmarkapp.com/developer/api/signatures-api.
 *
 * @since 0.1.0
 * @category contracts
 */
export const createSenderSignature = HttpApiEndpoint.post("createSenderSignature", "/senders/").setPayload(
  wire(NewSenderSignature)
)
  .addSuccess(SignatureResponse)

/**
 * `PUT /senders/{id}`. See https://postmarkapp.com/developer/api/signatures-api.
 *
 * @since 0.1.0
 * @category contracts
 */
export const editSenderSignature = HttpApiEndpoint.put("editSenderSignature", "/senders/:id").setPath(IdPath)
  .setPayload(wire(SenderSignatureChange))
  .addSuccess(SignatureResponse)

/**
 * `DELETE /senders/{id}`. See https://postmarkapp.com/developer/api/signatures-api.
 *
 * @since 0.1.0
 * @category contracts
 */
export const deleteSenderSignature = HttpApiEndpoint.del("deleteSenderSignature", "/senders/:id").setPath(IdPath)
  .addSuccess(Acknowledgement)

/**
 * `POST /senders/{id}/resend`. See https://postmarkapp.com/developer/api/signatures-api.
 *
 * @since 0.1.0
 * @category contracts
 */
export const resendSenderSignature = HttpApiEndpoint.post("resendSenderSignature", "/senders/:id/resend").setPath(
  IdPath
)
  .addSuccess(Acknowledgement)

/**
 * `POST /senders/{id}/verifySpf`. See https://postmarkapp.com/developer/api/signatures-api.
 *
 * @since 0.1.0
 * @category contracts
 */
export const verifySenderSignatureSpf = HttpApiEndpoint.post("verifySenderSignatureSpf", "/senders/:id/verifySpf")
  .setPath(IdPath)
  .addSuccess(SignatureStateResponse)

/**
 * `POST /senders/{id}/requestNewDkim`. See https://postmarkapp.com/developer/api/signatures-api.
 *
 * @since 0.1.0
 * @category contracts
 */
export const requestNewSenderSignatureDkim = HttpApiEndpoint.post(
  "requestNewSenderSignatureDkim",
  "/senders/:id/requestNewDkim"
).setPath(IdPath)
  .addSuccess(SignatureStateResponse)

/**
 * The API endpoints for sender signatures. See https://postmarkapp.com/developer/api/signatures-api.
 *
 * @since 0.1.0
 * @category contracts
 */
export const group = HttpApiGroup.make("senderSignatures").add(listSenderSignatures).add(getSenderSignature)
  .add(createSenderSignature).add(editSenderSignature).add(deleteSenderSignature).add(resendSenderSignature)
  .add(verifySenderSignatureSpf).add(requestNewSenderSignatureDkim)

/**
 * The operations on sender signatures. See https://postmarkapp.com/developer/api/signatures-api.
 *
 * @since 0.1.0
 * @category models
 */
export interface Service {
  readonly list: (paging?: typeof Paging.Encoded) => Effect.Effect<SenderSignaturesPage, ReadError>
  readonly get: (id: number) => Effect.Effect<WithRaw<SenderSignature>, ReadError>
  readonly create: (signature: NewSenderSignature) => Effect.Effect<WithRaw<SenderSignature>, ChangeError>
  readonly edit: (
    id: number,
    change: SenderSignatureChange
  ) => Effect.Effect<WithRaw<SenderSignature>, ChangeError>
  readonly delete: (id: number) => Effect.Effect<void, ChangeError>
  /** Sends the confirmation email again. */
  readonly resend: (id: number) => Effect.Effect<void, ChangeError>
  /** Has Postmark look at the DNS, which is harmless however often it is done, so it fails as a read does. */
  readonly verifySpf: (id: number) => Effect.Effect<WithRaw<SenderSignatureState>, ReadError>
  readonly requestNewDkim: (id: number) => Effect.Effect<WithRaw<SenderSignatureState>, ChangeError>
}

/**
 * The signatures of a client's account.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (transport: Transport): Service => {
  const list = transport.read(listSenderSignatures)
  const get = transport.read(getSenderSignature)
  const create = transport.change(createSenderSignature)
  const edit = transport.change(editSenderSignature)
  const remove = transport.change(deleteSenderSignature)
  const resend = transport.change(resendSenderSignature)
  const verifySpf = transport.read(verifySenderSignatureSpf)
  const requestNewDkim = transport.change(requestNewSenderSignatureDkim)
  return {
    list: (paging = {}) =>
      decoded(Paging, "listSenderSignatures", paging).pipe(Effect.flatMap((urlParams) => list({ urlParams })), valueOf),
    get: (id) => withRaw(get({ path: { id } })),
    create: (signature) =>
      valid(NewSenderSignature, "createSenderSignature", signature).pipe(
        Effect.flatMap((payload) => create({ payload })),
        withRaw
      ),
    edit: (id, change) =>
      valid(SenderSignatureChange, "editSenderSignature", change).pipe(
        Effect.flatMap((payload) => edit({ path: { id }, payload })),
        withRaw
      ),
    delete: (id) => acknowledged("deleteSenderSignature", remove({ path: { id } })),
    resend: (id) => acknowledged("resendSenderSignature", resend({ path: { id } })),
    verifySpf: (id) => withRaw(verifySpf({ path: { id } })),
    requestNewDkim: (id) => withRaw(requestNewDkim({ path: { id } }))
  }
}
