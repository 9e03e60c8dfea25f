/**
 * Templates: stores them, validates their content, and pushes them from one server to another.
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
import { parameters } from "./internal/wire/query.ts"
import { wire } from "./internal/wire/wire.ts"
import type { ChangeError, ReadError } from "./PostmarkError.ts"
import {
  NewTemplate,
  PushedTemplates,
  Template,
  TemplateAlias,
  TemplateChange,
  TemplateContent,
  type TemplateIdOrAlias,
  TemplatesPage,
  TemplatesPush,
  TemplatesQuery,
  TemplateSummary,
  TemplateValidation
} from "./Template.ts"

const TemplatePath = Schema.Struct({
  idOrAlias: Schema.Union(Schema.NumberFromString.pipe(Schema.int(), Schema.positive()), TemplateAlias)
})

/**
 * `GET /templates`. See https://postmarkapp.com/developer/api/templates-api.
 *
 * @since 0.1.0
 * @category contracts
 */
export const listTemplates = HttpApiEndpoint.get("listTemplates", "/templates")
  .setUrlParams(
    parameters(TemplatesQuery, {
      count: "Count",
      offset: "Offset",
      templateType: "TemplateType",
      layoutTemplate: "LayoutTemplate"
    })
  )
  .addSuccess(wire(TemplatesPage))

/**
 * `GET /templates/{idOrAlias}`. See https://postmarkapp.com/developer/api/templates-api.
 *
 * @since 0.1.0
 * @category contracts
 */
export const getTemplate = HttpApiEndpoint.get("getTemplate", "/templates/:idOrAlias").setPath(TemplatePath)
  .addSuccess(wire(Template))

/**
 * `POST /templates`. See https://postmarkapp.com/developer/api/templates-api.
 *
 * @since 0.1.0
 * @category contracts
 */
export const createTemplate = HttpApiEndpoint.post("createTemplate", "/templates/").setPayload(wire(NewTemplate))
  .addSuccess(wire(TemplateSummary))

/**
 * `PUT /templates/{idOrAlias}`. See https://postmarkapp.com/developer/api/templates-api.
 *
 * @since 0.1.0
 * @category contracts
 */
export const editTemplate = HttpApiEndpoint.put("editTemplate", "/templates/:idOrAlias").setPath(TemplatePath)
  .setPayload(wire(TemplateChange)).addSuccess(wire(TemplateSummary))

/**
 * `DELETE /templates/{idOrAlias}`. See https://postmarkapp.com/developer/api/templates-api.
 *
 * @since 0.1.0
 * @category contracts
 */
export const deleteTemplate = HttpApiEndpoint.del("deleteTemplate", "/templates/:idOrAlias").setPath(TemplatePath)
  .addSuccess(Acknowledgement)

/**
 * `POST /templates/validate`. See https://postmarkapp.com/developer/api/templates-api.
 *
 * @since 0.1.0
 * @category contracts
 */
export const validateTemplate = HttpApiEndpoint.post("validateTemplate", "/templates/validate")
  .setPayload(wire(TemplateContent)).addSuccess(wire(TemplateValidation))

/**
 * `PUT /templates/push`, with an account token. See https://postmarkapp.com/developer/api/templates-api.
 *
 * @since 0.1.0
 * @category contracts
 */
export const pushTemplates = HttpApiEndpoint.put("pushTemplates", "/templates/push").setPayload(wire(TemplatesPush))
  .addSuccess(wire(PushedTemplates))

/**
 * The API endpoints for the templates of one server. See https://postmarkapp.com/developer/api/templates-api.
 *
 * @since 0.1.0
 * @category contracts
 */
export const group = HttpApiGroup.make("templates").add(listTemplates).add(getTemplate).add(createTemplate)
  .add(editTemplate).add(deleteTemplate).add(validateTemplate)

/**
 * The API endpoints for templates across servers. See https://postmarkapp.com/developer/api/templates-api.
 *
 * @since 0.1.0
 * @category contracts
 */
export const accountGroup = HttpApiGroup.make("templates").add(pushTemplates)

/**
 * The operations on the templates of one server. See https://postmarkapp.com/developer/api/templates-api.
 *
 * @since 0.1.0
 * @category models
 */
export interface Service {
  readonly list: (query?: typeof TemplatesQuery.Encoded) => Effect.Effect<TemplatesPage, ReadError>
  readonly get: (idOrAlias: TemplateIdOrAlias) => Effect.Effect<WithRaw<Template>, ReadError>
  readonly create: (template: NewTemplate) => Effect.Effect<WithRaw<TemplateSummary>, ChangeError>
  readonly edit: (
    idOrAlias: TemplateIdOrAlias,
    change: TemplateChange
  ) => Effect.Effect<WithRaw<TemplateSummary>, ChangeError>
  readonly delete: (idOrAlias: TemplateIdOrAlias) => Effect.Effect<void, ChangeError>
  /** Validates content. It changes nothing, so it fails as a read does. */
  readonly validate: (content: TemplateContent) => Effect.Effect<WithRaw<TemplateValidation>, ReadError>
}

/**
 * The operations on the templates of an account. See https://postmarkapp.com/developer/api/templates-api.
 *
 * @since 0.1.0
 * @category models
 */
export interface AccountService {
  readonly push: (push: TemplatesPush) => Effect.Effect<PushedTemplates, ChangeError>
}

/**
 * The templates of a client's server.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (transport: Transport): Service => {
  const list = transport.read(listTemplates)
  const get = transport.read(getTemplate)
  const create = transport.change(createTemplate)
  const edit = transport.change(editTemplate)
  const remove = transport.change(deleteTemplate)
  const validate = transport.read(validateTemplate)
  return {
    list: (query = {}) =>
      decoded(TemplatesQuery, "listTemplates", query).pipe(Effect.flatMap((urlParams) => list({ urlParams })), valueOf),
    get: (idOrAlias) => withRaw(get({ path: { idOrAlias } })),
    create: (template) =>
      valid(NewTemplate, "createTemplate", template).pipe(Effect.flatMap((payload) => create({ payload })), withRaw),
    edit: (idOrAlias, change) =>
      valid(TemplateChange, "editTemplate", change).pipe(
        Effect.flatMap((payload) => edit({ path: { idOrAlias }, payload })),
        withRaw
      ),
    delete: (idOrAlias) => acknowledged("deleteTemplate", remove({ path: { idOrAlias } })),
    validate: (content) =>
      valid(TemplateContent, "validateTemplate", content).pipe(
        Effect.flatMap((payload) => validate({ payload })),
        withRaw
      )
  }
}

/**
 * The templates of a client's account.
 *
 * @since 0.1.0
 * @category constructors
 */
export const makeAccount = (transport: Transport): AccountService => {
  const push = transport.change(pushTemplates)
  return {
    push: (request) =>
      valid(TemplatesPush, "pushTemplates", request).pipe(Effect.flatMap((payload) => push({ payload })), valueOf)
  }
}
