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
  `Postmark's own list: <${ErrorCode.documentation}>. The problems of our HTTP server are in [problems.md](problems.md).`,
  "",
  "| code | HTTP | meaning | disposition | who can put it right |",
  "| ---: | ---: | ------- | ----------- | -------------------- |",
  ...ErrorCode.catalogue.map(({ code, disposition, fixableBy, meaning, operation, status }) =>
    `| ${code}${operation === undefined ? "" : ` (${operation})`} | ${status} | ${meaning} | ${disposition} | ${
      words[fixableBy]
    } |`
  ),
  ""
].join("\n")

it("docs/errors.md says what the catalogue says", () => expect(document).toMatchFileSnapshot("../../../docs/errors.md"))

it("a code that means two things is told apart by the operation", () => {
  assert.strictEqual(ErrorCode.get(1301, "createWebhook")?.meaning, ErrorCode.get(1351)?.meaning)
  assert.isTrue(ErrorCode.get(1301)?.notFound)
  assert.isFalse(ErrorCode.get(1301, "createWebhook")?.notFound)
  // An operation without a meaning of its own has the general one.
  assert.strictEqual(ErrorCode.get(1351, "createWebhook"), ErrorCode.get(1351))
  assert.strictEqual(ErrorCode.get(1301, "getDataRemoval"), ErrorCode.get(1301))
})

it("the catalogue has each code once, in order", () => {
  const codes = ErrorCode.catalogue.map(({ code }) => code)
  assert.deepStrictEqual(codes, [...codes].sort((a, b) => a - b))
  const general = ErrorCode.catalogue.filter(({ operation }) => operation === undefined).map(({ code }) => code)
  assert.deepStrictEqual(general, Array.from(new Set(general)))
  for (const code of codes) assert.strictEqual(ErrorCode.get(code)?.code, code)
  assert.isUndefined(ErrorCode.get(99_999))
})
