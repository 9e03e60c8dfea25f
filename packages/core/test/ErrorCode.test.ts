import * as ErrorCode from "@effect-postmark/core/ErrorCode"
import { assert, expect, it } from "@effect/vitest"

const words: Readonly<Record<ErrorCode.FixableBy, string>> = {
  caller: "the caller, by another request",
  accountOwner: "the account's owner, in Postmark's settings",
  retry: "nobody: try again later"
}

const document = [
  "# Postmark's error codes",
  "",
  "Made from `packages/core/src/ErrorCode.ts` by its test: `npx vitest run --update` in `packages/core` writes it anew.",
  "",
  "A code is not an HTTP status, although the numbers meet: code 406 comes with HTTP 422. The disposition is what became",
  "of a mail whose send was answered so. Codes that are not here do come; they are refusals when they come with HTTP 422.",
  "",
  `Postmark's own list: <${ErrorCode.documentation}>`,
  "",
  "| code | HTTP | meaning | disposition | who can put it right |",
  "| ---: | ---: | ------- | ----------- | -------------------- |",
  ...ErrorCode.catalogue.map(({ code, disposition, fixableBy, meaning, status }) =>
    `| ${code} | ${status} | ${meaning} | ${disposition} | ${words[fixableBy]} |`
  ),
  ""
].join("\n")

it("docs/errors.md says what the catalogue says", () => expect(document).toMatchFileSnapshot("../../../docs/errors.md"))

it("the catalogue has each code once, in order", () => {
  const codes = ErrorCode.catalogue.map(({ code }) => code)
  assert.deepStrictEqual(codes, Array.from(new Set(codes)).sort((a, b) => a - b))
  for (const code of codes) assert.strictEqual(ErrorCode.get(code)?.code, code)
  assert.isUndefined(ErrorCode.get(99_999))
})
