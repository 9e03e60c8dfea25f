import * as Settings from "@effect-postmark/http-server/Settings"
import * as Standalone from "@effect-postmark/http-server/Standalone"
import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, Layer, Option, Redacted } from "effect"
import { caller, start, temporaryDirectory, tokens } from "./support/harness.ts"
import { raw, statusOf } from "./support/raw.ts"

describe("malformed requests", () => {
  it.scopedLive("never get a 500", () =>
    Effect.gen(function*() {
      const { call, key, url } = yield* start()
      const status = (line: string, ...headers: ReadonlyArray<string>) =>
        Effect.map(raw(url, [line, ...headers]), statusOf)
      const authorization = `Authorization: Bearer ${key}`
      assert.strictEqual(yield* status("GET //v1/connections HTTP/1.1", authorization), 404)
      assert.strictEqual(yield* status("GET /v1/connections/ HTTP/1.1", authorization), 404)
      assert.strictEqual(yield* status("GET http://elsewhere.example/v1/connections HTTP/1.1", authorization), 200)
      assert.strictEqual(yield* status("PUT http://elsewhere.example/v1/connections HTTP/1.1", authorization), 405)
      assert.strictEqual(yield* status("GET /v1/connections/%zz HTTP/1.1", authorization), 404)
      assert.strictEqual(yield* status("GET /v1/connections/%00 HTTP/1.1", authorization), 404)
      assert.strictEqual(yield* status("GET /v1/connections/..%2f..%2fetc HTTP/1.1", authorization), 404)
      assert.strictEqual(yield* status(`GET /v1/connections/${"x".repeat(5000)} HTTP/1.1`, authorization), 404)
      assert.strictEqual(yield* status("TRACE /v1/connections HTTP/1.1", authorization), 405)
      assert.strictEqual(yield* status("OPTIONS /v1/connections HTTP/1.1", authorization), 405)
      assert.strictEqual(yield* status("GET /v1/connections HTTP/1.1", `X-Filler: ${"x".repeat(17_000)}`), 431)
      assert.strictEqual(
        yield* status("GET /v1/connections HTTP/1.1", "X-HTTP-Method-Override: DELETE", authorization),
        200
      )
      assert.strictEqual((yield* call("GET", "/v1/connections")).status, 200)
    }))

  it.scopedLive("with an upgrade header are read as plain requests", () =>
    Effect.gen(function*() {
      const { call, connect, url } = yield* start()
      const id = yield* connect(tokens.acme)
      yield* call("POST", `/v1/connections/${id}/triggers`, {
        body: { trigger: "postmark/email-delivered", secret: "Bearer upgrade" }
      })
      const response = yield* raw(url, [
        `POST /v1/webhooks/${id} HTTP/1.1`,
        "Authorization: Bearer upgrade",
        "Connection: Upgrade",
        "Upgrade: websocket"
      ], "{}")
      assert.strictEqual(statusOf(response), 200)
    }))

  it.scopedLive("for the event log get a 422 that names the parameter", () =>
    Effect.gen(function*() {
      const { call, connect } = yield* start()
      const id = yield* connect(tokens.acme)
      const queries = [
        "limit=0",
        "limit=501",
        "limit=1.5",
        "limit=x",
        "limit=1&limit=2",
        "after=nonsense",
        "after=MTot",
        "offset=1"
      ]
      for (const query of queries) {
        const response = yield* call("GET", `/v1/events?${query}`)
        assert.strictEqual(response.status, 422, query)
        assert.include(response.text, `"path":["${query.split("=")[0]}"`)
      }
      const empty = yield* call("GET", `/v1/events?connection=${id}&limit=500`)
      assert.strictEqual(empty.status, 200)
      const again = yield* call("GET", `/v1/events?after=${Object(empty.json).nextCursor}`)
      assert.deepStrictEqual(again.json, { events: [], nextCursor: Object(empty.json).nextCursor })
    }))

  it.scopedLive(
    "whose body does not come in time get a 408, and their connection is closed",
    () =>
      Effect.gen(function*() {
        const { key, url } = yield* start()
        const authorization = `Authorization: Bearer ${key}`
        const [whole, lines] = yield* Effect.all(
          [
            raw(url, ["POST /v1/connections HTTP/1.1", authorization, "Transfer-Encoding: chunked"]),
            raw(url, [
              "POST /v1/connections/con_1/runs HTTP/1.1",
              authorization,
              "Content-Type: application/x-ndjson",
              "Transfer-Encoding: chunked"
            ])
          ],
          { concurrency: 2 }
        )
        for (const response of [whole, lines]) {
          assert.strictEqual(statusOf(response), 408)
          assert.include(response, "body_too_slow")
        }
      }),
    60_000
  )

  it.scopedLive("of 17 MB are rejected, and of 15 MB are stored", () =>
    Effect.gen(function*() {
      const { call, connect } = yield* start()
      const id = yield* connect(tokens.acme)
      yield* call("POST", `/v1/connections/${id}/triggers`, {
        body: { trigger: "postmark/email-bounced", secret: "Bearer large" }
      })
      const post = (megabytes: number) =>
        call("POST", `/v1/webhooks/${id}`, {
          key: "large",
          body: { RecordType: "Bounce", Content: "x".repeat(megabytes * 1024 * 1024) }
        })
      assert.strictEqual((yield* post(17)).status, 413)
      assert.strictEqual((yield* post(15)).status, 200)
    }))

  it.scopedLive("a second server on the same data fails with an error that names the file", () =>
    Effect.gen(function*() {
      const { dataDir } = yield* start()
      const error = yield* Effect.flip(Layer.build(Standalone.layer(Settings.make({ port: 0, dataDir }))))
      assert.strictEqual(error._tag, "StartFailure")
      assert.include(error.message, "effect-postmark.db")
    }))

  it.scopedLive("a revoked API key in the settings stops the start with an error", () =>
    Effect.gen(function*() {
      const apiKey = "an-admin-key-from-outside"
      const dataDir = yield* temporaryDirectory
      const settings = Settings.make({ port: 0, dataDir, apiKey: Option.some(Redacted.make(apiKey)) })
      yield* Effect.scoped(Effect.gen(function*() {
        const { url } = Context.get(yield* Layer.build(Standalone.layer(settings)), Standalone.Standalone)
        const call = caller(url, apiKey)
        const [own] = Object((yield* call("GET", "/v1/api-keys")).json).apiKeys
        const { key } = Object((yield* call("POST", "/v1/api-keys", { body: { name: "second" } })).json)
        assert.strictEqual((yield* call("POST", `/v1/api-keys/${own.id}/revoke`, { key })).status, 204)
      }))
      const error = yield* Effect.flip(Layer.build(Standalone.layer(settings)))
      assert.strictEqual(
        error.message,
        "EFFECT_POSTMARK_API_KEY cannot be used: the API key was revoked: choose another"
      )
    }))

  it.scopedLive("a port in use stops the start with an error", () =>
    Effect.gen(function*() {
      const { dataDir, url } = yield* start()
      const error = yield* Effect.flip(Layer.build(
        Standalone.layer(Settings.make({ port: Number(new URL(url).port), dataDir: `${dataDir}/other` }))
      ))
      assert.include(error.message, "EADDRINUSE")
    }))
})
