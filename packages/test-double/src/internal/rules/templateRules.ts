/**
 * What Postmark asks of a template (https://postmarkapp.com/developer/api/overview#error-codes: 1109 to 1131). The
 * texts are not established (docs/postmark.md#unknowns).
 */
import { isObject, type JsonObject } from "../http/json.ts"
import { type Refusal, refusal } from "../http/response.ts"
import type { Server, StoredTemplate } from "../state/state.ts"
import { type Parsed, parseTemplate } from "../templates/mustachioParse.ts"
import { findLayout } from "../templates/templateRender.ts"
import { same, text, wrongTypes } from "./fields.ts"

export type TemplateFields = Omit<StoredTemplate, "id" | "active">

/** The fields of a new template, or those of `current` after a change. */
export const readTemplate = (server: Server, body: unknown, current?: StoredTemplate): TemplateFields | Refusal => {
  if (!isObject(body)) return refusal(1109, "The template is missing from the request body.")
  const wrong = wrongTypes(body, kinds)
  if (wrong !== undefined) return wrong
  const type = readType(body, current)
  if (typeof type !== "string") return type
  const fields: TemplateFields = {
    type,
    name: pick(body, "Name", current?.name) ?? "",
    alias: pick(body, "Alias", current?.alias),
    layout: pick(body, "LayoutTemplate", current?.layout),
    subject: pick(body, "Subject", current?.subject) ?? "",
    htmlBody: pick(body, "HtmlBody", current?.htmlBody),
    textBody: pick(body, "TextBody", current?.textBody)
  }
  return missing(fields) ?? tooLong(fields) ?? aliasProblem(server, body, fields, current) ??
    layoutProblem(server, fields) ?? parseProblem(fields) ?? fields
}

const kinds = {
  Name: "string",
  Alias: "string",
  Subject: "string",
  HtmlBody: "string",
  TextBody: "string",
  TemplateType: "string",
  LayoutTemplate: "string"
} as const

/** A field that is given, or the present one; null leaves it, "" clears it. */
const pick = (body: JsonObject, name: string, current: string | undefined): string | undefined => {
  const value = body[name]
  if (typeof value !== "string") return current
  return value === "" ? undefined : value
}

const readType = (body: JsonObject, current: StoredTemplate | undefined): StoredTemplate["type"] | Refusal => {
  const given = text(body, "TemplateType") ?? current?.type ?? "Standard"
  const type = (["Standard", "Layout"] as const).find((known) => same(known, given))
  return type === undefined || (current !== undefined && type !== current.type)
    ? refusal(1122, `The 'TemplateType' '${given}' is not valid, or cannot be changed.`)
    : type
}

const missing = ({ htmlBody, layout, name, subject, textBody, type }: TemplateFields): Refusal | undefined => {
  if (name === "") return refusal(1120, "The 'Name' is required.")
  if (htmlBody === undefined && textBody === undefined) {
    return refusal(1120, "One of 'HtmlBody' and 'TextBody' is required.")
  }
  if (type === "Standard") return subject === "" ? refusal(1120, "The 'Subject' is required.") : undefined
  if (subject !== "") return refusal(1123, "A 'Subject' must not be given for a layout.")
  return layout === undefined ? undefined : refusal(1123, "A 'LayoutTemplate' must not be given for a layout.")
}

// Not established (docs/postmark.md#error-codes): the limits of 1121; those of a message stand here
// (docs/postmark.md#limits), and 255 characters for names.
const tooLong = (fields: TemplateFields): Refusal | undefined => {
  const lengths = [
    ["Name", fields.name, 255],
    ["Alias", fields.alias ?? "", 255],
    ["Subject", fields.subject, 2000],
    ["HtmlBody", fields.htmlBody ?? "", 5_242_880],
    ["TextBody", fields.textBody ?? "", 5_242_880]
  ] as const
  const long = lengths.find(([, value, limit]) => value.length > limit)
  return long === undefined ? undefined : refusal(1121, `The '${long[0]}' is limited to ${long[2]} characters.`)
}

const aliasProblem = (
  server: Server,
  body: JsonObject,
  { alias }: TemplateFields,
  current: StoredTemplate | undefined
): Refusal | undefined => {
  if (body["Alias"] === "") return refusal(1122, "The 'Alias' is empty.")
  if (alias === undefined) return undefined
  if (!/^[A-Za-z][A-Za-z0-9._-]*$/.test(alias)) {
    return refusal(1122, "The 'Alias' starts with a letter, and consists of letters, digits, '.', '-' and '_'.")
  }
  return server.templates.some((other) => other.active && other.id !== current?.id && other.alias === alias)
    ? refusal(1122, `Another template has the 'Alias' '${alias}'.`)
    : undefined
}

const layoutProblem = (server: Server, fields: TemplateFields): Refusal | undefined => {
  if (fields.type === "Standard") {
    return fields.layout !== undefined && findLayout(server, fields.layout) === undefined
      ? refusal(1101, `The 'LayoutTemplate' '${fields.layout}' was not found.`)
      : undefined
  }
  const [wrong] = [fields.htmlBody, fields.textBody].flatMap((body) =>
    body === undefined ? [] : placeholderProblem(parseTemplate(body, true)) ?? []
  )
  return wrong === undefined ? undefined : refusal(1131, wrong)
}

/** The text for a body of a layout that has its placeholder not once. */
export const placeholderProblem = ({ placeholders }: Parsed): string | undefined =>
  placeholders === 1
    ? undefined
    : `The layout content placeholder must be present${placeholders === 0 ? "" : " only once"}: {{{ @content }}}.`

const parseProblem = (fields: TemplateFields): Refusal | undefined => {
  for (
    const [name, body] of [["Subject", fields.subject], ["HtmlBody", fields.htmlBody], ["TextBody", fields.textBody]]
  ) {
    const [problem] = parseTemplate(body ?? "", fields.type === "Layout").problems
    if (problem !== undefined) {
      const { character, line, message } = problem
      return refusal(1122, `The '${name}' cannot be read: ${message} (line ${line}, character ${character})`)
    }
  }
  return undefined
}
