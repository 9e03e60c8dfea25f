import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { gzipSync } from "node:zlib"
import { codeOf, start, tokens } from "./support/harness.ts"
import { delivery } from "./support/webhooks.ts"

const secret = "Bearer webhook-secret-one"

const List = Schema.decodeUnknownSync(Schema.Struct({
  quarantined: Schema.Array(Schema.Struct({
    connectionId: Schema.String,
    receivedAt: Schema.String,
    reason: Schema.String,
    encoding: Schema.String,
    body: Schema.String
  }))
}))

const subscribed = Effect.gen(function*() {
  const server = yield* start()
  const id = yield* server.connect(tokens.acme)
  yield* server.call("POST", `/v1/connections/${id}/triggers`, { body: { trigger: "email-delivered", secret } })
  const post = (body: string | Uint8Array<ArrayBuffer>, headers: Readonly<Record<string, string>> = {}) =>
    server.call("POST", `/v1/webhooks/${id}`, {
      key: undefined,
      text: body,
      headers: { authorization: secret, ...headers }
    })
  const quarantine = (query = "") =>
    Effect.map(server.call("GET", `/v1/quarantine${query}`), ({ json }) => List(json).quarantined)
  return { ...server, id, post, quarantine }
})

const gzipped = new Uint8Array(gzipSync(JSON.stringify(delivery("reader@example.org"))))

describe("the quarantine", () => {
  it.scopedLive("stores a compressed body whole, and names the unsupported encoding", () =>
    Effect.gen(function*() {
      const { call, id, post, quarantine } = yield* subscribed
      for (const [encoding, reason] of [["gzip", "Content-Encoding gzip"], ["BR", "Content-Encoding br"]] as const) {
        const refused = yield* post(gzipped, { "content-encoding": encoding })
        assert.strictEqual(refused.status, 400)
        assert.include(refused.text, `${reason} is not supported`)
      }
      assert.include((yield* post(gzipped)).text, "gzip without a Content-Encoding is not supported")
      const kept = yield* quarantine()
      assert.deepStrictEqual(kept.map(({ connectionId, encoding }) => [connectionId, encoding]), [
        [id, "base64"],
        [id, "base64"],
        [id, "base64"]
      ])
      assert.strictEqual(kept[0]?.body, Buffer.from(gzipped).toString("base64"))
      assert.notInclude((yield* call("GET", "/v1/events")).text, "reader@example.org")
    }))

  it.scopedLive("skips a body that is plain JSON, whatever its Content-Encoding header says", () =>
    Effect.gen(function*() {
      const { post, quarantine } = yield* subscribed
      for (const encoding of ["identity", "gzip"]) {
        const body = JSON.stringify(delivery(`${encoding}@example.org`))
        assert.strictEqual((yield* post(body, { "content-encoding": encoding })).status, 200, encoding)
      }
      assert.deepStrictEqual(yield* quarantine(), [])
    }))

  it.scopedLive("stores no body without the secret, in any encoding", () =>
    Effect.gen(function*() {
      const { post, quarantine } = yield* subscribed
      const responses = yield* Effect.all([
        post(gzipped, { authorization: "Bearer wrong", "content-encoding": "gzip", "x-request-id": "same" }),
        post("{}", { authorization: "Bearer wrong", "x-request-id": "same" })
      ])
      assert.deepStrictEqual(responses.map(({ status }) => status), [401, 401])
      assert.strictEqual(responses[0].text, responses[1].text)
      assert.deepStrictEqual(yield* quarantine(), [])
    }))

  it.scopedLive("says how much of a long body is stored", () =>
    Effect.gen(function*() {
      const { post, quarantine } = yield* subscribed
      yield* post("x".repeat(70_000))
      const [entry] = yield* quarantine()
      assert.strictEqual(entry?.reason, "not JSON; the first 65536 of 70000 bytes are kept")
      assert.strictEqual(entry?.body.length, 65536)
      assert.strictEqual(entry?.encoding, "text")
    }))

  it.scopedLive("is listed newest first, by connection and by limit, for admin keys only", () =>
    Effect.gen(function*() {
      const { call, connect, id, post, quarantine } = yield* subscribed
      const other = yield* connect(tokens.other, "Other")
      yield* post("one")
      yield* post("two")
      assert.deepStrictEqual((yield* quarantine()).map(({ body }) => body), ["two", "one"])
      assert.deepStrictEqual((yield* quarantine("?limit=1")).map(({ body }) => body), ["two"])
      assert.strictEqual((yield* quarantine(`?connection=${id}`)).length, 2)
      assert.deepStrictEqual(yield* quarantine(`?connection=${other}`), [])
      const unknown = yield* call("GET", "/v1/quarantine?connection=con_unknown")
      assert.deepStrictEqual([unknown.status, codeOf(unknown)], [404, "connection_not_found"])
      for (const query of ["limit=0", "limit=1001", "limit=x", "limit=1&limit=2", "odd=1"]) {
        assert.strictEqual((yield* call("GET", `/v1/quarantine?${query}`)).status, 422, query)
      }
      const created = yield* call("POST", "/v1/api-keys", { body: { name: "robot", connections: [id] } })
      const { key } = Schema.decodeUnknownSync(Schema.Struct({ key: Schema.String }))(created.json)
      const forbidden = yield* call("GET", "/v1/quarantine", { key })
      assert.deepStrictEqual([forbidden.status, codeOf(forbidden)], [403, "admin_only"])
    }))
})
