import * as PostmarkOperations from "@effect-postmark/core/PostmarkOperations"
import { expect, it } from "@effect/vitest"
import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"

const file = fileURLToPath(new URL("../../../docs/http-api.md", import.meta.url))

const row = ({ method, path, readOnly, sends, title }: (typeof PostmarkOperations.all)[number]) =>
  `| \`${method} ${path}\` | ${title} | \`${readOnly ? "read" : sends ? "send" : "manage"}\` |`

it("lists each operation in docs/http-api.md", () => {
  const text = readFileSync(file, "utf8").replace(/ +\|/g, " |").replace(/\| +/g, "| ")
  const missing = PostmarkOperations.all.map(row).filter((line) => !text.includes(line))
  expect(missing).toEqual([])
})
