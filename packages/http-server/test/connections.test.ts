import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { codeOf, idOf, start, tokens } from "./support/harness.ts"

describe("connections over HTTP", () => {
  it.scopedLive("connects, lists, gets, checks, rotates and revokes a connection", () =>
    Effect.gen(function*() {
      const { call, double } = yield* start()
      const connected = yield* call("POST", "/v1/connections", { body: { name: "Acme", serverToken: tokens.acme } })
      assert.strictEqual(connected.status, 201)
      assert.notInclude(connected.text, tokens.acme)
      assert.include(connected.text, "\"fingerprint\"")
      const id = idOf(connected.json)

      const again = yield* call("POST", "/v1/connections", { body: { name: "Acme 2", serverToken: tokens.acme } })
      assert.deepStrictEqual([again.status, codeOf(again)], [409, "connection_exists"])

      const list = yield* call("GET", "/v1/connections")
      assert.deepStrictEqual(list.json, { connections: [connected.json] })
      const got = yield* call("GET", `/v1/connections/${id}`)
      assert.deepStrictEqual(got.json, connected.json)

      const checked = yield* call("POST", `/v1/connections/${id}/check`)
      assert.strictEqual(checked.status, 200)
      assert.include(checked.text, "\"server\":{\"id\":101")

      const wrong = yield* call("POST", `/v1/connections/${id}/rotate`, { body: { serverToken: tokens.other } })
      assert.deepStrictEqual([wrong.status, codeOf(wrong)], [409, "server_mismatch"])
      const unknown = yield* call("POST", `/v1/connections/${id}/rotate`, { body: { serverToken: "no-such-token" } })
      assert.deepStrictEqual([unknown.status, codeOf(unknown)], [424, "invalid_token"])
      const rotated = yield* call("POST", `/v1/connections/${id}/rotate`, { body: { serverToken: tokens.acme } })
      assert.strictEqual(rotated.status, 200)
      assert.notInclude(rotated.text, "\"rotatedAt\":null")

      const revoked = yield* call("POST", `/v1/connections/${id}/revoke`)
      assert.include(revoked.text, "\"state\":\"revoked\"")
      const gone = yield* call("POST", `/v1/connections/${id}/check`)
      assert.deepStrictEqual([gone.status, codeOf(gone)], [410, "connection_revoked"])
      assert.strictEqual((yield* double.sent).length, 0)
    }))

  it.scopedLive("rejects invalid input with paths, without quoting it", () =>
    Effect.gen(function*() {
      const { call } = yield* start()
      const create = (body: unknown) => call("POST", "/v1/connections", { body })

      const extra = yield* create({ name: "Acme", serverToken: tokens.acme, id: "con_mine", createdAt: "x" })
      assert.strictEqual(extra.status, 422)
      assert.include(extra.text, "{\"path\":[\"id\"],\"message\":\"unknown field\"}")
      assert.include(extra.text, "{\"path\":[\"createdAt\"],\"message\":\"unknown field\"}")
      assert.notInclude(extra.text, tokens.acme)

      const missing = yield* create({ name: 7 })
      assert.strictEqual(missing.status, 422)
      assert.include(missing.text, "{\"path\":[\"serverToken\"],\"message\":\"missing field\"}")
      assert.include(missing.text, "{\"path\":[\"name\"]")

      const spaces = yield* create({ name: "Acme", serverToken: "canary with spaces" })
      assert.strictEqual(spaces.status, 422)
      assert.notInclude(spaces.text, "canary")

      const notJson = yield* call("POST", "/v1/connections", { text: "{\"serverToken\": canary" })
      assert.deepStrictEqual([notJson.status, codeOf(notJson)], [400, "malformed_body"])
      assert.notInclude(notJson.text, "canary")
      const notUtf8 = yield* call("POST", "/v1/connections", { text: new Uint8Array([0x22, 0xff, 0x22]) })
      assert.strictEqual(notUtf8.status, 400)
      const large = yield* call("POST", "/v1/connections", { text: "x".repeat(1024 * 1024 + 1) })
      assert.deepStrictEqual([large.status, codeOf(large)], [413, "body_too_large"])
      assert.strictEqual((yield* call("GET", "/v1/connections/con_nowhere")).status, 404)
    }))

  it.scopedLive("returns the request id, and rejects unknown routes and wrong methods", () =>
    Effect.gen(function*() {
      const { call } = yield* start()
      const own = yield* call("GET", "/v1/connections", { headers: { "x-request-id": "my-request.1" } })
      assert.strictEqual(own.headers.get("x-request-id"), "my-request.1")
      const bad = yield* call("GET", "/nowhere", { headers: { "x-request-id": "<script>" } })
      assert.match(bad.headers.get("x-request-id") ?? "", /^[0-9a-f-]{36}$/)
      assert.deepStrictEqual([bad.status, codeOf(bad)], [404, "no_such_route"])
      assert.strictEqual(bad.headers.get("content-type"), "application/problem+json")
      assert.include(bad.text, `"requestId":"${bad.headers.get("x-request-id")}"`)

      const wrong = yield* call("DELETE", "/v1/connections")
      assert.deepStrictEqual([wrong.status, codeOf(wrong)], [405, "method_not_allowed"])
      assert.strictEqual(wrong.headers.get("allow"), "POST, GET, HEAD")
      assert.strictEqual((yield* call("GET", "/v1/webhooks/con_1")).headers.get("allow"), "POST")
      assert.strictEqual((yield* call("HEAD", "/healthz")).status, 200)
      assert.deepInclude((yield* call("GET", "/readyz")).json, { status: "ready" })
      const docs = yield* call("GET", "/docs")
      assert.strictEqual(docs.status, 200)
      assert.notMatch(docs.text.slice(0, 2000), /src="https?:/)
    }))
})
