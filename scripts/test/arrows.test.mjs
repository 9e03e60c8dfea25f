import assert from "node:assert/strict"
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { test } from "node:test"
import { ambientProblems, arrowProblems, importsOf, packageArrows, unusedProblems } from "../arrows.mjs"
import { root } from "../workspace.mjs"

/** The problems that `check` finds in a workspace of these files only. */
const planted = (check, files) => {
  const directory = mkdtempSync(join(tmpdir(), "arrows-"))
  try {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(directory, path)), { recursive: true })
      writeFileSync(join(directory, path), text)
    }
    return check(directory)
  } finally {
    rmSync(directory, { recursive: true })
  }
}

const manifest = (fields) => JSON.stringify(fields)

test("the packages hold the arrows", () => {
  assert.deepEqual(arrowProblems(root), [])
})

test("every declared dependency is used", () => {
  assert.deepEqual(unusedProblems(root), [])
})

test("process.env and Date.now are in bin.ts only", () => {
  assert.deepEqual(ambientProblems(root), [])
})

test("finds imports in every form, but not in comments", () => {
  const text = [
    "import * as A from \"a\"",
    "import { type B,",
    "  b } from \"b/B\"",
    "import type C from 'c'",
    "import \"d\"",
    "export * as E from \"./e.ts\"",
    "export { f } from \"f\"",
    "const g = await import(\"g\")",
    "type H = import(\"h\").H",
    "/**",
    " * import { no } from \"no\"",
    " */",
    "// import \"no\"",
    "export const text = value + \" from \" + other"
  ].join("\n")
  assert.deepEqual(importsOf(text).sort(), ["./e.ts", "a", "b/B", "c", "d", "f", "g", "h"])
})

for (
  const [package_, file, specifier] of [
    ["core", "src/A.ts", "@effect-postmark/test-double"],
    ["core", "test/A.test.ts", "@effect-postmark/test-double"],
    ["core", "src/A.ts", "node:crypto"],
    ["core", "src/A.ts", "crypto"],
    ["core", "src/A.ts", "@effect/platform-node/NodeHttpClient"],
    ["storage-sql", "src/A.ts", "@effect-postmark/automation"],
    ["automation", "src/A.ts", "@effect-postmark/test-double"],
    ["automation", "src/A.ts", "@effect-postmark/http-server/Api"],
    ["http-server", "src/Routes.ts", "@effect-postmark/storage-sql"],
    ["http-server", "src/bin.ts", "@effect-postmark/test-double"],
    ["http-server", "src/A.ts", "@effect-postmark/cli"],
    ["cli", "src/internal/a.ts", "@effect-postmark/storage-sql"],
    ["cli", "src/A.ts", "@effect-postmark/core/internal/wire"],
    ["cli", "test/A.test.ts", "../../core/src/Email.ts"],
    ["test-double", "src/A.ts", "@effect-postmark/automation"]
  ]
) {
  test(`${package_}'s ${file} may not import ${specifier}`, () => {
    const problems = planted(arrowProblems, {
      [`packages/${package_}/package.json`]: manifest({}),
      [`packages/${package_}/${file}`]: `import * as A from "${specifier}"\n`
    })
    assert.equal(problems.length, 1)
    assert.match(problems[0], new RegExp(`^packages/${package_}/${file}: ${specifier} `))
  })
}

test("an adapter's composition root and tests may import its storage, and its tests the double", () => {
  const storage = "import * as Storage from \"@effect-postmark/storage-sql\"\n"
  const double = "import * as Double from \"@effect-postmark/test-double\"\n"
  assert.deepEqual(
    planted(arrowProblems, {
      "packages/http-server/package.json": manifest({
        dependencies: { "@effect-postmark/storage-sql": "workspace:^" },
        devDependencies: { "@effect-postmark/test-double": "workspace:^" }
      }),
      "packages/http-server/src/bin.ts": storage,
      "packages/http-server/src/Standalone.ts": storage,
      "packages/http-server/src/SqlApiKeyStore.ts": storage,
      "packages/http-server/test/A.test.ts": storage + double
    }),
    []
  )
})

test("a dependency against the arrows is found", () => {
  const problems = planted(arrowProblems, {
    "packages/core/package.json": manifest({ devDependencies: { "@effect-postmark/test-double": "workspace:^" } }),
    "packages/cli/package.json": manifest({ dependencies: { "@effect-postmark/test-double": "workspace:^" } })
  })
  assert.equal(problems.length, 2)
})

test("a package that nobody has written arrows for is found", () => {
  assert.equal(planted(arrowProblems, { "packages/other/package.json": manifest({}) }).length, 1)
})

test("process.env and Date.now are found in sources, not in bin.ts, tests and comments", () => {
  const text = "const a = process.env.A\nconst b = Date.now()\n"
  const problems = planted(ambientProblems, {
    "packages/cli/package.json": manifest({}),
    "packages/cli/src/bin.ts": text,
    "packages/cli/src/A.ts": text,
    "packages/cli/src/B.ts": "// not Date.now()\n",
    "packages/cli/test/A.test.ts": text
  })
  assert.deepEqual(problems, [
    "packages/cli/src/A.ts: process.env belongs in bin.ts only",
    "packages/cli/src/A.ts: Date.now belongs in bin.ts only"
  ])
})

const declaring = (fields, files = {}) => {
  const package_ = Object.fromEntries(Object.entries(files).map(([path, text]) => [`packages/cli/${path}`, text]))
  return planted(unusedProblems, { "packages/cli/package.json": manifest(fields), ...package_ })
}

test("a dependency that nothing imports is found, of ours and of npm, in every field", () => {
  assert.deepEqual(declaring({ dependencies: { "@effect-postmark/core": "workspace:^", jose: "1" } }), [
    "packages/cli/package.json: @effect-postmark/core is in its dependencies, and nothing imports it",
    "packages/cli/package.json: jose is in its dependencies, and nothing imports it"
  ])
  assert.equal(declaring({ devDependencies: { jose: "1" } }).length, 1)
  assert.equal(declaring({ peerDependencies: { jose: "1" } }).length, 1)
})

test("a dependency that only tests import is found, a devDependency is not", () => {
  const files = { "test/A.test.ts": "import * as jose from \"jose/jwt\"\n" }
  assert.equal(declaring({ dependencies: { jose: "1" } }, files).length, 1)
  assert.deepEqual(declaring({ devDependencies: { jose: "1" } }, files), [])
})

test("a comment does not use a dependency; a script, a loader, a resolved path and a type package's subject do", () => {
  assert.equal(declaring({ dependencies: { jose: "1" } }, { "src/A.ts": "// import \"jose\"\n" }).length, 1)
  assert.deepEqual(declaring({ devDependencies: { vitest: "1" }, scripts: { test: "vitest run" } }), [])
  assert.deepEqual(
    declaring({ devDependencies: { tsx: "1" } }, { "test/a.ts": "spawn(node, [\"--import\", \"tsx\"])\n" }),
    []
  )
  assert.deepEqual(declaring({ devDependencies: { pg: "1" } }, { "test/a.ts": "require.resolve(\"pg/lib\")\n" }), [])
  assert.deepEqual(
    declaring({ devDependencies: { "@types/yaml": "1", "@types/node": "1" } }, {
      "test/a.ts": "import * as yaml from \"yaml\"\nimport \"node:fs\"\n"
    }),
    []
  )
})

test("a peer of a package that is used is not found, and without that package it is", () => {
  const files = { "src/A.ts": "import * as Context from \"@effect/platform-node/NodeContext\"\n" }
  const cluster = { "@effect/cluster": "1" }
  assert.deepEqual(declaring({ dependencies: { "@effect/platform-node": "1", ...cluster } }, files), [])
  assert.equal(declaring({ dependencies: cluster }, files).length, 1)
})

test("an example's dependencies are looked at as well", () => {
  const problems = planted(unusedProblems, { "examples/tour/package.json": manifest({ dependencies: { jose: "1" } }) })
  assert.equal(problems.length, 1)
})

test("tells imports of the sources from those of a composition root", () => {
  const storage = "import * as Storage from \"@effect-postmark/storage-sql\"\n"
  const core = "import * as Email from \"@effect-postmark/core/Email\"\n"
  assert.deepEqual(
    planted(packageArrows, {
      "packages/cli/package.json": manifest({}),
      "packages/cli/src/bin.ts": storage + core,
      "packages/cli/src/A.ts": core,
      "packages/cli/test/A.test.ts": "import \"@effect-postmark/test-double\"\n"
    }),
    [{ name: "cli", src: ["core"], composition: ["storage-sql"] }]
  )
})
