import assert from "node:assert/strict"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { test } from "node:test"
import { decisionProblems } from "../decisions.mjs"
import { root } from "../workspace.mjs"

const record = "# 1. Flat errors\n\nStatus: accepted\\\nDate: 2026-11-23\n\nText.\n"
const index = "| number | title | status | date |\n| ---: | --- | --- | --- |\n" +
  "| 1 | [Flat errors](0001-flat.md) | accepted | 2026-11-23 |\n"

const problemsOf = (files) => {
  const directory = mkdtempSync(join(tmpdir(), "decisions-"))
  try {
    for (const [name, text] of Object.entries(files)) {
      writeFileSync(join(directory, name), text)
    }
    return decisionProblems(directory)
  } finally {
    rmSync(directory, { recursive: true })
  }
}

test("every decision is in the index, with its status and its date", () => {
  assert.deepEqual(decisionProblems(join(root, "docs", "adr")), [])
})

test("takes a record and an index that agree", () => {
  assert.deepEqual(problemsOf({ "README.md": index, "0001-flat.md": record }), [])
})

for (
  const [name, files, problem] of [
    [
      "a record that is not in the index",
      { "README.md": "", "0001-flat.md": record },
      "0001-flat.md: is not in the index"
    ],
    ["a row without a record", { "README.md": index }, "0001-flat.md: is in the index only"],
    [
      "a record without a status",
      { "README.md": index, "0001-flat.md": record.replace("Status: accepted", "") },
      "0001-flat.md: has no status"
    ],
    [
      "a record without a date",
      { "README.md": index, "0001-flat.md": record.replace("2026-11-23", "today") },
      "0001-flat.md: has no date"
    ],
    [
      "another title in the index",
      { "README.md": index, "0001-flat.md": record.replace("Flat", "Deep") },
      "0001-flat.md: the index has another title than Deep errors"
    ],
    [
      "a number that is not the file's",
      { "README.md": index, "0001-flat.md": record.replace("# 1.", "# 2.") },
      "0001-flat.md: is number 2"
    ]
  ]
) {
  test(`finds ${name}`, () => assert.deepEqual(problemsOf(files), [problem]))
}
