import assert from "node:assert/strict"
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { test } from "node:test"
import { citationProblems } from "../citations.mjs"
import { root } from "../workspace.mjs"

const facts = "# Facts\n\n## Error codes\n\nSee <https://postmarkapp.com/developer/api/bounce-api>.\n\n## Limits\n"

const problemsOf = (text, path = "packages/core/src/A.ts") => {
  const directory = mkdtempSync(join(tmpdir(), "citations-"))
  try {
    for (const [name, content] of Object.entries({ "docs/postmark.md": facts, [path]: `${text}\n` })) {
      mkdirSync(dirname(join(directory, name)), { recursive: true })
      writeFileSync(join(directory, name), content)
    }
    return citationProblems(directory)
  } finally {
    rmSync(directory, { recursive: true })
  }
}

test("every citation leads somewhere", () => assert.deepEqual(citationProblems(root), []))

for (
  const [text, cited] of [
    [" * Sends. Source: Postmark API, F.7.", "Postmark API, F"],
    [" * Sends. Source: Postmark API, Messages, C.1.", "Postmark API, Messages,"],
    [" * Sends. Source: Postmark API, Email.", "Postmark API, Email."],
    ["// Not established (H): what then.", "(H)"],
    ["/** Null stands for absence (A.5 and G.6). */", "A.5"],
    ["const a = 1 // see B.3", "B.3"]
  ]
) {
  test(`finds the section in ${text.trim()}`, () =>
    assert.deepEqual(problemsOf(text), [`packages/core/src/A.ts:1: ${cited} is a section of no document here`]))
}

test("finds a section in a document", () => {
  assert.equal(problemsOf("As A.5 says.", "docs/a.md").length, 1)
})

for (
  const text of [
    "// There is nothing in the Postmark API.",
    "const text = `(H) and A.5`",
    "// Version 1.2, node:a.5, https://example.com/A.5",
    "// See docs/postmark.md#error-codes and #limits, and https://postmarkapp.com/developer/api/bounce-api#bounce-types."
  ]
) {
  test(`takes ${text}`, () => assert.deepEqual(problemsOf(text), []))
}

test("finds a section of docs/postmark.md that does not exist", () => {
  assert.deepEqual(problemsOf("// Not established (docs/postmark.md#error-codes and #nothing): what then."), [
    "packages/core/src/A.ts:1: docs/postmark.md has no section #nothing"
  ])
})

test("finds a page of Postmark that docs/postmark.md does not name", () => {
  assert.deepEqual(problemsOf("// See https://postmarkapp.com/developer/api/bounces-api."), [
    "packages/core/src/A.ts:1: docs/postmark.md does not name https://postmarkapp.com/developer/api/bounces-api"
  ])
})
