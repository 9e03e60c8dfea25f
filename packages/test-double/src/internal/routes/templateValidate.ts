/** `POST /templates/validate` (https://postmarkapp.com/developer/api/templates-api). */
import { isObject, type JsonObject } from "../http/json.ts"
import { isRefusal, ok, type Refusal, refusal } from "../http/response.ts"
import { same, text, wrongTypes } from "../rules/fields.ts"
import { placeholderProblem } from "../rules/templateRules.ts"
import type { Server, StoredTemplate } from "../state/state.ts"
import { isProblem } from "../templates/mustachio.ts"
import { suggestModel } from "../templates/mustachioModel.ts"
import { type Parsed, parseTemplate } from "../templates/mustachioParse.ts"
import { findLayout, renderInside } from "../templates/templateRender.ts"
import type { Handler } from "./call.ts"

export const validateTemplate: Handler = ({ body, server }) => {
  const request = readRequest(body, server)
  if (isRefusal(request)) return request
  const { isLayout, layout, model, parts } = request
  const parsed = Object.fromEntries(
    Object.entries(parts).map(([name, part]) => [name, part === undefined ? undefined : parseTemplate(part, isLayout)])
  )
  const suggested = suggestModel(Object.values(parsed).filter((part) => part !== undefined))
  const filled = merge(suggested, model)
  const section = (name: keyof Parts, around: string | undefined) => {
    const part = parsed[name]
    return part === undefined ? null : validate(part, around, filled, { isLayout, subject: name === "Subject" }, name)
  }
  const sections = {
    HtmlBody: section("HtmlBody", layout?.htmlBody),
    TextBody: section("TextBody", layout?.textBody),
    Subject: section("Subject", undefined)
  }
  return ok({
    AllContentIsValid: Object.values(sections).every((part) => part?.ContentIsValid !== false),
    ...sections,
    // What a client of Postmark's own expects of an invalid template: neither a model nor rendered content.
    // https://github.com/ActiveCampaign/postmark-gem
    SuggestedTemplateModel: Object.values(parsed).every((part) => !part?.problems.length) ? filled : null
  })
}

interface Parts {
  readonly Subject: string | undefined
  readonly HtmlBody: string | undefined
  readonly TextBody: string | undefined
}

interface Request {
  readonly isLayout: boolean
  readonly layout: StoredTemplate | undefined
  readonly model: JsonObject
  readonly parts: Parts
}

const readRequest = (body: unknown, server: Server): Request | Refusal => {
  if (!isObject(body)) return refusal(1109, "The template is missing from the request body.")
  const wrong = wrongTypes(body, {
    Subject: "string",
    HtmlBody: "string",
    TextBody: "string",
    TestRenderModel: "object",
    InlineCssForHtmlTestRender: "boolean",
    TemplateType: "string",
    LayoutTemplate: "string"
  })
  if (wrong !== undefined) return wrong
  const given = (name: string) => typeof body[name] === "string" ? body[name] : undefined
  const parts = { Subject: given("Subject"), HtmlBody: given("HtmlBody"), TextBody: given("TextBody") }
  if (Object.values(parts).every((part) => part === undefined)) {
    return refusal(1120, "One of 'Subject', 'HtmlBody' and 'TextBody' is required.")
  }
  const type = text(body, "TemplateType") ?? "Standard"
  if (!same(type, "Standard") && !same(type, "Layout")) {
    return refusal(1122, `The 'TemplateType' '${type}' is not valid.`)
  }
  const isLayout = same(type, "Layout")
  if (isLayout && (parts.Subject ?? "") !== "") {
    return refusal(1123, "A 'Subject' must not be given for a layout.")
  }
  const alias = given("LayoutTemplate")
  const layout = alias === undefined || alias === "" ? undefined : findLayout(server, alias)
  if (alias !== undefined && alias !== "" && layout === undefined) {
    return refusal(1101, `The 'LayoutTemplate' '${alias}' was not found.`)
  }
  const model = body["TestRenderModel"]
  return { isLayout, layout, model: isObject(model) ? model : {}, parts }
}

const validate = (
  part: Parsed,
  around: string | undefined,
  model: JsonObject,
  { isLayout, subject }: { readonly isLayout: boolean; readonly subject: boolean },
  name: keyof Parts
) => {
  const errors: Array<{ Message: string; Line: number | null; CharacterPosition: number | null }> = part.problems.map(
    ({ character, line, message }) => ({ Message: message, Line: line, CharacterPosition: character })
  )
  const misplaced = isLayout && !subject ? placeholderProblem(part) : undefined
  if (misplaced !== undefined) errors.push({ Message: misplaced, Line: null, CharacterPosition: null })
  const rendered = errors.length > 0 ? "" : renderInside(part, around, model, name === "HtmlBody")
  if (isProblem(rendered)) errors.push({ Message: rendered.problem, Line: null, CharacterPosition: null })
  return {
    ContentIsValid: errors.length === 0,
    ValidationErrors: errors,
    RenderedContent: errors.length > 0 ? null : rendered
  }
}

/** Not established: how a test model and the inferred one go together. What the test model has, it keeps. */
const merge = (suggested: JsonObject, given: JsonObject): JsonObject => ({
  ...suggested,
  ...Object.fromEntries(
    Object.entries(given).map(([key, value]) => {
      const inferred = suggested[key]
      return [key, isObject(value) && isObject(inferred) ? merge(inferred, value) : value]
    })
  )
})
