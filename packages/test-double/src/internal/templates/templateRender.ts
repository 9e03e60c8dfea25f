/** Renders templates within their layouts (https://postmarkapp.com/developer/api/templates-api). Styles are not moved inline. */
import { type Refusal, refusal } from "../http/response.ts"
import type { Server, StoredTemplate } from "../state/state.ts"
import { isProblem, render, type RenderProblem } from "./mustachio.ts"
import { type Parsed, parseTemplate } from "./mustachioParse.ts"

export interface Texts {
  readonly subject: string | undefined
  readonly htmlBody: string | undefined
  readonly textBody: string | undefined
}

export const findTemplate = (server: Server, key: { readonly id: number } | { readonly alias: string }) =>
  server.templates.find((template) =>
    template.active && ("id" in key ? template.id === key.id : template.alias === key.alias)
  )

export const findLayout = (server: Server, alias: string | undefined): StoredTemplate | undefined => {
  if (alias === undefined) return undefined
  const layout = findTemplate(server, { alias })
  return layout?.type === "Layout" ? layout : undefined
}

/** Renders all parts of a message; the first mistake refuses it. */
export const renderTexts = (
  { htmlBody, subject, textBody }: Texts,
  layout: StoredTemplate | undefined,
  model: unknown
): Texts | Refusal => {
  const problems: Array<string> = []
  const part = (text: string | undefined, around: string | undefined, escape: boolean) => {
    if (text === undefined) return undefined
    const parsed = parseTemplate(text, false)
    const [mistake] = parsed.problems
    const rendered = mistake === undefined ? renderInside(parsed, around, model, escape) : { problem: mistake.message }
    if (!isProblem(rendered)) return rendered
    problems.push(rendered.problem)
    return undefined
  }
  const texts = {
    subject: part(subject, undefined, false),
    htmlBody: part(htmlBody, layout?.htmlBody, true),
    textBody: part(textBody, layout?.textBody, false)
  }
  const [problem] = problems
  // Not established: the code when a template does not go with its model.
  return problem === undefined ? texts : refusal(1122, problem)
}

/** Renders a body, within its layout if there is one. */
export const renderInside = (
  body: Parsed,
  layout: string | undefined,
  model: unknown,
  escape: boolean
): string | RenderProblem =>
  layout === undefined
    ? render(body, model, { escape })
    : render(parseTemplate(layout, true), model, { escape, content: body })
