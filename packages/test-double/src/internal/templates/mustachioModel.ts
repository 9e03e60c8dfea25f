/** The model that a template seems to want: `SuggestedTemplateModel` (Postmark API, F.6). */
import type { JsonObject } from "../http/json.ts"
import type { Node, Parsed } from "./mustachioParse.ts"

export const suggestModel = (templates: ReadonlyArray<Parsed>): JsonObject => {
  const root = place(undefined, "")
  for (const { nodes } of templates) collect(nodes, root)
  return children(root)
}

/** What is known of one place in the model. */
interface Place {
  readonly key: string
  readonly parent: Place | undefined
  readonly children: Map<string, Place>
  printed: boolean
  /** The place of an item, if this is a list. */
  item: Place | undefined
}

const place = (parent: Place | undefined, key: string): Place => ({
  key,
  parent,
  children: new Map(),
  printed: false,
  item: undefined
})

const collect = (nodes: ReadonlyArray<Node>, scope: Place): void => {
  for (const node of nodes) {
    if (node.tag === "value") find(scope, node.path).printed = true
    if (node.tag !== "block") continue
    const found = find(scope, node.path)
    if (node.kind === "each") {
      found.item ??= place(found, found.key)
      collect(node.body, found.item)
    } else collect(node.body, node.kind === "#" ? found : scope)
  }
}

const find = (scope: Place, path: string): Place => {
  let current = scope
  let rest = path
  while (rest === ".." || rest.startsWith("../")) {
    current = current.parent ?? current
    rest = rest.slice(3)
  }
  if (rest === "" || rest === ".") return current
  for (const key of rest.split(".")) {
    const next = current.children.get(key) ?? place(current, key)
    current.children.set(key, next)
    current = next
  }
  return current
}

const children = (current: Place): JsonObject =>
  Object.fromEntries([...current.children].map(([key, child]) => [key, suggest(child)]))

const suggest = (current: Place): unknown => {
  const { item, key } = current
  if (item !== undefined) {
    return item.children.size > 0 ? [children(item)] : [1, 2, 3].map((number) => `${key}_${number}`)
  }
  return current.printed && current.children.size === 0 ? `${key}_Value` : children(current)
}
