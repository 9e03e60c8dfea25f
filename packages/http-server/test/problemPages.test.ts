import * as ProblemCatalogue from "@effect-postmark/http-server/api/ProblemCatalogue"
import { assert, describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { createHash } from "node:crypto"
import { codeOf, start } from "./support/harness.ts"

const document = [
  "# Problems of the HTTP server",
  "",
  "Made from `packages/http-server/src/api/ProblemCatalogue.ts` by its test: `npx vitest run --update` in",
  "`packages/http-server` writes it anew. A server answers the same at `/problems/<code>`.",
  "",
  "`retryable` and the [disposition](glossary.md#disposition) are the usual ones. A problem has its own.",
  "",
  "| status | code | meaning | what to do | retryable | disposition |",
  "| -----: | ---- | ------- | ---------- | --------- | ----------- |",
  ...[...ProblemCatalogue.entries].map(([code, { advice, disposition, meaning, retryable, status }]) =>
    `| ${status} | \`${code}\` | ${meaning} | ${advice.replaceAll("<", "\\<")} | ${
      retryable ? "yes" : "no"
    } | ${disposition} |`
  ),
  ""
].join("\n")

describe("the pages of problems", () => {
  it("are in docs/problems.md", () => expect(document).toMatchFileSnapshot("../../../docs/problems.md"))

  it("are listed by status", () => {
    const statuses = [...ProblemCatalogue.entries.values()].map(({ status }) => status)
    assert.deepStrictEqual(statuses, [...statuses].sort((a, b) => a - b))
  })

  it.scopedLive("exist for each code, as HTML and as JSON, and run no scripts", () =>
    Effect.gen(function*() {
      const { call } = yield* start()
      for (const [code, entry] of ProblemCatalogue.entries) {
        const json = yield* call("GET", `/problems/${code}`, { key: undefined })
        assert.deepStrictEqual([json.status, json.json], [200, { code, ...entry }])
        const html = yield* call("GET", `/problems/${code}`, { key: undefined, headers: { accept: "text/html,*/*" } })
        assert.strictEqual(html.status, 200)
        assert.strictEqual(html.headers.get("content-type"), "text/html; charset=utf-8")
        assert.include(html.text, `<code>${code}</code>`)
        assert.notMatch(html.text, /<script|<link|src=|url\(|\son\w+=/i)
        const policy = html.headers.get("content-security-policy") ?? ""
        assert.include(policy, "default-src 'none'")
        assert.notInclude(policy, "unsafe")
        const style = /<style>(.*)<\/style>/.exec(html.text)?.[1] ?? ""
        assert.include(policy, `'sha256-${createHash("sha256").update(style).digest("base64")}'`)
      }
      const list = yield* call("GET", "/problems", { key: undefined, headers: { accept: "text/html" } })
      for (const code of ProblemCatalogue.entries.keys()) assert.include(list.text, `href="/problems/${code}"`)
      assert.include((yield* call("GET", "/problems", { key: undefined })).text, "\"code\":\"outcome_unknown\"")
    }))

  it.scopedLive("are where the type of a problem points; an unknown code has none", () =>
    Effect.gen(function*() {
      const { call } = yield* start()
      const missing = yield* call("GET", "/v1/connections/con_x")
      const { type }: { readonly type: string } = Object(missing.json)
      assert.include((yield* call("GET", type, { key: undefined })).text, "connection_not_found")
      for (const path of ["/problems/nothing", "/problems/toString", "/problems/%3Cscript%3E", "/problems/a/b"]) {
        const unknown = yield* call("GET", path, { key: undefined, headers: { accept: "text/html" } })
        assert.deepStrictEqual([unknown.status, codeOf(unknown)], [404, "no_such_route"], path)
      }
      assert.strictEqual((yield* call("POST", "/problems/no_such_route", { key: undefined })).status, 405)
    }))
})
