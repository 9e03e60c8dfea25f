/** Reads a template of Postmark's language, with the line and the character of every mistake (Postmark API, F.6). */

export interface ParseProblem {
  readonly message: string
  /** Both count from 1. */
  readonly line: number
  readonly character: number
}

export interface Block {
  readonly tag: "block"
  readonly kind: "#" | "^" | "each"
  readonly path: string
  readonly body: ReadonlyArray<Node>
}

export type Node =
  | { readonly tag: "text"; readonly text: string }
  | { readonly tag: "value"; readonly path: string; readonly raw: boolean }
  | { readonly tag: "content" }
  | { readonly tag: "unsubscribe" }
  | Block

export interface Parsed {
  readonly nodes: ReadonlyArray<Node>
  readonly problems: ReadonlyArray<ParseProblem>
  /** How often `{{{ @content }}}` stands there. */
  readonly placeholders: number
}

/** `layout`: whether `{{{ @content }}}` may stand there. */
export const parseTemplate = (template: string, layout: boolean): Parsed => {
  const root: Array<Node> = []
  const open: Array<Opened> = []
  const problems: Array<ParseProblem> = []
  let placeholders = 0
  let last = 0

  const add = (node: Node) => (open.at(-1)?.body ?? root).push(node)
  const complain = (offset: number, message: string) => problems.push({ message, ...position(template, offset) })
  const checkPath = (offset: number, path: string) => {
    if (!pathPattern.test(path)) {
      complain(offset, `The path '${path}' is not valid. Please see documentation for examples of valid paths.`)
    }
  }
  const begin = (kind: Block["kind"], path: string, offset: number) => {
    checkPath(offset, path)
    const body: Array<Node> = []
    add({ tag: "block", kind, path, body })
    open.push({ kind, path, body, offset })
  }

  for (const match of template.matchAll(tags)) {
    const offset = match.index
    if (offset > last) add({ tag: "text", text: template.slice(last, offset) })
    last = offset + match[0].length
    const [, triple, double = ""] = match
    if (triple !== undefined) {
      const path = triple.trim()
      if (path === "@content" && layout) {
        placeholders++
        add({ tag: "content" })
      } else if (unsubscribes.has(path)) add({ tag: "unsubscribe" })
      else {
        checkPath(offset, path)
        add({ tag: "value", path, raw: true })
      }
      continue
    }
    const tag = double.trim()
    const sigil = tag.charAt(0)
    const rest = tag.slice(1).trim()
    if (sigil === "!") continue
    if (sigil === "/") {
      const top = open.at(-1)
      if (top === undefined || (top.kind === "each" ? "each" : top.path) !== rest) {
        // Not established (F.6): the wording.
        complain(offset, `The tag '{{/${rest}}}' closes nothing that is open at this place.`)
      } else open.pop()
      continue
    }
    const each = sigil === "#" ? /^each(?:\s+(.*))?$/s.exec(rest) : null
    if (each !== null) begin("each", (each[1] ?? "").trim(), offset)
    else if (sigil === "#") begin("#", rest, offset)
    else if (sigil === "^") {
      // `{{#x}}a{{^x}}b{{/x}}`: the second tag closes the first.
      if (open.at(-1)?.kind === "#" && open.at(-1)?.path === rest) open.pop()
      begin("^", rest, offset)
    } else {
      const path = sigil === "&" ? rest : tag
      checkPath(offset, path)
      add({ tag: "value", path, raw: sigil === "&" })
    }
  }
  if (last < template.length) add({ tag: "text", text: template.slice(last) })
  for (const { kind, offset, path } of open) {
    // Not established (F.6): the wording.
    complain(offset, `The tag '{{${kind === "each" ? "#each " : kind}${path}}}' is opened here, and closed nowhere.`)
  }
  return { nodes: root, problems, placeholders }
}

interface Opened {
  readonly kind: Block["kind"]
  readonly path: string
  readonly body: Array<Node>
  readonly offset: number
}

const tags = /\{\{\{([^{}]+)\}\}\}|\{\{([^{}]+)\}\}/g

const unsubscribes: ReadonlySet<string> = new Set(["pm:unsubscribe"])

const pathPattern = /^(?:\.\.\/)*(?:\.{1,2}|\w+(?:\.\w+)*)$/

const position = (template: string, offset: number): { readonly line: number; readonly character: number } => {
  const before = template.slice(0, offset).split("\n")
  return { line: before.length, character: (before.at(-1) ?? "").length + 1 }
}
