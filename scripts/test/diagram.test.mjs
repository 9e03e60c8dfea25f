import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { test } from "node:test"
import { packageArrows } from "../arrows.mjs"
import { diagramProblems, mermaid, withDiagram } from "../diagram.mjs"
import { root } from "../workspace.mjs"

const arrows = [
  { name: "cli", src: ["core"], composition: ["storage-sql"] },
  { name: "core", src: [], composition: [] }
]
const empty = "# A\n\n<!-- packages: written by `npm run diagram` -->\n<!-- /packages -->\n\nB\n"

test("docs/architecture.md has the diagram of today's imports", () => {
  const document = readFileSync(join(root, "docs", "architecture.md"), "utf8")
  assert.deepEqual(diagramProblems(document, packageArrows(root)), [])
})

test("draws sources solid, composition roots dotted, and packages that import none", () => {
  assert.equal(
    mermaid(arrows),
    "```mermaid\ngraph LR\n  cli --> core\n  cli -.-> storage-sql\n  core\n```"
  )
})

test("draws between its two lines, and leaves the rest as it is", () => {
  const drawn = withDiagram(empty, arrows)
  assert.ok(drawn.startsWith("# A\n") && drawn.endsWith("\n\nB\n"))
  assert.equal(withDiagram(drawn, arrows), drawn)
  assert.deepEqual(diagramProblems(drawn, arrows), [])
})

test("finds a diagram that is out of date, and a document without a place for one", () => {
  assert.equal(diagramProblems(withDiagram(empty, arrows), [{ name: "cli", src: [], composition: [] }]).length, 1)
  assert.equal(diagramProblems("# A\n", arrows).length, 1)
})
