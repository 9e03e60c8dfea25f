/**
 * `PUT /templates/push`: copies templates from one server of the account to another
 * (https://postmarkapp.com/developer/api/templates-api).
 */
import { isObject } from "../http/json.ts"
import { ok, refusal } from "../http/response.ts"
import { wrongTypes } from "../rules/fields.ts"
import type { Server, StoredTemplate } from "../state/state.ts"
import { findTemplate } from "../templates/templateRender.ts"
import type { AccountHandler } from "./call.ts"
import { replace } from "./templateRoutes.ts"

export const pushTemplates: AccountHandler = ({ body, world }) => {
  if (!isObject(body)) return refusal(1109, "The request body is missing.")
  const wrong = wrongTypes(body, {
    SourceServerID: "integer",
    DestinationServerID: "integer",
    PerformChanges: "boolean"
  })
  if (wrong !== undefined) return wrong
  const source = world.servers.find(({ id }) => id === body["SourceServerID"])
  const destination = world.servers.find(({ id }) => id === body["DestinationServerID"])
  if (source === undefined) {
    return refusal(
      601,
      destination === undefined
        ? "The source and destination servers were not found."
        : "The source server was not found."
    )
  }
  if (destination === undefined) return refusal(601, "The destination server was not found.")
  // Not established (docs/postmark.md#error-codes): the code when it is left out.
  if (typeof body["PerformChanges"] !== "boolean") return refusal(403, "Invalid request field(s): 'PerformChanges'.")
  // Layouts first, so that a template never stands without its layout.
  const pushed = source.templates.filter(({ active, alias }) => active && alias !== undefined)
    .sort((a, b) => Number(b.type === "Layout") - Number(a.type === "Layout"))
  if (pushed.length === 0) return refusal(1124, "The source server has no templates with an alias.")
  const matches = pushed.map((template) => ({
    template,
    present: findTemplate(destination, { alias: template.alias ?? "" })
  }))
  if (matches.some(({ present, template }) => present !== undefined && present.type !== template.type)) {
    return refusal(1125, "Templates with the same alias are of different types.")
  }
  const perform = body["PerformChanges"]
  return ok({
    TotalCount: matches.length,
    Templates: matches.map(({ present, template }) => {
      const id = perform ? copy(destination, template, present) : present?.id
      return {
        Action: present === undefined ? "Create" : "Edit",
        ...(id === undefined ? {} : { TemplateId: id }),
        Alias: template.alias,
        Name: template.name,
        TemplateType: template.type
      }
    })
  })
}

const copy = (destination: Server, template: StoredTemplate, present: StoredTemplate | undefined): number => {
  const id = present?.id ?? destination.nextTemplate++
  const copied: StoredTemplate = { ...template, id }
  if (present === undefined) destination.templates.push(copied)
  else replace(destination, copied)
  return id
}
