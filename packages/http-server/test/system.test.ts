import * as RelayMetrics from "@effect-postmark/automation/RelayMetrics"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Metric, Option, Redacted, TestClock } from "effect"
import * as StandaloneReadiness from "../src/internal/standaloneReadiness.ts"
import { codeOf, email, start, tokens } from "./support/harness.ts"
import { raw, statusOf } from "./support/raw.ts"
import { delivery } from "./support/webhooks.ts"

const token = "a-token-for-the-scraper"

/** The value of one series. */
const valueOf = (text: string, series: string): number | undefined => {
  const line = text.split("\n").find((one) => one.startsWith(`${series} `))
  return line === undefined ? undefined : Number(line.slice(series.length + 1))
}

describe("GET /metrics", () => {
  it.scopedLive("counts requests by route, method and status, sends by outcome, and webhooks by result", () =>
    Effect.gen(function*() {
      const { call, connect } = yield* start()
      const metrics = Effect.map(call("GET", "/metrics", { key: undefined }), ({ text }) => text)
      const before = yield* metrics
      const id = yield* connect(tokens.acme)
      assert.strictEqual((yield* call("POST", `/v1/connections/${id}/actions/send-email`, { body: email })).status, 200)
      yield* call("POST", `/v1/connections/${id}/triggers`, {
        body: { trigger: "postmark/email-delivered", secret: "Bearer counted" }
      })
      yield* call("POST", `/v1/webhooks/${id}`, { key: "counted", body: delivery(email.to) })
      yield* call("POST", `/v1/webhooks/${id}`, { key: "wrong", body: delivery(email.to) })
      yield* call("GET", "/v1/nowhere/canary")
      yield* call("PUT", `/v1/connections/${id}`)
      const after = yield* metrics
      const gained = (series: string) => (valueOf(after, series) ?? 0) - (valueOf(before, series) ?? 0)
      assert.deepStrictEqual({
        sent: gained("postmark_messages_total{outcome=\"accepted\"}"),
        stored: gained("postmark_webhooks_total{result=\"stored\"}"),
        refused: gained("postmark_webhooks_total{result=\"unauthorized\"}"),
        connects: gained("postmark_server_requests_total{route=\"/v1/connections\",method=\"POST\",status=\"201\"}"),
        lost: gained("postmark_server_requests_total{route=\"none\",method=\"other\",status=\"404\"}"),
        put: gained("postmark_server_requests_total{route=\"/v1/connections/:id\",method=\"other\",status=\"405\"}")
      }, { sent: 1, stored: 1, refused: 1, connects: 1, lost: 1, put: 1 })
      assert.isAbove(gained("postmark_store_duration_seconds_count{store=\"event\"}"), 0)
      for (const secret of [id, email.to, tokens.acme, "canary"]) assert.notInclude(after, secret)
    }))

  it.scopedLive("has the process's memory, processor time and event loop delay", () =>
    Effect.gen(function*() {
      const { call } = yield* start()
      const response = yield* call("GET", "/metrics")
      assert.strictEqual(response.headers.get("content-type"), "text/plain; version=0.0.4; charset=utf-8")
      for (
        const name of [
          "process_resident_memory_bytes",
          "process_cpu_seconds_total",
          "process_start_time_seconds",
          "nodejs_eventloop_delay_seconds{quantile=\"0.99\"}",
          "postmark_store_up",
          "postmark_relay_attempts_total{result=\"dead\"}",
          "postmark_messages_total{outcome=\"unknown\"}"
        ]
      ) {
        assert.isAtLeast(valueOf(response.text, name) ?? -1, 0, name)
      }
    }))

  it.scopedLive("without a token is for the server's own machine, and not for a proxy on it", () =>
    Effect.gen(function*() {
      const { call } = yield* start()
      assert.strictEqual((yield* call("GET", "/metrics", { key: undefined })).status, 200)
      for (const header of ["X-Forwarded-For", "Forwarded", "Via"]) {
        const response = yield* call("GET", "/metrics", { key: undefined, headers: { [header]: "for=192.0.2.7" } })
        assert.deepStrictEqual([response.status, codeOf(response)], [401, "unauthorized"])
        assert.include(response.text, "EFFECT_POSTMARK_METRICS_TOKEN")
      }
    }))

  it.scopedLive("with a token requires it from everybody", () =>
    Effect.gen(function*() {
      const { call, key, url } = yield* start({ settings: { metricsToken: Option.some(Redacted.make(token)) } })
      assert.strictEqual((yield* call("GET", "/metrics", { key: token })).status, 200)
      for (const wrong of [undefined, key, `${token}x`, token.slice(1)]) {
        assert.strictEqual((yield* call("GET", "/metrics", { key: wrong })).status, 401)
      }
      const twice = yield* raw(url, [
        "GET /metrics HTTP/1.1",
        `Authorization: Bearer ${token}`,
        `Authorization: Bearer ${token}`
      ])
      assert.strictEqual(statusOf(twice), 401)
      assert.strictEqual((yield* call("GET", "/v1/connections", { key: token })).status, 401)
    }))
})

describe("GET /readyz", () => {
  it.scopedLive("says what is ready", () =>
    Effect.gen(function*() {
      const { call } = yield* start()
      const ready = yield* call("GET", "/readyz", { key: undefined })
      assert.deepStrictEqual(ready.json, {
        status: "ready",
        checks: ["store", "migrations", "relay"].map((name) => ({ name, status: "ok" }))
      })
    }))

  it.effect("says that tables are missing, and that the relay has stopped", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(1_000_000)
      const [migrations, relay] = yield* StandaloneReadiness.checks({
        storage: Effect.succeed({ tables: 7, expected: 8 }),
        relayPoll: undefined
      })
      if (migrations === undefined || relay === undefined) return assert.fail("a check is missing")
      assert.include((yield* Effect.flip(migrations.check)).message, "migration 7 of 8")
      assert.isTrue(relay.isOptional)
      yield* Metric.set(RelayMetrics.lastRound, 1_000)
      yield* relay.check
      yield* TestClock.adjust("90 seconds")
      assert.include((yield* Effect.flip(relay.check)).message, "has not looked for due events for 90 seconds")
      yield* Metric.set(RelayMetrics.lastRound, 1_080)
      yield* relay.check
    }))
})
