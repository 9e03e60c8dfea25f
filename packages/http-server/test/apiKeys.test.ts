import * as ApiKeys from "@effect-postmark/http-server/ApiKeys"
import { assert, describe, it } from "@effect/vitest"
import { Context, DateTime, Effect, Redacted, Schema } from "effect"
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
    }), 60_000)

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

  it.scopedLive("have scopes, an expiry and a last use, which their list shows", () =>
    Effect.gen(function*() {
      const { call, connect } = yield* start()
      const id = yield* connect(tokens.acme)
      const expiresAt = "2999-01-02T03:04:05+01:00"
      const made = yield* call("POST", "/v1/api-keys", {
        body: { name: "robot", connections: [id], scopes: ["read", "send", "read"], expiresAt, rateLimit: 60 }
      })
      assert.strictEqual(made.status, 201)
      const { apiKey, key } = createdOf(made.json)
      const shown = {
        id: apiKey.id,
        name: "robot",
        connections: [id],
        scopes: ["send", "read"],
        rateLimit: 60,
        expiresAt: "2999-01-02T02:04:05.000Z",
        revokedAt: null
      }
      assert.deepInclude(Object(made.json).apiKey, { ...shown, lastUsedAt: null })
      yield* call("GET", "/v1/connections", { key })
      const own = Effect.map(
        call("GET", "/v1/api-keys"),
        ({ json }) => Object(json).apiKeys.find(({ id }: { readonly id: string }) => id === apiKey.id)
      )
      // It is written beside the request.
      const listed = yield* Effect.repeat(own, { until: ({ lastUsedAt }) => lastUsedAt !== null })
      assert.deepInclude(listed, shown)

      const wrong: ReadonlyArray<readonly [object, string]> = [
        [{ scopes: [] }, "scopes"],
        [{ scopes: ["admin"] }, "scopes"],
        [{ scopes: "read" }, "scopes"],
        [{ expiresAt: "2020-01-01T00:00:00Z" }, "expiresAt"],
        [{ expiresAt: "2999-02-30T00:00:00" }, "expiresAt"],
        [{ expiresAt: "tomorrow" }, "expiresAt"],
        [{ rateLimit: 0 }, "rateLimit"],
        [{ rateLimit: 1.5 }, "rateLimit"],
        [{ rateLimit: 1_000_001 }, "rateLimit"]
      ]
      for (const [body, field] of wrong) {
        const refused = yield* call("POST", "/v1/api-keys", { body: { name: "x", ...body } })
        assert.strictEqual(refused.status, 422, JSON.stringify(body))
        assert.include(refused.text, `"path":["${field}"`)
      }
    }))

  it.scopedLive("give no scope that they lack, and no longer life than theirs", () =>
    Effect.gen(function*() {
      const { call } = yield* start()
      const create = (body: object, key?: string) =>
        call("POST", "/v1/api-keys", { body: { name: "x", ...body }, ...(key === undefined ? {} : { key }) })
      const expiresAt = "2999-01-01T00:00:00.000Z"
      const { key } = createdOf((yield* create({ scopes: ["read", "manage"], expiresAt })).json)
      const more = yield* create({ scopes: ["read", "send"] }, key)
      assert.deepInclude(more.json, { status: 403, code: "missing_scope", missingScope: "send" })
      const same = yield* create({}, key)
      assert.deepInclude(Object(same.json).apiKey, { scopes: ["read", "manage"], expiresAt })
      const longer = yield* create({ expiresAt: "2999-01-01T00:00:00.001Z" }, key)
      assert.strictEqual(longer.status, 422)
      assert.include(longer.text, `must not be after ${expiresAt}`)
      assert.strictEqual((yield* create({ expiresAt: "2998-01-01T00:00:00Z" }, key)).status, 201)
    }))

  it.scopedLive("that expired or were revoked are told so, and only with the whole key", () =>
    Effect.gen(function*() {
      const { call, context } = yield* start()
      const apiKeys = Context.get(context, ApiKeys.ApiKeys)
      const past = DateTime.unsafeMake("2020-01-01T00:00:00Z")
      const expired = yield* apiKeys.create({ name: "expired", connections: null, expiresAt: past })
      const revoked = yield* apiKeys.create({ name: "revoked", connections: null })
      yield* apiKeys.revoke(revoked.apiKey.id)
      const codes: ReadonlyArray<readonly [Redacted.Redacted, string]> = [
        [expired.key, "api_key_expired"],
        [revoked.key, "api_key_revoked"],
        [Redacted.make(`ep.${expired.apiKey.id}.x`), "unauthorized"],
        [Redacted.make(`ep.${revoked.apiKey.id}.x`), "unauthorized"]
      ]
      for (const [key, code] of codes) {
        const refused = yield* call("GET", "/v1/connections", { key: Redacted.value(key) })
        assert.deepStrictEqual([refused.status, codeOf(refused)], [401, code])
        assert.strictEqual(refused.headers.get("www-authenticate"), "Bearer")
      }
    }))
})
