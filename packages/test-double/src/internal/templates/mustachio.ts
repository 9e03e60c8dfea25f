/** Renders Mustachio, the language of Postmark's templates: https://github.com/ActiveCampaign/mustachio */
import { isObject } from "../http/json.ts"
import type { Block, Node, Parsed } from "./mustachioParse.ts"
import { stepsOf } from "./mustachioPath.ts"
import { encodeHtml, print } from "./mustachioPrint.ts"

/** A template cannot be rendered with this model. */
export interface RenderProblem {
  readonly problem: string
}

export interface RenderOptions {
  /** On for HTML bodies only. */
  readonly escape: boolean
  /** The template that takes the place of `{{{ @content }}}`. */
  readonly content?: Parsed
}

export const render = (template: Parsed, model: unknown, options: RenderOptions): string | RenderProblem => {
  const problems: Array<string> = []
  const text = renderNodes(template.nodes, { value: model, parent: undefined }, options, problems)
  const [problem] = problems
  return problem === undefined ? text : { problem }
}

export const isProblem = (rendered: string | RenderProblem): rendered is RenderProblem => typeof rendered !== "string"

/** A place in the model. Every step of a path is a level, and a list is one more level above each of its items. */
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
        // Mustachio shows how to build a layout: the body's tags stand in the layout, in the scope of the placeholder.
        return renderNodes(options.content?.nodes ?? [], scope, options, problems)
      case "unsubscribe":
        // Not established: what the URL looks like; here the recipient's own is not in it.
        return "https://unsubscribe.postmarkapp.com/"
      case "value": {
        const text = print(resolve(node.path, scope).value)
        return options.escape && !node.raw ? encodeHtml(text) : text
      }
      case "block":
        return renderBlock(node, scope, options, problems)
    }
  }).join("")

/** The scope of every block is the place that its path names: in `{{^name}}…{{/name}}`, a name that is not there. */
const renderBlock = (node: Block, scope: Scope, options: RenderOptions, problems: Array<string>): string => {
  const found = resolve(node.path, scope)
  if (exists(found.value) === (node.kind === "^")) return ""
  if (node.kind !== "each") return renderNodes(node.body, found, options, problems)
  if (!Array.isArray(found.value)) {
    // Mustachio's text. Not established: whether Postmark shows it. In the version that is published, the text stands
    // where the name of the source belongs, and the message is the path alone.
    problems.push(
      `'${node.path}' is used like an array by the template, but is a scalar value or object in your model.`
    )
    return ""
  }
  return found.value.map((value: unknown) => renderNodes(node.body, { value, parent: found }, options, problems))
    .join("")
}

const resolve = (path: string, scope: Scope): Scope =>
  stepsOf(path).reduce(
    (place: Scope, step) => step.up ? place.parent ?? place : { value: child(place.value, step.name), parent: place },
    scope
  )

const child = (value: unknown, name: string): unknown =>
  isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined

/**
 * Empty objects are as false as empty lists. Not established: the types that Postmark reads JSON into. Mustachio knows a zero
 * only as an `int` or a `double`; its notes on falsy values name 0, so here every zero is false.
 */
const exists = (value: unknown): boolean => {
  if (Array.isArray(value)) return value.length > 0
  if (isObject(value)) return Object.keys(value).length > 0
  return Boolean(value)
}
