import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { codeOf, email, start, tokens } from "./support/harness.ts"
import { raw, statusOf } from "./support/raw.ts"

const Created = Schema.Struct({ apiKey: Schema.Struct({ id: Schema.String }), key: Schema.String })
const createdOf = Schema.decodeUnknownSync(Created)

describe("API keys", () => {
  it.scopedLive("every route but the webhooks and the system's asks for one", () =>
    Effect.gen(function*() {
      const { call, key, url } = yield* start()
      const routes: ReadonlyArray<readonly [string, string]> = [
        ["GET", "/v1/connections"],
        ["POST", "/v1/connections"],
        ["GET", "/v1/connections/x"],
        ["POST", "/v1/connections/x/check"],
        ["POST", "/v1/connections/x/rotate"],
        ["POST", "/v1/connections/x/revoke"],
        ["POST", "/v1/connections/x/actions/send-email"],
        ["POST", "/v1/connections/x/triggers"],
        ["GET", "/v1/connections/x/triggers"],
        ["DELETE", "/v1/connections/x/triggers/y"],
        ["POST", "/v1/connections/x/triggers/finish-rotation"],
        ["GET", "/v1/triggers"],
        ["GET", "/v1/events"],
        ["GET", "/v1/quarantine"],
        ["GET", "/v1/api-keys"],
        ["POST", "/v1/api-keys"],
        ["POST", "/v1/api-keys/x/revoke"]
      ]
      for (const [method, path] of routes) {
        for (const wrong of [undefined, "wrong", `${key}x`, key.slice(0, -1)]) {
          const answer = yield* call(method, path, { key: wrong })
          assert.strictEqual(answer.status, 401, `${method} ${path}`)
          assert.strictEqual(answer.headers.get("www-authenticate"), "Bearer")
          assert.strictEqual(answer.headers.get("content-type"), "application/problem+json")
          assert.strictEqual(codeOf(answer), "unauthorized")
        }
      }
      const get = (...headers: ReadonlyArray<string>) =>
        Effect.map(raw(url, ["GET /v1/connections HTTP/1.1", ...headers]), statusOf)
      assert.strictEqual(yield* get(`Authorization: bearer ${key}`), 200)
      assert.strictEqual(yield* get(`Authorization: Bearer ${key}`, `Authorization: Bearer ${key}`), 401)
      assert.strictEqual(yield* get(`Authorization: Secret ${key}`), 401)
      assert.strictEqual(yield* get(`Authorization: Basic: ${key}`), 401)
      for (const path of ["/healthz", "/readyz", "/openapi.json", "/docs"]) {
        assert.strictEqual((yield* call("GET", path, { key: undefined })).status, 200, path)
      }
    }))

  it.scopedLive("a key with a list touches its connections only", () =>
    Effect.gen(function*() {
      const { call, connect, double } = yield* start()
      const mine = yield* connect(tokens.acme)
      const theirs = yield* connect(tokens.other, "Other")
      const created = yield* call("POST", "/v1/api-keys", { body: { name: "robot", connections: [mine] } })
      assert.strictEqual(created.status, 201)
      const { apiKey, key } = createdOf(created.json)

      const list = yield* call("GET", "/v1/connections", { key })
      assert.include(list.text, mine)
      assert.notInclude(list.text, theirs)
      assert.strictEqual(
        (yield* call("POST", `/v1/connections/${mine}/actions/send-email`, { key, body: email })).status,
        200
      )

      const requests: ReadonlyArray<readonly [string, string, unknown?]> = [
        ["GET", ""],
        ["POST", "/check"],
        ["POST", "/rotate", { serverToken: tokens.other }],
        ["POST", "/revoke"],
        ["POST", "/actions/send-email", email],
        ["POST", "/actions/send-email", { wrong: true }],
        ["POST", "/triggers", { trigger: "postmark/email-opened" }],
        ["GET", "/triggers"],
        ["DELETE", "/triggers/sub_1"],
        ["POST", "/triggers/finish-rotation"]
      ]
      const headers = { "x-request-id": "same" }
      for (const [method, path, body] of requests) {
        const foreign = yield* call(method, `/v1/connections/${theirs}${path}`, { key, body, headers })
        const unknown = yield* call(method, `/v1/connections/con_none${path}`, { key, body, headers })
        assert.deepStrictEqual([foreign.status, foreign.text], [unknown.status, unknown.text], path)
        assert.deepStrictEqual([foreign.status, codeOf(foreign)], [404, "connection_not_found"])
      }
      assert.strictEqual((yield* call("GET", `/v1/events?connection=${theirs}`, { key })).status, 404)
      assert.strictEqual((yield* call("GET", "/v1/events?connection=con_none")).status, 404)
      assert.strictEqual((yield* double.sent).length, 1)

      for (
        const [method, path, body] of [
          ["POST", "/v1/connections", { name: "x", serverToken: "y" }],
          ["GET", "/v1/api-keys", undefined],
          ["POST", "/v1/api-keys", { name: "more" }],
          ["POST", `/v1/api-keys/${apiKey.id}/revoke`, undefined]
        ] as const
      ) {
        const answer = yield* call(method, path, { key, body })
        assert.deepStrictEqual([answer.status, codeOf(answer)], [403, "admin_only"])
      }
    }))

  it.scopedLive("shown once, listed without their secret, revoked for good", () =>
    Effect.gen(function*() {
      const { call } = yield* start()
      const { apiKey, key } = createdOf((yield* call("POST", "/v1/api-keys", { body: { name: "second" } })).json)
      const list = yield* call("GET", "/v1/api-keys", { key })
      assert.include(list.text, apiKey.id)
      assert.notInclude(list.text, key.slice(-20))
      assert.notInclude(list.text, "hash")

      const own = yield* call("POST", `/v1/api-keys/${apiKey.id}/revoke`, { key })
      assert.deepStrictEqual([own.status, codeOf(own)], [409, "own_api_key"])
      assert.strictEqual((yield* call("POST", `/v1/api-keys/${apiKey.id}/revoke`)).status, 204)
      assert.strictEqual((yield* call("POST", `/v1/api-keys/${apiKey.id}/revoke`)).status, 404)
      assert.strictEqual((yield* call("GET", "/v1/connections", { key })).status, 401)

      const unknown = yield* call("POST", "/v1/api-keys", { body: { name: "x", connections: ["con_none"] } })
      assert.strictEqual(unknown.status, 422)
      assert.include(unknown.text, "\"path\":[\"connections\",0]")
      assert.strictEqual((yield* call("POST", "/v1/api-keys", { body: { name: "x", hash: "y" } })).status, 422)
      assert.strictEqual((yield* call("POST", "/v1/api-keys", { body: { name: "" } })).status, 422)
    }))
})
