import assert from "node:assert/strict"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { test } from "node:test"
import { diffProblems } from "../diffs.mjs"
import { root } from "../workspace.mjs"

const problemsOf = (diff) => {
  const directory = mkdtempSync(join(tmpdir(), "diffs-"))
  try {
    writeFileSync(join(directory, "a.ts"), "const a = 1\n  const b = 2\n")
    return diffProblems(`# A\n\n\`\`\`diff\n${diff}\n\`\`\`\n`, directory)
  } finally {
    rmSync(directory, { recursive: true })
  }
}

test("the diffs in CONTRIBUTING.md change lines that are there", () => {
  const document = readFileSync(join(root, "CONTRIBUTING.md"), "utf8")
  assert.deepEqual(diffProblems(document, root), [])
  assert.ok(document.includes("```diff\n"))
})

test("takes context and removed lines in any indent, and any added line", () => {
  assert.deepEqual(problemsOf("--- a/a.ts\n+++ b/a.ts\n const a = 1\n-const b = 2\n+const c = 3"), [])
  assert.deepEqual(problemsOf("--- /dev/null\n+++ b/new.ts\n+const c = 3"), [])
})

test("finds a context line and a removed line that are not in the file, and a file that is not there", () => {
  assert.deepEqual(problemsOf("--- a/a.ts\n+++ b/a.ts\n const c = 3\n-const d = 4"), [
    "a.ts has no line const c = 3",
    "a.ts has no line const d = 4"
  ])
  assert.deepEqual(problemsOf("--- a/b.ts\n+++ b/b.ts\n const a = 1"), ["b.ts does not exist"])
  assert.equal(problemsOf(" const a = 1").length, 1)
})
