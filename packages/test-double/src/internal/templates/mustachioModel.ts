/**
 * Infers the model of a template, `SuggestedTemplateModel`, by Mustachio's rules:
 * https://github.com/ActiveCampaign/mustachio
 */
import type { JsonObject } from "../http/json.ts"
import type { Node, Parsed } from "./mustachioParse.ts"
import { stepsOf } from "./mustachioPath.ts"

/** Not established: how Postmark joins the models of a subject and two bodies. Here they share one. */
export const suggestModel = (templates: ReadonlyArray<Parsed>): JsonObject => {
  const root = place(undefined, "")
  for (const { nodes } of templates) collect(nodes, root)
  return children(root)
}

/** What is known of one place in the model. Unlike in rendering, a list and its items are one place. */
interface Place {
  readonly key: string
  readonly parent: Place | undefined
  readonly children: Map<string, Place>
  readonly usages: Set<"scalar" | "condition" | "list">
}

const place = (parent: Place | undefined, key: string): Place => ({
  key,
  parent,
  children: new Map(),
  usages: new Set()
})

const collect = (nodes: ReadonlyArray<Node>, scope: Place): void => {
  for (const node of nodes) {
    if (node.tag === "value") find(scope, node.path).usages.add("scalar")
    if (node.tag !== "block") continue
    const found = find(scope, node.path)
    found.usages.add(node.kind === "each" ? "list" : "condition")
    collect(node.body, found)
  }
}

const find = (scope: Place, path: string): Place =>
  stepsOf(path).reduce((current, step) => {
    if (step.up) return current.parent ?? current
    const next = current.children.get(step.name) ?? place(current, step.name)
    current.children.set(step.name, next)
    return next
  }, scope)

const children = (current: Place): JsonObject =>
  Object.fromEntries([...current.children].map(([key, child]) => [key, suggest(child)]))

const suggest = (current: Place): unknown => {
  const { key, usages } = current
  if (usages.has("scalar") && usages.size === 1) return `${key}_Value`
  if (!usages.has("list")) return children(current)
  return current.children.size > 0 ? [children(current)] : [1, 2, 3].map((number) => `${key}_${number}`)
}
