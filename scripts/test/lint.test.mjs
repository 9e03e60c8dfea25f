import assert from "node:assert/strict"
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { test } from "node:test"
import { root, run } from "../workspace.mjs"

/** What our lint settings say about these files, in a workspace that holds nothing else. */
const lint = async (files) => {
  const directory = mkdtempSync(join(tmpdir(), "lint-"))
  try {
    copyFileSync(join(root, ".oxlintrc.json"), join(directory, ".oxlintrc.json"))
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(directory, path)), { recursive: true })
      writeFileSync(join(directory, path), text)
    }
    return await run("oxlint", ["--deny-warnings", "--format=unix"], { capture: true, cwd: directory })
  } finally {
    rmSync(directory, { recursive: true })
  }
}

const finds = async (rule, files) => {
  const { code, output } = await lint(files)
  assert.notEqual(code, 0)
  assert.match(output, new RegExp(rule))
}

test("says nothing about clean sources", async () => {
  const { code, output } = await lint({
    "packages/core/src/A.ts": "import * as Effect from \"effect/Effect\"\n\nexport const a = Effect.void\n",
    "packages/core/test/A.test.ts": "import { Effect } from \"effect\"\n\nexport const a = Effect.void\n",
    "packages/cli/src/bin.ts": "console.log(\"a\")\n"
  })
  assert.equal(code, 0, output)
})

test("finds a circle of imports, also one through three files", async () => {
  await finds("no-cycle", {
    "packages/core/src/A.ts": "import { b } from \"./B.ts\"\n\nexport const a = (): unknown => b\n",
    "packages/core/src/B.ts": "import { c } from \"./internal/c.ts\"\n\nexport const b = (): unknown => c\n",
    "packages/core/src/internal/c.ts": "import { a } from \"../A.ts\"\n\nexport const c = (): unknown => a\n"
  })
})

for (const name of ["effect", "@effect/cli", "@effect/platform", "@effect/platform-node", "@effect/sql"]) {
  test(`finds the barrel ${name} in sources`, () =>
    finds("no-restricted-imports", {
      "packages/core/src/internal/a.ts": `import { A } from "${name}"\n\nexport const a = A\n`
    }))
}

test("finds any, the console and a default export in sources", async () => {
  await finds("no-explicit-any", { "packages/core/test/a.ts": "export const a: any = 1\n" })
  await finds("no-console", { "packages/core/src/A.ts": "console.log(\"a\")\n" })
  await finds("no-default-export", { "packages/core/src/A.ts": "export default 1\n" })
})
