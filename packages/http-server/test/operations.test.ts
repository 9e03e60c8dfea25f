import * as ActionRegistry from "@effect-postmark/core/ActionRegistry"
import * as PostmarkOperations from "@effect-postmark/core/PostmarkOperations"
import * as TriggerRegistry from "@effect-postmark/core/TriggerRegistry"
import * as Api from "@effect-postmark/http-server/Api"
import { Access } from "@effect-postmark/http-server/api/Access"
import { HttpApi } from "@effect/platform"
import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, Option } from "effect"
import { codeOf, once, start, tokens } from "./support/harness.ts"

const minute = 60_000

describe("operations over HTTP", () => {
  it("have one route each, which asks for what the operation does", () => {
    const routes = new Map<string, string>()
    HttpApi.reflect(Api.make(ActionRegistry.make([]), TriggerRegistry.make([])), {
      onGroup: () => {},
      onEndpoint: ({ endpoint, group }) => {
        const access = Option.getOrElse(Context.getOption(endpoint.annotations, Access), () => "none")
        routes.set(`${endpoint.method} ${endpoint.path}`, `${group.identifier}.${endpoint.name} ${access}`)
      }
    })
    for (const { group, member, method, path, readOnly, sends } of PostmarkOperations.all) {
      assert.strictEqual(
        routes.get(`${method} /v1/connections/:id${path}`),
        `${group}.${member} ${readOnly ? "read" : sends ? "send" : "manage"}`
      )
    }
    const sending = PostmarkOperations.all.filter(({ sends }) => sends).map(({ name }) => name)
    assert.deepStrictEqual(sending.sort(), ["send-bulk-email", "send-email-batch-with-templates"])
  })

  it.scopedLive("refuse a bad query, path or body with the field and its limit", () =>
    Effect.gen(function*() {
      const { call, connect } = yield* start({ policies: once })
      const at = `/v1/connections/${yield* connect(tokens.acme)}`
      const count = "count: must be a whole number from 1 to 500"
      const date = "fromDate: a date such as 2026-09-30, or a time such as 2026-09-30T16:04:08, in US Eastern Time"
      const rows: ReadonlyArray<readonly [method: string, path: string, issue: string, body?: unknown]> = [
        ...["0", "-1", "501", "abc", "1e9", "1.5", "9007199254740993"].map((value) =>
          ["GET", `bounces?count=${value}`, count] as const
        ),
        ["GET", "bounces?offset=-1", "offset: must be a whole number of at least 0"],
        ["GET", "bounces?count=500&offset=9501", "offset: count + offset is at most 10000, got 10001"],
        ["GET", "bounces?count=1&count=2", "count: must be given once"],
        ["GET", "bounces?count[]=1", "count[]: unknown field"],
        ["GET", "bounces?Count=1", "Count: unknown field"],
        ["GET", "bounces?inactive=maybe", "inactive: must be true or false"],
        ["GET", "bounces?fromDate=9999-99-99", "fromDate: this date does not exist in the calendar"],
        ["GET", "bounces?fromDate=yesterday", date],
        ["GET", "statistics/sends?fromDate=2024-02-30", "fromDate: this date does not exist in the calendar"],
        ["GET", "bounces/abc", "bounceId: must be digits"],
        ["GET", "webhooks/1.5", "webhookId: must be a whole number"],
        ["GET", "message-streams/a%2Fb", "streamId: letters, digits, '-' and '_'"],
        ["POST", "templates", "subject: a standard template needs a subject", { name: "A", textBody: "Hi" }],
        ["POST", "templates", "Name: unknown field", { Name: "A", name: "A", subject: "Hi", textBody: "Hi" }],
        ["POST", "message-streams/outbound/suppressions", "emailAddresses: 1 to 50 addresses in one call, got 0", {
          emailAddresses: []
        }]
      ]
      for (const [method, path, issue, body] of rows) {
        const { json, status } = yield* call(method, `${at}/${path}`, body === undefined ? {} : { body })
        assert.strictEqual(status, 422, path)
        const issues: ReadonlyArray<{ readonly path: ReadonlyArray<string>; readonly message: string }> =
          Object(json).issues
        assert.include(issues.map(({ message, path }) => `${path.join(".")}: ${message}`), issue, path)
      }
      const missing = yield* call("GET", `${at}/messages/inbound/..%2F..%2Fserver`)
      assert.deepStrictEqual([missing.status, codeOf(missing)], [404, "not_found"])
      const notJson = yield* call("POST", `${at}/templates`, { text: "name=A" })
      assert.deepStrictEqual([notJson.status, codeOf(notJson)], [400, "malformed_body"])
      const large = yield* call("POST", `${at}/templates`, { text: " ".repeat(5 * 1024 * 1024 + 1) })
      assert.deepStrictEqual([large.status, codeOf(large)], [413, "body_too_large"])
      assert.strictEqual((yield* call("GET", `${at}/bounces?count=10&tag=&messageStream=outbound`)).status, 200)
    }), minute)

  it.scopedLive("keep each key to its connections, and each id whole", () =>
    Effect.gen(function*() {
      const { call, connect, double } = yield* start({ policies: once })
      const acme = yield* connect(tokens.acme)
      const other = yield* connect(tokens.other, "Other")
      const made = yield* call("POST", "/v1/api-keys", { body: { name: "other", connections: [other] } })
      const key = String(Object(made.json).key)
      assert.strictEqual((yield* call("GET", `/v1/connections/${other}/server`, { key })).status, 200)
      for (const { example, method, path } of PostmarkOperations.all) {
        const filled = path.replace(/:(\w+)/g, (_, name: string) => String(example.params?.[name]))
        const call1 = example.body === undefined ? { key } : { key, body: example.body }
        const refused = yield* call(method, `/v1/connections/${acme}${filled}`, call1)
        assert.deepStrictEqual([refused.status, codeOf(refused)], [404, "connection_not_found"], path)
        const nobody = yield* call(method, `/v1/connections/${acme}${filled}`, { ...call1, key: undefined })
        assert.strictEqual(nobody.status, 401, path)
      }
      yield* double.injectFault({
        path: "/bounces/4323372036854775807",
        fault: {
          kind: "body",
          status: 200,
          body:
            "{\"ID\":4323372036854775807,\"Type\":\"HardBounce\",\"Email\":\"a@example.org\",\"BouncedAt\":\"now\"}",
          contentType: "application/json"
        }
      })
      const bounce = yield* call("GET", `/v1/connections/${acme}/bounces/4323372036854775807`)
      assert.include(bounce.text, "\"id\":\"4323372036854775807\"")
    }), minute)
})
