/**
 * Templates as Postmark keeps them, and what it says about their content.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import { list, optionalFlag, optionalNumber, optionalText, text } from "./internal/wire/fields.ts"
import { pagingFields } from "./Paging.ts"

/**
 * The name that a program gives a template: letters, digits, `.`, `-` and `_`, a letter first.
 * See https://postmarkapp.com/developer/api/templates-api.
 *
 * @since 0.1.0
 * @category models
 */
export const TemplateAlias = Schema.String.pipe(
  Schema.pattern(/^[A-Za-z][\w.-]*$/, { message: () => "letters, digits, '.', '-', '_', a letter first" })
).annotations({ identifier: "TemplateAlias" })

/**
 * A template by its id or by its alias. See https://postmarkapp.com/developer/api/templates-api.
 *
 * @since 0.1.0
 * @category models
 */
export type TemplateIdOrAlias = number | string

/**
 * `Standard` makes messages, `Layout` wraps other templates. See https://postmarkapp.com/developer/api/templates-api.
 *
 * @since 0.1.0
 * @category models
 */
export const TemplateType = Schema.Literal("Standard", "Layout")

/**
 * A template without its content, as the list and every change answer it.
 * See https://postmarkapp.com/developer/api/templates-api.
 *
 * @since 0.1.0
 * @category models
 */
export const TemplateSummary = Schema.Struct({
  templateId: Schema.Int,
  name: optionalText,
  active: optionalFlag,
  alias: optionalText,
  templateType: optionalText,
  layoutTemplate: optionalText
}).annotations({ identifier: "TemplateSummary" })

/**
 * @since 0.1.0
 * @category models
 */
export interface TemplateSummary extends Schema.Schema.Type<typeof TemplateSummary> {}

/**
 * A template with its content; a deleted one can still be read, with `active` false.
 * See https://postmarkapp.com/developer/api/templates-api.
 *
 * @since 0.1.0
 * @category models
 */
export const Template = Schema.Struct({
  ...TemplateSummary.fields,
  subject: optionalText,
  htmlBody: optionalText,
  textBody: optionalText,
  associatedServerId: optionalNumber
}).annotations({ identifier: "Template" })

/**
 * @since 0.1.0
 * @category models
 */
export interface Template extends Schema.Schema.Type<typeof Template> {}

/**
 * One page of templates. See https://postmarkapp.com/developer/api/templates-api.
 *
 * @since 0.1.0
 * @category models
 */
export const TemplatesPage = Schema.Struct({ totalCount: Schema.Int, templates: Schema.Array(TemplateSummary) })
  .annotations({ identifier: "TemplatesPage" })

/**
 * @since 0.1.0
 * @category models
 */
export interface TemplatesPage extends Schema.Schema.Type<typeof TemplatesPage> {}

/**
 * Which templates to list. See https://postmarkapp.com/developer/api/templates-api.
 *
 * @since 0.1.0
 * @category models
 */
export const TemplatesQuery = Schema.Struct({
  ...pagingFields,
  templateType: Schema.optional(Schema.Literal("All", "Standard", "Layout")),
  layoutTemplate: Schema.optional(TemplateAlias)
}).annotations({ identifier: "TemplatesQuery" })

/**
 * @since 0.1.0
 * @category models
 */
export interface TemplatesQuery extends Schema.Schema.Type<typeof TemplatesQuery> {}

/**
 * A template to create: a standard one needs a subject, a layout has none.
 * See https://postmarkapp.com/developer/api/templates-api.
 *
 * @since 0.1.0
 * @category models
 */
export const NewTemplate = Schema.Struct({
  name: Schema.String.pipe(Schema.minLength(1)),
  subject: Schema.optional(text),
  htmlBody: Schema.optional(text),
  textBody: Schema.optional(text),
  alias: Schema.optional(TemplateAlias),
  templateType: Schema.optional(TemplateType),
  layoutTemplate: Schema.optional(TemplateAlias)
}).pipe(
  Schema.filter(({ htmlBody = "", subject, templateType, textBody = "" }): ReadonlyArray<Schema.FilterIssue> => [
    ...(htmlBody === "" && textBody === ""
      ? [{ path: ["htmlBody"], message: "give an htmlBody, a textBody, or both" }]
      : []),
    ...(templateType === "Layout" && subject !== undefined
      ? [{ path: ["subject"], message: "a layout has no subject" }]
      : []),
    ...(templateType !== "Layout" && (subject === undefined || subject === "")
      ? [{ path: ["subject"], message: "a standard template needs a subject" }]
      : [])
  ])
).annotations({ identifier: "NewTemplate" })

/**
 * @since 0.1.0
 * @category models
 */
export interface NewTemplate extends Schema.Schema.Type<typeof NewTemplate> {}

/**
 * Changes to a template: omitted fields stay unchanged, and an empty `layoutTemplate` takes the layout away.
 * See https://postmarkapp.com/developer/api/templates-api.
 *
 * @since 0.1.0
 * @category models
 */
export const TemplateChange = Schema.Struct({
  name: Schema.optional(Schema.String.pipe(Schema.minLength(1))),
  subject: Schema.optional(text),
  htmlBody: Schema.optional(text),
  textBody: Schema.optional(text),
  alias: Schema.optional(TemplateAlias),
  layoutTemplate: Schema.optional(Schema.Union(Schema.Literal(""), TemplateAlias))
}).annotations({ identifier: "TemplateChange" })

/**
 * @since 0.1.0
 * @category models
 */
export interface TemplateChange extends Schema.Schema.Type<typeof TemplateChange> {}

/**
 * Content to validate: at least one of its parts. See https://postmarkapp.com/developer/api/templates-api.
 *
 * @since 0.1.0
 * @category models
 */
export const TemplateContent = Schema.Struct({
  subject: Schema.optional(text),
  htmlBody: Schema.optional(text),
  textBody: Schema.optional(text),
  testRenderModel: Schema.optional(Schema.Record({ key: Schema.String, value: Schema.Unknown })),
  inlineCssForHtmlTestRender: Schema.optional(Schema.Boolean),
  templateType: Schema.optional(TemplateType),
  layoutTemplate: Schema.optional(TemplateAlias)
}).pipe(
  Schema.filter(({ htmlBody, subject, textBody }) =>
    [htmlBody, subject, textBody].some((part) => part !== undefined) ||
    { path: ["htmlBody"], message: "give a subject, an htmlBody, or a textBody" }
  )
).annotations({ identifier: "TemplateContent" })

/**
 * @since 0.1.0
 * @category models
 */
export interface TemplateContent extends Schema.Schema.Type<typeof TemplateContent> {}

const ValidatedPart = Schema.optional(Schema.NullOr(Schema.Struct({
  contentIsValid: Schema.Boolean,
  validationErrors: list(
    Schema.Struct({ message: text, line: optionalNumber, characterPosition: optionalNumber })
  ),
  renderedContent: optionalText
})))

/**
 * The errors in a template's content, and the model that it needs. A part that was not given is null.
 *
 * @since 0.1.0
 * @category models
 */
export const TemplateValidation = Schema.Struct({
  allContentIsValid: Schema.Boolean,
  htmlBody: ValidatedPart,
  textBody: ValidatedPart,
  subject: ValidatedPart,
  suggestedTemplateModel: Schema.optional(Schema.Unknown)
}).annotations({ identifier: "TemplateValidation" })

/**
 * @since 0.1.0
 * @category models
 */
export interface TemplateValidation extends Schema.Schema.Type<typeof TemplateValidation> {}

/**
 * Copying templates from one server to another, matched by alias; without `performChanges` Postmark only tells what it
 * would do. See https://postmarkapp.com/developer/api/templates-api.
 *
 * @since 0.1.0
 * @category models
 */
export const TemplatesPush = Schema.Struct({
  sourceServerId: Schema.Int,
  destinationServerId: Schema.Int,
  performChanges: Schema.Boolean
}).annotations({ identifier: "TemplatesPush" })

/**
 * @since 0.1.0
 * @category models
 */
export interface TemplatesPush extends Schema.Schema.Type<typeof TemplatesPush> {}

/**
 * The result of a push for each template, made or planned. `action` is `Create` or `Edit`.
 *
 * @since 0.1.0
 * @category models
 */
export const PushedTemplates = Schema.Struct({
  totalCount: Schema.Int,
  templates: list(Schema.Struct({
    action: text,
    templateId: optionalNumber,
    alias: optionalText,
    name: optionalText,
    templateType: optionalText
  }))
}).annotations({ identifier: "PushedTemplates" })

/**
 * @since 0.1.0
 * @category models
 */
export interface PushedTemplates extends Schema.Schema.Type<typeof PushedTemplates> {}
