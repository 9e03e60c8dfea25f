import { TaskStore } from "@effect-postmark/core/TaskStore"
import { assert, describe, it } from "@effect/vitest"
import { Context, Duration, Effect, Schema } from "effect"
import { codeOf, email, start, tokens } from "./support/harness.ts"
import { delivery } from "./support/webhooks.ts"

const secret = "Bearer webhook-secret-one"

const WithKey = Schema.decodeUnknownSync(Schema.Struct({ key: Schema.String }))
const Sweep = Schema.decodeUnknownSync(Schema.Struct({
  id: Schema.String,
  finishedAt: Schema.NullOr(Schema.String),
  failure: Schema.NullOr(Schema.String),
  report: Schema.NullOr(Schema.Struct({ added: Schema.Record({ key: Schema.String, value: Schema.Int }) }))
}))

const setUp = (options: Parameters<typeof start>[0] = {}) =>
  Effect.gen(function*() {
    const server = yield* start(options)
    const id = yield* server.connect(tokens.acme)
    yield* server.call("POST", `/v1/connections/${id}/triggers`, {
      body: { trigger: "postmark/email-delivered", secret }
    })
    const scopedKey = Effect.gen(function*() {
      const other = yield* server.connect(tokens.other, "Other")
      return WithKey((yield* server.call("POST", "/v1/api-keys", { body: { name: "o", connections: [other] } })).json)
        .key
    })
    return { ...server, id, base: `/v1/connections/${id}`, scopedKey }
  })

describe("gap-fill over HTTP", () => {
  it.scopedLive("stores what was missed, and answers and lists the report", () =>
    Effect.gen(function*() {
      const { base, call, double, scopedKey } = yield* setUp()
      yield* call("POST", `${base}/actions/send-email`, { body: email })
      yield* double.settled
      const swept = yield* call("POST", `${base}/gap-fill`, { body: {} })
      assert.strictEqual(swept.status, 200, swept.text)
      const { failure, finishedAt, id, report } = Sweep(swept.json)
      assert.deepStrictEqual([failure, report?.added], [null, { "postmark/email-delivered": 1 }])
      assert.isNotNull(finishedAt)
      assert.include((yield* call("GET", "/v1/events")).text, "\"source\":\"backfill\"")
      const state = yield* call("GET", `${base}/gap-fill?limit=1`)
      assert.deepInclude(Object(state.json), { isSweeping: false })
      assert.include(Object.keys(Object(state.json).through), "deliveries")
      assert.strictEqual(Object(state.json).sweeps[0].id, id)
      const failed = yield* call("POST", `${base}/gap-fill`, { body: { from: "yesterday" } })
      assert.deepStrictEqual([failed.status, codeOf(failed)], [422, "validation_failure"])
      assert.strictEqual((yield* call("GET", `${base}/gap-fill?limit=0`)).status, 422)
      const refused = yield* call("GET", `${base}/gap-fill`, { key: yield* scopedKey })
      assert.deepStrictEqual([refused.status, codeOf(refused)], [404, "connection_not_found"])
    }))
})

describe("retention over HTTP", () => {
  it.scopedLive("shows the settings, and runs for an admin", () =>
    Effect.gen(function*() {
      const { call, context, scopedKey } = yield* setUp({
        settings: { retention: { events: Duration.infinity, rawBodies: "7 days" } }
      })
      const { json } = yield* call("GET", "/v1/retention")
      assert.deepInclude(Object(json).kinds, { kind: "events", keepSeconds: null })
      assert.deepInclude(Object(json).kinds, { kind: "raw_bodies", keepSeconds: 7 * 86_400 })
      assert.deepInclude(Object(json).kinds, { kind: "runs", keepSeconds: 90 * 86_400 })
      const ran = yield* call("POST", "/v1/retention/run")
      assert.strictEqual(ran.status, 200)
      assert.strictEqual(Object(ran.json).report.raw_bodies, 0)
      const after = yield* call("GET", "/v1/retention")
      assert.strictEqual(Object(after.json).passes[0].id, Object(ran.json).id)
      const refused = yield* call("POST", "/v1/retention/run", { key: yield* scopedKey })
      assert.deepStrictEqual([refused.status, codeOf(refused)], [403, "admin_only"])
      const records = Context.get(context, TaskStore)
      assert.strictEqual((yield* records.list({ kind: "retention", connectionId: null, limit: 10 })).length, 1)
    }))
})

describe("erasure over HTTP", () => {
  it.scopedLive("erases the address in the connection, and records how much", () =>
    Effect.gen(function*() {
      const { base, call, id, scopedKey } = yield* setUp()
      yield* call("POST", `/v1/webhooks/${id}`, {
        key: undefined,
        body: delivery("ann@example.org"),
        headers: { authorization: secret }
      })
      const erased = yield* call("POST", `${base}/erasures`, { body: { address: "Ann@example.org" } })
      assert.strictEqual(erased.status, 200, erased.text)
      assert.strictEqual(Object(erased.json).changed.events, 1)
      assert.notInclude((yield* call("GET", "/v1/events")).text, "ann@example.org")
      const listed = yield* call("GET", `${base}/erasures`)
      assert.notInclude(listed.text, "example.org")
      const erasure = Object(erased.json).id
      assert.strictEqual(Object(listed.json).erasures[0].id, erasure)
      assert.deepStrictEqual((yield* call("GET", `${base}/erasures/${erasure}`)).json, erased.json)
      const unknown = yield* call("GET", `${base}/erasures/era_1`)
      assert.deepStrictEqual([unknown.status, codeOf(unknown)], [404, "erasure_not_found"])
      const wrong = yield* call("POST", `${base}/erasures`, { body: { address: "Ann <ann@example.org>" } })
      assert.strictEqual(wrong.status, 422)
      assert.notInclude(wrong.text, "example.org")
      const refused = yield* call("GET", `${base}/erasures`, { key: yield* scopedKey })
      assert.strictEqual(refused.status, 404)
    }))
})
