/** `npm run diagram`: draws the packages and their imports into docs/architecture.md; `--check` only compares. */
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { packageArrows } from "./arrows.mjs"
import { root } from "./workspace.mjs"

const start = "<!-- packages: written by `npm run diagram` -->"
const end = "<!-- /packages -->"

/** A solid arrow is an import of the sources, a dotted one an import of a composition root only. */
export const mermaid = (arrows) =>
  [
    "```mermaid",
    "graph LR",
    ...arrows.flatMap(({ name, src, composition }) => [
      ...(src.length + composition.length === 0 ? [`  ${name}`] : []),
      ...src.map((target) => `  ${name} --> ${target}`),
      ...composition.map((target) => `  ${name} -.-> ${target}`)
    ]),
    "```"
  ].join("\n")

/** The document with its diagram drawn anew, or nothing if it has no place for one. */
export const withDiagram = (document, arrows) => {
  const [from, to] = [document.indexOf(start), document.indexOf(end)]
  return from === -1 || to < from
    ? undefined
    : `${document.slice(0, from + start.length)}\n\n${mermaid(arrows)}\n\n${document.slice(to)}`
}

/** Says what is wrong with the diagram of a document. */
export const diagramProblems = (document, arrows) => {
  const drawn = withDiagram(document, arrows)
  return drawn === undefined
    ? [`the line ${start} or ${end} is missing`]
    : drawn === document
    ? []
    : ["the package diagram is out of date: run npm run diagram"]
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const path = join(root, "docs", "architecture.md")
  const document = readFileSync(path, "utf8")
  const arrows = packageArrows(root)
  const drawn = withDiagram(document, arrows)
  if (drawn !== undefined && !process.argv.includes("--check")) {
    writeFileSync(path, drawn)
  }
  const problems = diagramProblems(process.argv.includes("--check") ? document : drawn ?? document, arrows)
  problems.forEach((problem) => console.error(`docs/architecture.md: ${problem}`))
  process.exitCode = problems.length === 0 ? 0 : 1
}
