/** Templates (https://postmarkapp.com/developer/api/templates-api). */
import { isRefusal, ok, parameter, refusal } from "../http/response.ts"
import { cut, readName, readPage } from "../rules/fields.ts"
import { readTemplate } from "../rules/templateRules.ts"
import { givenAlias } from "../state/newServer.ts"
import type { Server, StoredTemplate } from "../state/state.ts"
import type { Call, Handler } from "./call.ts"

export const list: Handler = ({ query, server }) => {
  const page = readPage(query, { code: 1100 })
  if (isRefusal(page)) return page
  const type = readName(query, "templatetype", ["All", "Standard", "Layout"], 1100)
  if (isRefusal(type)) return type
  const layout = parameter(query, "layouttemplate")
  const found = server.templates.filter((template) =>
    template.active && (type.name === undefined || type.name === "All" || template.type === type.name) &&
    (layout === undefined || template.layout === layout)
    // By name: an official suite deletes what is listed in that order, layouts after the templates that use them.
  ).sort((a, b) => a.name < b.name ? -1 : a.name > b.name ? 1 : a.id - b.id)
  return ok({ TotalCount: found.length, Templates: cut(found, page).map(brief) })
}

export const get: Handler = (call) => {
  const template = find(call)
  if (template === undefined) return notFound
  return ok({
    ...brief(template),
    Subject: template.type === "Layout" ? "" : template.subject,
    HtmlBody: template.htmlBody ?? null,
    TextBody: template.textBody ?? null,
    AssociatedServerId: call.server.id
  })
}

export const create: Handler = ({ behaviour, body, server }) => {
  const fields = readTemplate(server, body)
  if (isRefusal(fields)) return fields
  if (server.templates.filter(({ active }) => active).length >= 100) {
    return refusal(1105, "A server can have at most 100 templates.")
  }
  const id = server.nextTemplate++
  const alias = fields.alias ?? givenAlias(server, fields.type, id, behaviour.templateAliases === "all")
  const template: StoredTemplate = { ...fields, id, active: true, alias }
  server.templates.push(template)
  return ok(brief(template))
}

export const edit: Handler = (call) => {
  const current = find(call)
  if (current?.active !== true) return notFound
  const fields = readTemplate(call.server, call.body, current)
  if (isRefusal(fields)) return fields
  const changed: StoredTemplate = { ...current, ...fields }
  replace(call.server, changed)
  if (current.type === "Layout" && current.alias !== changed.alias) followLayout(call.server, current.alias, changed)
  return ok(brief(changed))
}

export const remove: Handler = (call) => {
  const { server } = call
  const template = find(call)
  if (template?.active !== true) return notFound
  if (template.type === "Layout" && users(server, template.alias).length > 0) {
    return refusal(1130, "The layout is still used by templates.")
  }
  replace(server, { ...template, active: false })
  return ok({ ErrorCode: 0, Message: `Template ${template.id} removed.` })
}

const notFound = refusal(1101, "The 'TemplateId' associated with this request is not valid or was not found.")

/** By id, deleted ones too, or by alias. An alias starts with a letter, so the two are never confused. */
const find = ({ path, server }: Call): StoredTemplate | undefined => {
  const key = path["id"] ?? ""
  return /^\d+$/.test(key)
    ? server.templates.find(({ id }) => id === Number(key))
    : server.templates.find(({ active, alias }) => active && alias === key)
}

export const brief = ({ active, alias, id, layout, name, type }: StoredTemplate) => ({
  TemplateId: id,
  Name: name,
  Active: active,
  Alias: alias ?? null,
  TemplateType: type,
  LayoutTemplate: layout ?? null
})

export const replace = (server: Server, template: StoredTemplate): void => {
  const index = server.templates.findIndex(({ id }) => id === template.id)
  if (index >= 0) server.templates[index] = template
}

const users = (server: Server, layout: string | undefined): ReadonlyArray<StoredTemplate> =>
  layout === undefined ? [] : server.templates.filter((template) => template.active && template.layout === layout)

/** Not established (docs/postmark.md#templates): a layout that is renamed keeps its templates. */
const followLayout = (server: Server, alias: string | undefined, layout: StoredTemplate): void => {
  for (const template of users(server, alias)) replace(server, { ...template, layout: layout.alias })
}
