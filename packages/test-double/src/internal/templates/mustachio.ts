/** Postmark's template language: reading and rendering (Postmark API, F.6). */
import { isObject } from "../http/json.ts"
import type { Block, Node, Parsed } from "./mustachioParse.ts"

/** A template cannot be rendered with this model. */
export interface RenderProblem {
  readonly problem: string
}

export interface RenderOptions {
  /** On for HTML bodies only. */
  readonly escape: boolean
  /** What `{{{ @content }}}` stands for. */
  readonly content?: string
}

export const render = (template: Parsed, model: unknown, options: RenderOptions): string | RenderProblem => {
  const problems: Array<string> = []
  const text = renderNodes(template.nodes, { value: model, parent: undefined }, options, problems)
  const [problem] = problems
  return problem === undefined ? text : { problem }
}

export const isProblem = (rendered: string | RenderProblem): rendered is RenderProblem => typeof rendered !== "string"

/** A place in the model. Each segment of a path that is opened is one level above the next. */
interface Scope {
  readonly value: unknown
  readonly parent: Scope | undefined
}

const renderNodes = (
  nodes: ReadonlyArray<Node>,
  scope: Scope,
  options: RenderOptions,
  problems: Array<string>
): string =>
  nodes.map((node) => {
    switch (node.tag) {
      case "text":
        return node.text
      case "content":
        return options.content ?? ""
      case "unsubscribe":
        // Not established (F.6): what the URL looks like; here the recipient's own is not in it.
        return "https://unsubscribe.postmarkapp.com/"
      case "value": {
        const text = print(resolve(node.path, scope).value)
        return options.escape && !node.raw ? encodeHtml(text) : text
      }
      case "block":
        return renderBlock(node, scope, options, problems)
    }
  }).join("")

const renderBlock = (node: Block, scope: Scope, options: RenderOptions, problems: Array<string>): string => {
  const found = resolve(node.path, scope)
  switch (node.kind) {
    case "each": {
      const items = found.value ?? []
      if (!Array.isArray(items)) {
        problems.push(`'${node.path}' is used like a list by the template, but is none in the model.`)
        return ""
      }
      return items.map((item: unknown) => renderNodes(node.body, { value: item, parent: found }, options, problems))
        .join("")
    }
    case "#":
      return isTruthy(found.value) ? renderNodes(node.body, found, options, problems) : ""
    case "^":
      return isTruthy(found.value) ? "" : renderNodes(node.body, scope, options, problems)
  }
}

const resolve = (path: string, scope: Scope): Scope => {
  let place = scope
  let rest = path
  while (rest === ".." || rest.startsWith("../")) {
    place = place.parent ?? place
    rest = rest.slice(3)
  }
  if (rest === "" || rest === ".") return place
  for (const key of rest.split(".")) place = { value: child(place.value, key), parent: place }
  return place
}

const child = (value: unknown, key: string): unknown =>
  isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined

const isTruthy = (value: unknown): boolean =>
  Array.isArray(value)
    ? value.length > 0
    : value !== undefined && value !== null && value !== false && value !== 0 && value !== ""

const print = (value: unknown): string => {
  if (typeof value === "boolean") return value ? "True" : "False"
  return typeof value === "string" || typeof value === "number" ? String(value) : ""
}

const encodeHtml = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll("\"", "&quot;").replaceAll(
    "'",
    "&#39;"
  )
