import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Schema } from "effect"
import { createServer } from "node:http"
import { Webhook } from "standardwebhooks"
import { codeOf, start, tokens } from "./support/harness.ts"
import { bounceText } from "./support/webhooks.ts"

const secret = "Bearer webhook-secret-one"
const trigger = "postmark/email-bounced"

const Made = Schema.decodeUnknownSync(
  Schema.Struct({ target: Schema.Struct({ id: Schema.String, state: Schema.String }), secret: Schema.String })
)
const Deliveries = Schema.decodeUnknownSync(Schema.Struct({
  deliveries: Schema.Array(Schema.Struct({ sequence: Schema.Int, state: Schema.String })),
  nextAfter: Schema.NullOr(Schema.Int)
}))
const Attempts = Schema.decodeUnknownSync(Schema.Struct({
  attempts: Schema.Array(Schema.Struct({
    status: Schema.NullOr(Schema.Int),
    failure: Schema.NullOr(Schema.String),
    response: Schema.String
  }))
}))

interface Received {
  readonly headers: Record<string, string>
  readonly body: string
}

/** A target of a workflow: it answers with `status`, and gives each request to who waits for it. */
const receiver = Effect.gen(function*() {
  const state = { status: 204, next: yield* Deferred.make<Received>() }
  const server = createServer((request, response) => {
    let body = ""
    request.setEncoding("utf8").on("data", (chunk: string) => (body += chunk)).on("end", () => {
      const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]))
      response.writeHead(state.status).end("thanks")
      Deferred.unsafeDone(state.next, Effect.succeed({ headers, body }))
    })
  })
  yield* Effect.acquireRelease(
    Effect.async<void>((resume) => void server.listen(0, "127.0.0.1", () => resume(Effect.void))),
    () => Effect.sync(() => (server.closeAllConnections(), server.close()))
  )
  const address = server.address()
  const port = typeof address === "object" && address !== null ? address.port : 0
  return {
    port,
    url: `http://127.0.0.1:${port}/bounces`,
    answer: (status: number) => Effect.sync(() => (state.status = status)),
    /** The next request, from the call on. */
    expectOne: Effect.map(Deferred.make<Received>(), (next) => {
      state.next = next
      return Deferred.await(next)
    })
  }
})

const setUp = Effect.gen(function*() {
  const target = yield* receiver
  const server = yield* start({
    settings: { relayHosts: ["127.0.0.1"], relayPorts: [target.port] },
    relay: { ladder: ["0 seconds"] }
  })
  const id = yield* server.connect(tokens.acme)
  yield* server.call("POST", `/v1/connections/${id}/triggers`, { body: { trigger, secret } })
  const base = `/v1/connections/${id}/relay-targets`
  const bounce = (bounceId: string) =>
    server.call("POST", `/v1/webhooks/${id}`, {
      key: undefined,
      text: bounceText(bounceId),
      headers: { authorization: secret }
    })
  return { ...server, id, base, bounce, target }
})

describe("relay targets over HTTP", () => {
  it.scopedLive("receive an event, signed; a dead letter is listed and replayed with the same id", () =>
    Effect.gen(function*() {
      const { base, bounce, call, target } = yield* setUp
      const created = yield* call("POST", base, { body: { trigger, url: target.url } })
      assert.strictEqual(created.status, 201)
      const { secret: signingSecret, target: { id } } = Made(created.json)
      const first = yield* target.expectOne
      assert.strictEqual((yield* bounce("1600123456")).status, 200)
      const received = yield* first
      new Webhook(signingSecret).verify(received.body, received.headers)
      assert.include(received.body, "\"bounceId\":\"1600123456\"")

      yield* target.answer(500)
      const second = yield* target.expectOne
      yield* bounce("1600123457")
      const failed = yield* second
      const dead = yield* call("GET", `${base}/${id}/deliveries`).pipe(
        Effect.map(({ json }) => Deliveries(json).deliveries),
        Effect.repeat({ until: (found) => found.length > 0 })
      )
      assert.deepStrictEqual(dead, [{ sequence: 2, state: "dead" }])
      const attempts = yield* call("GET", `${base}/${id}/deliveries/2/attempts`)
      assert.deepStrictEqual(Attempts(attempts.json).attempts, [
        { status: 500, failure: "http_status", response: "thanks" }
      ])
      yield* target.answer(204)
      const third = yield* target.expectOne
      const replayed = yield* call("POST", `${base}/${id}/replay`, { body: { sequences: [2] } })
      assert.deepStrictEqual(replayed.json, { replayed: 1 })
      const again = yield* third
      assert.strictEqual(again.headers["webhook-id"], failed.headers["webhook-id"])
      const delivered = yield* call("GET", `${base}/${id}/deliveries?state=delivered&limit=1`).pipe(
        Effect.map(({ json }) => Deliveries(json))
      )
      assert.deepStrictEqual(delivered, { deliveries: [{ sequence: 1, state: "delivered" }], nextAfter: 1 })
    }))

  it.scopedLive("are changed, disabled, rotated, tested and deleted", () =>
    Effect.gen(function*() {
      const { base, call, target } = yield* setUp
      const { secret: oldSecret, target: { id } } = Made(
        (yield* call("POST", base, { body: { trigger, url: target.url } })).json
      )
      const disabled = yield* call("PATCH", `${base}/${id}`, { body: { state: "disabled", url: `${target.url}/2` } })
      assert.deepInclude(disabled.json, { state: "disabled", disabledReason: "manual", url: `${target.url}/2` })
      const rotated = Made((yield* call("POST", `${base}/${id}/rotate-secret`)).json)
      const test = yield* target.expectOne
      assert.deepInclude((yield* call("POST", `${base}/${id}/test`)).json, { status: 204, failure: null })
      const { body, headers } = yield* test
      for (const one of [oldSecret, rotated.secret]) new Webhook(one).verify(body, headers)
      assert.strictEqual((yield* call("POST", `${base}/${id}/finish-rotation`)).status, 204)
      assert.deepInclude((yield* call("PATCH", `${base}/${id}`, { body: { state: "active" } })).json, {
        state: "active"
      })
      const listed = yield* call("GET", base)
      assert.include(listed.text, id)
      for (const one of [oldSecret, rotated.secret]) assert.notInclude(listed.text, one)
      assert.strictEqual((yield* call("DELETE", `${base}/${id}`)).status, 204)
      const gone = yield* call("GET", `${base}/${id}`)
      assert.deepStrictEqual([gone.status, codeOf(gone)], [404, "relay_target_not_found"])
    }))

  it.scopedLive("refuse addresses that are not public, unknown triggers, a second one with the same URL, and bad input", () =>
    Effect.gen(function*() {
      const { base, call, target } = yield* setUp
      const create = (body: unknown) => call("POST", base, { body })
      for (
        const url of [
          "http://169.254.169.254/latest",
          "http://[::ffff:10.0.0.1]/",
          "http://2130706433:9/",
          "http://user:pass@example.com/",
          "ftp://example.com/",
          "https://example.com:22/",
          "not a url"
        ]
      ) {
        const refused = yield* create({ trigger, url })
        assert.deepStrictEqual([refused.status, codeOf(refused)], [422, "validation_failure"], url)
        assert.notInclude(refused.text, "user:pass")
      }
      assert.include((yield* create({ trigger: "email-eaten", url: target.url })).text, "postmark/email-bounced")
      yield* create({ trigger, url: target.url })
      const twice = yield* create({ trigger, url: target.url })
      assert.deepStrictEqual([twice.status, codeOf(twice)], [409, "relay_target_exists"])
      const { target: { id } } = Made((yield* create({ trigger, url: `${target.url}/b` })).json)
      for (
        const path of [`${id}/deliveries?state=lost`, `${id}/deliveries?limit=0`, `${id}/deliveries/1.5/attempts`]
      ) assert.strictEqual((yield* call("GET", `${base}/${path}`)).status, 422, path)
      const replay = yield* call("POST", `${base}/${id}/replay`, { body: { from: "yesterday" } })
      assert.include(replay.text, "must be a time in UTC")
      const moved = yield* call("PATCH", `${base}/${id}`, { body: { url: "http://10.0.0.1/" } })
      assert.strictEqual(moved.status, 422)
    }))

  it.scopedLive("cannot be seen or changed through another connection, or by a key of another connection", () =>
    Effect.gen(function*() {
      const { base, call, connect, target } = yield* setUp
      const { target: { id } } = Made((yield* call("POST", base, { body: { trigger, url: target.url } })).json)
      const other = yield* connect(tokens.other, "Other")
      const through = yield* call("DELETE", `/v1/connections/${other}/relay-targets/${id}`)
      assert.deepStrictEqual([through.status, codeOf(through)], [404, "relay_target_not_found"])
      const made = yield* call("POST", "/v1/api-keys", { body: { name: "other", connections: [other] } })
      const { key } = Schema.decodeUnknownSync(Schema.Struct({ key: Schema.String }))(made.json)
      for (
        const [method, path] of [["GET", base], ["POST", `${base}/${id}/rotate-secret`], [
          "DELETE",
          `${base}/${id}`
        ]] as const
      ) {
        const refused = yield* call(method, path, { key })
        assert.deepStrictEqual([refused.status, codeOf(refused)], [404, "connection_not_found"], method)
      }
    }))
})
