/**
 * Reads a template as Mustachio, the language of Postmark's templates, reads it, and finds each mistake with
 * Mustachio's own text, line and character: https://github.com/ActiveCampaign/mustachio
 */
import { isPath } from "./mustachioPath.ts"
import { readTag, type Tag, tags } from "./mustachioTags.ts"

export interface ParseProblem {
  readonly message: string
  /** Both count from 1, and a character is a UTF-16 unit. */
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
  /** Empty if there are problems: Mustachio makes nothing of a template that has one. */
  readonly nodes: ReadonlyArray<Node>
  /** In the order of their places. */
  readonly problems: ReadonlyArray<ParseProblem>
  /** How often the template contains `{{{ @content }}}`. */
  readonly placeholders: number
}

interface Opened {
  /** The path that `{{/…}}` must name; a list has none. */
  readonly closedBy: string | undefined
  readonly shown: string
  readonly offset: number
  body: Array<Node>
}

/** `layout`: whether the template may contain `{{{ @content }}}`. */
export const parseTemplate = (template: string, layout: boolean): Parsed => {
  const root: Array<Node> = []
  const open: Array<Opened> = []
  const problems: Array<Problem> = []
  let placeholders = 0

  const add = (node: Node) => (open.at(-1)?.body ?? root).push(node)
  const complain = (offset: number, message: string) => problems.push({ message, offset })
  const checkPath = (offset: number, path: string) => {
    if (!isPath(path)) complain(offset, texts.path(path))
  }
  const block = (kind: Block["kind"], path: string): Array<Node> => {
    const body: Array<Node> = []
    add({ tag: "block", kind, path, body })
    return body
  }

  const openEach = (tag: Extract<Tag, { kind: "each" }>, offset: number) => {
    if (tag.path === undefined) complain(offset, texts.eachPath)
    else checkPath(offset, tag.path)
    open.push({ closedBy: undefined, shown: tag.shown, offset, body: block("each", tag.path ?? "") })
  }
  const closeEach = (exact: boolean, offset: number) => {
    const top = open.at(-1)
    if (!exact) complain(offset, texts.eachClose)
    else if (top === undefined || top.closedBy !== undefined) complain(offset, texts.eachOpen)
    else open.pop()
  }
  const openBlock = ({ kind, path, shown }: Extract<Tag, { kind: "#" | "^" }>, offset: number) => {
    const top = open.at(-1)
    if (top?.closedBy !== path) open.push({ closedBy: path, shown, offset, body: block(kind, path) })
    else {
      // The path that is open already: the tag ends one block and begins the next, `{{#x}}…{{^x}}…{{/x}}`.
      checkPath(offset, path)
      open.pop()
      open.push({ ...top, body: block(kind, path) })
    }
    checkPath(offset, path)
  }
  const closeBlock = (path: string, offset: number) => {
    if (open.at(-1)?.closedBy !== path) return complain(offset, texts.mismatched)
    open.pop()
    return checkPath(offset, path)
  }
  const addValue = ({ path, raw, triple }: Extract<Tag, { kind: "value" }>, offset: number) => {
    if (triple && layout && path === "@content") {
      placeholders++
      return add({ tag: "content" })
    }
    if (triple && path === "pm:unsubscribe") return add({ tag: "unsubscribe" })
    checkPath(offset, path)
    return add({ tag: "value", path, raw })
  }

  let last = 0
  for (const match of template.matchAll(tags)) {
    if (match.index > last) add({ tag: "text", text: template.slice(last, match.index) })
    last = match.index + match[0].length
    const tag = readTag(match[0])
    if (tag.kind === "each") openEach(tag, match.index)
    else if (tag.kind === "endEach") closeEach(tag.exact, match.index)
    else if (tag.kind === "end") closeBlock(tag.path, match.index)
    else if (tag.kind === "value") addValue(tag, match.index)
    else if (tag.kind !== "comment") openBlock(tag, match.index)
  }
  if (last < template.length) add({ tag: "text", text: template.slice(last) })
  for (const { offset, shown } of open) complain(offset, texts.unclosed(shown))

  return { nodes: problems.length === 0 ? root : [], problems: located(template, problems), placeholders }
}

/** Mustachio formats its messages twice, which halves their braces twice: `{#each` is what it says. */
const texts = {
  path: (path: string) => `The path '${path}' is not valid. Please see documentation for examples of valid paths.`,
  eachPath: "The 'each' block being opened requires a model path to be specified in the form '{#each <name>}'.",
  eachClose: "The syntax to close the 'each' block should be: '{/each}'.",
  eachOpen: "An 'each' block is being closed, but no corresponding opening element ('{#each <name>}') was detected.",
  mismatched: "It appears that open and closing elements are mismatched.",
  unclosed: (path: string) =>
    `A scope block to the following path was opened but not closed: '${path}', please close it using the appropriate syntax.`
}

interface Problem {
  readonly message: string
  readonly offset: number
}

/** One pass over the template, however many problems it has. */
const located = (template: string, problems: Array<Problem>): ReadonlyArray<ParseProblem> => {
  let line = 1
  let start = 0
  let end = template.indexOf("\n")
  return problems.sort((a, b) => a.offset - b.offset).map(({ message, offset }) => {
    while (end >= 0 && end < offset) {
      line++
      start = end + 1
      end = template.indexOf("\n", start)
    }
    return { message, line, character: offset - start + 1 }
  })
}
