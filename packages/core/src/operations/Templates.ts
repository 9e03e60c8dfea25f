/**
 * The operations on templates. See https://postmarkapp.com/developer/api/templates-api.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import * as Operation from "../Operation.ts"
import {
  NewTemplate,
  Template,
  TemplateChange,
  TemplateContent,
  TemplatesPage,
  TemplatesQuery,
  TemplateSummary,
  TemplateValidation
} from "../Template.ts"
import { TemplateParams } from "./parameters.ts"

const summary = {
  templateId: 1234,
  name: "Welcome",
  active: true,
  alias: "welcome",
  templateType: "Standard",
  layoutTemplate: null
}

const content = { subject: "Hello {{name}}", htmlBody: "<p>Hello {{name}}</p>", textBody: "Hello {{name}}" }
const params = { template: "welcome" }

const valid = (renderedContent: string) => ({ contentIsValid: true, validationErrors: [], renderedContent })

/**
 * @since 0.1.0
 * @category operations
 */
export const list = Operation.make("postmark/list-templates", Operation.reads, {
  ...Operation.empty,
  group: "templates",
  member: "list",
  title: "List templates",
  description: "The templates of the server, without their content",
  method: "GET",
  path: "/templates",
  query: TemplatesQuery,
  success: Operation.response(TemplatesPage, "TemplatesPage"),
  example: { query: { templateType: "Standard" }, success: { totalCount: 1, templates: [summary] } },
  run: ({ query }, client) => client.templates.list(query)
})

/**
 * @since 0.1.0
 * @category operations
 */
export const get = Operation.make("postmark/get-template", Operation.reads, {
  ...Operation.empty,
  group: "templates",
  member: "get",
  title: "Get a template",
  description: "One template with its content, by id or by alias",
  method: "GET",
  path: "/templates/:template",
  params: TemplateParams,
  success: Operation.response(Template, "Template"),
  example: { params, success: { ...summary, ...content, associatedServerId: 812345 } },
  run: ({ params }, client) => client.templates.get(params.template)
})

/**
 * @since 0.1.0
 * @category operations
 */
export const create = Operation.make("postmark/create-template", Operation.creates, {
  ...Operation.empty,
  group: "templates",
  member: "create",
  title: "Create a template",
  description: "Creates a template or a layout",
  method: "POST",
  path: "/templates",
  status: 201,
  body: NewTemplate,
  success: Operation.response(TemplateSummary, "TemplateSummary"),
  example: { body: { name: "Welcome", alias: "welcome", ...content }, success: summary },
  run: ({ body }, client) => client.templates.create(body)
})

/**
 * @since 0.1.0
 * @category operations
 */
export const edit = Operation.make("postmark/edit-template", Operation.changes, {
  ...Operation.empty,
  group: "templates",
  member: "edit",
  title: "Edit a template",
  description:
    "Changes a template; fields that are left out stay as they are, and an empty layoutTemplate removes the layout",
  method: "PATCH",
  path: "/templates/:template",
  params: TemplateParams,
  body: TemplateChange,
  success: Operation.response(TemplateSummary, "TemplateSummary"),
  example: { params, body: { subject: "Welcome, {{name}}" }, success: summary },
  run: ({ body, params }, client) => client.templates.edit(params.template, body)
})

/**
 * @since 0.1.0
 * @category operations
 */
export const remove = Operation.make("postmark/delete-template", Operation.removes, {
  ...Operation.empty,
  group: "templates",
  member: "delete",
  title: "Delete a template",
  description: "Deletes a template, by id or by alias",
  method: "DELETE",
  path: "/templates/:template",
  status: 204,
  params: TemplateParams,
  success: Schema.Void,
  example: { params },
  run: ({ params }, client) => client.templates.delete(params.template)
})

/**
 * @since 0.1.0
 * @category operations
 */
export const validate = Operation.make("postmark/validate-template", Operation.reads, {
  ...Operation.empty,
  group: "templates",
  member: "validate",
  title: "Validate the content of a template",
  description:
    "Finds the errors in the content of a template, renders it with a model, and suggests a model; changes nothing",
  method: "POST",
  path: "/template-validation",
  body: TemplateContent,
  success: Operation.response(TemplateValidation, "TemplateValidation"),
  example: {
    body: { ...content, testRenderModel: { name: "Ann" } },
    success: {
      allContentIsValid: true,
      subject: valid("Hello Ann"),
      htmlBody: valid("<p>Hello Ann</p>"),
      textBody: valid("Hello Ann"),
      suggestedTemplateModel: { name: "name_Value" }
    }
  },
  run: ({ body }, client) => client.templates.validate(body)
})
