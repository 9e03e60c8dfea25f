/** The substitution part of Postmark's template language (Postmark API, F.6). */
import { isObject } from "./json.ts"

/** Renders a template; `escape` is on for HTML bodies only. */
export const render = (template: string, model: unknown, escape: boolean): string =>
  renderNodes(parse(template), [model], escape)

type Node =
  | { readonly tag: "text"; readonly text: string }
  | { readonly tag: "value"; readonly path: string; readonly raw: boolean }
  | {
    readonly tag: "block"
    readonly kind: "#" | "^" | "each"
    readonly path: string
    readonly body: ReadonlyArray<Node>
  }

const parse = (template: string): ReadonlyArray<Node> => {
  const root: Array<Node> = []
  const open: Array<Array<Node>> = [root]
  const pattern = /\{\{\{\s*([^}]*?)\s*\}\}\}|\{\{\s*([#^/&!]?)\s*([^}]*?)\s*\}\}/g
  let last = 0
  for (const match of template.matchAll(pattern)) {
    const top = open.at(-1) ?? root
    if (match.index > last) top.push({ tag: "text", text: template.slice(last, match.index) })
    last = match.index + match[0].length
    const [, raw, sigil, path = ""] = match
    if (raw !== undefined) top.push({ tag: "value", path: raw, raw: true })
    else if (sigil === "/") {
      if (open.length > 1) open.pop()
    } else if (sigil === "#" || sigil === "^") {
      const each = /^each\s+(.*)$/.exec(path)
      const body: Array<Node> = []
      top.push({ tag: "block", kind: sigil === "#" && each !== null ? "each" : sigil, path: each?.[1] ?? path, body })
      open.push(body)
    } else if (sigil !== "!") top.push({ tag: "value", path, raw: sigil === "&" })
  }
  if (last < template.length) (open.at(-1) ?? root).push({ tag: "text", text: template.slice(last) })
  return root
}

type Scopes = ReadonlyArray<unknown>

const renderNodes = (nodes: ReadonlyArray<Node>, scopes: Scopes, escape: boolean): string =>
  nodes.map((node) => {
    switch (node.tag) {
      case "text":
        return node.text
      case "value": {
        const text = print(resolve(node.path, scopes))
        return escape && !node.raw ? encodeHtml(text) : text
      }
      case "block": {
        const value = resolve(node.path, scopes)
        if (node.kind === "each") {
          const items = Array.isArray(value) ? value : []
          return items.map((item) => renderNodes(node.body, [...scopes, item], escape)).join("")
        }
        if (isTruthy(value) !== (node.kind === "#")) return ""
        return renderNodes(node.body, node.kind === "#" ? [...scopes, value] : scopes, escape)
      }
    }
  }).join("")

const resolve = (path: string, scopes: Scopes): unknown => {
  let depth = scopes.length - 1
  let rest = path
  while (rest.startsWith("../")) {
    depth--
    rest = rest.slice(3)
  }
  const scope = scopes[Math.max(depth, 0)]
  if (rest === ".") return scope
  return rest.split(".").reduce<unknown>(
    (value, key) => isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined,
    scope
  )
}

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
