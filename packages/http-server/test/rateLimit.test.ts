import { StoreUnavailable } from "@effect-postmark/core/StoreUnavailable"
import * as Vault from "@effect-postmark/core/Vault"
import { Caller } from "@effect-postmark/http-server/api/Authorization"
import type { ApiKey } from "@effect-postmark/http-server/ApiKeys"
import * as ApiMetrics from "@effect-postmark/http-server/ApiMetrics"
import * as RateLimitStore from "@effect-postmark/http-server/RateLimitStore"
import { HttpServerRequest, HttpServerResponse } from "@effect/platform"
import { assert, describe, it } from "@effect/vitest"
import { Effect, FastCheck, Metric, Option, Redacted, Schema, TestClock } from "effect"
import * as RequestLimit from "../src/internal/guard/rateLimit.ts"
import { database } from "./support/database.ts"
import { caller, codeOf, email, start, tokens } from "./support/harness.ts"

const Created = Schema.decodeUnknownSync(
  Schema.Struct({ apiKey: Schema.Struct({ id: Schema.String }), key: Schema.String })
)

describe("the rate limit of an API key", () => {
  it.scopedLive("answers 429 without doing anything, counts each key apart, and leaves webhooks alone", () =>
    Effect.gen(function*() {
      const { call, connect, double } = yield* start()
      const id = yield* connect(tokens.acme)
      const made = yield* call("POST", "/v1/api-keys", {
        body: { name: "robot", connections: [id], rateLimit: 3 }
      })
      const { key } = Created(made.json)
      const send = call("POST", `/v1/connections/${id}/actions/send-email`, { key, body: email })
      for (const left of [2, 1, 0]) {
        const sent = yield* send
        assert.strictEqual(sent.status, 200)
        assert.strictEqual(sent.headers.get("ratelimit-policy"), "\"api-key\";q=3;w=60")
        assert.match(sent.headers.get("ratelimit") ?? "", new RegExp(`^"api-key";r=${left};t=\\d+$`))
      }
      const refused = yield* send
      assert.deepStrictEqual([refused.status, codeOf(refused)], [429, "rate_limit_exceeded"])
      assert.deepInclude(refused.json, { retryable: true, disposition: "notSent" })
      const wait = Number(refused.headers.get("retry-after"))
      assert.isTrue(wait >= 15 && wait <= 20, String(wait))
      assert.match(refused.headers.get("ratelimit") ?? "", /^"api-key";r=0;t=(5\d|60)$/)
      assert.strictEqual((yield* double.sent).length, 3)
      assert.strictEqual((yield* call("GET", "/v1/connections", { key })).status, 429)

      const admin = yield* call("GET", "/v1/connections")
      assert.strictEqual(admin.headers.get("ratelimit-policy"), "\"api-key\";q=6000;w=60")
      const open = yield* call("GET", "/healthz")
      assert.isNull(open.headers.get("ratelimit"))
      for (let round = 0; round < 5; round++) {
        assert.strictEqual((yield* call("POST", `/v1/webhooks/${id}`, { key, body: {} })).status, 401)
      }
    }))

  it.scopedLive("is one for all servers on a PostgreSQL database", () =>
    Effect.gen(function*() {
      const { url } = yield* database
      const apiKey = "an-admin-key-from-outside"
      const settings = {
        databaseUrl: Option.some(Redacted.make(url)),
        encryptionKeys: [{ id: "test", key: Vault.generateKey() }],
        apiKey: Option.some(Redacted.make(apiKey)),
        rateLimit: Option.some(2)
      }
      const first = yield* start({ settings })
      const second = yield* start({ settings: { ...settings, postmarkApiUrl: Option.some(first.doubleUrl) } })
      const servers = [first, second, first]
      const statuses = yield* Effect.forEach(servers, ({ url }) =>
        Effect.map(caller(url, apiKey)("GET", "/v1/connections"), ({ status }) => status))
      assert.deepStrictEqual(statuses, [200, 200, 429])
    }), 60_000)
})

const apiKey: ApiKey = {
  id: "key_1",
  name: "robot",
  connections: null,
  scopes: ["read"],
  rateLimit: null,
  createdAt: "2026-01-01T00:00:00.000Z",
  expiresAt: null,
  lastUsedAt: null,
  revokedAt: null
}

/** A call through the guard alone; its status and headers. */
const through = (store: RateLimitStore.Service, perMinute: number | null) =>
  Effect.map(RequestLimit.make(store, { perMinute }), (guard) => {
    const endpoint = { name: "connections.list", access: "read" as const, repeat: undefined }
    const route = { path: "/v1/connections", pattern: /x/, methods: ["GET"], endpoints: new Map([["GET", endpoint]]) }
    const request = HttpServerRequest.fromWeb(new Request("http://localhost/v1/connections"))
    return guard({ request, requestId: "request", route, endpoint })(Effect.succeed(HttpServerResponse.empty())).pipe(
      Effect.provideService(Caller, apiKey)
    )
  })

describe("the guard of the rate limit", () => {
  it.effect.prop(
    "lets through what it promised, and no more than a full bucket besides what comes back",
    [
      FastCheck.integer({ min: 1, max: 40 }),
      FastCheck.array(FastCheck.integer({ min: 0, max: 20_000 }), { minLength: 5, maxLength: 60 })
    ],
    ([limit, pauses]) =>
      Effect.gen(function*() {
        const call = yield* through(yield* RateLimitStore.makeMemory, limit)
        let elapsed = 0
        let allowed = 0
        let promised = limit
        for (const pause of pauses) {
          yield* TestClock.adjust(pause)
          elapsed += pause
          const { headers, status } = yield* call
          if (promised > 0) assert.strictEqual(status, 204)
          promised = Number(/r=(\d+)/.exec(headers["ratelimit"] ?? "")?.[1])
          if (status === 204) {
            allowed++
          } else {
            assert.strictEqual(promised, 0)
            assert.isAtLeast(Number(headers["retry-after"]), 1)
          }
        }
        assert.isAtMost(allowed, limit + Math.ceil(elapsed * limit / 60_000))
      }),
    { fastCheck: { numRuns: 60 } }
  )

  it.effect("waits as long as it says", () =>
    Effect.gen(function*() {
      const call = yield* through(yield* RateLimitStore.makeMemory, 7)
      for (let round = 0; round < 7; round++) assert.strictEqual((yield* call).status, 204)
      const refused = yield* call
      assert.strictEqual(refused.status, 429)
      yield* TestClock.adjust(`${Number(refused.headers["retry-after"])} seconds`)
      assert.strictEqual((yield* call).status, 204)
    }))

  it.effect("limits by itself while the store does not answer, and says that it does", () =>
    Effect.gen(function*() {
      const unavailable = new StoreUnavailable({ store: "rate limit", operation: "take" })
      const before = (yield* Metric.value(ApiMetrics.rateLimitFallbacks)).count
      const call = yield* through({ take: () => Effect.fail(unavailable) }, 2)
      const statuses = [(yield* call).status, (yield* call).status, (yield* call).status]
      assert.deepStrictEqual(statuses, [204, 204, 429])
      assert.strictEqual((yield* Metric.value(ApiMetrics.rateLimitFallbacks)).count, before + 3)
    }))

  it.effect("limits nothing without a limit", () =>
    Effect.gen(function*() {
      const call = yield* through({ take: () => Effect.die("not asked") }, null)
      const response = yield* call
      assert.strictEqual(response.status, 204)
      assert.isUndefined(response.headers["ratelimit"])
    }))
})
