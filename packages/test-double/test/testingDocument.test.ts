/** The recipes of docs/testing.md are the files in `recipes`, which run as tests. */
import { assert, it } from "@effect/vitest"
import { readdirSync, readFileSync } from "node:fs"

const read = (path: string) => readFileSync(new URL(path, import.meta.url), "utf8")

/** Each block of TypeScript, with the name of the file that stands before it. */
const blocks = (text: string) =>
  [...text.matchAll(/(?:<!-- (\S+) -->\n\n)?```ts\n([^]*?)```\n/g)].map(([, file = "no file", code = ""]) => ({
    file,
    code
  }))

it("quotes every recipe as it is", () => {
  const quoted = blocks(read("../../../docs/testing.md"))
  assert.deepStrictEqual(
    quoted.map(({ file }) => file).sort(),
    readdirSync(new URL("recipes", import.meta.url)).filter((name) => name.endsWith(".ts")).sort()
  )
  for (const { code, file } of quoted) assert.strictEqual(code, read(`recipes/${file}`), file)
})

it("shows a failure as it is", () => {
  const [, failure = "no failure"] = /\n```\n(expected [^]*?)```\n/.exec(read("../../../docs/testing.md")) ?? []
  const lines = (text: string) => text.trim().split("\n").map((line) => line.trim()).join("\n")
  assert.include(lines(read("matchers.test.ts")), lines(failure))
})

it("has its first recipe in the README too", () => {
  const [recipe] = blocks(read("../README.md")).filter(({ file }) => file === "postmarkClient.test.ts")
  assert.strictEqual(recipe?.code, read("recipes/postmarkClient.test.ts"))
})
