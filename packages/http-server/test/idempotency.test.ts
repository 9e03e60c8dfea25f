import * as Action from "@effect-postmark/core/Action"
import * as PostmarkError from "@effect-postmark/core/PostmarkError"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { readdirSync, readFileSync } from "node:fs"
import { request } from "node:http"
import { join } from "node:path"
import { codeOf, email, type HttpResponse, once, start, temporaryDirectory, tokens } from "./support/harness.ts"

const withKey = (key: string, body: unknown = email) => ({ body, headers: { "idempotency-key": key } })

const isReplayed = ({ headers }: HttpResponse) => headers.get("idempotent-replayed") === "true"

const setUp = (options: Parameters<typeof start>[0] = {}) =>
  Effect.gen(function*() {
    const server = yield* start({ policies: once, ...options })
    const id = yield* server.connect(tokens.acme)
    const path = `/v1/connections/${id}/actions/send-email`
    const send = (key: string, body: unknown = email) => server.call("POST", path, withKey(key, body))
    const sent = Effect.map(server.double.sent, (messages) => messages.length)
    return { ...server, id, path, send, sent }
  })

describe("a request with an Idempotency-Key", () => {
  it.scopedLive("is made once, and its repeats get the first response", () =>
    Effect.gen(function*() {
      const { call, path, send, sent } = yield* setUp()
      const first = yield* send("key-1")
      assert.strictEqual(first.status, 200)
      assert.isFalse(isReplayed(first))
      const again = yield* send("key-1")
      assert.isTrue(isReplayed(again))
      assert.deepStrictEqual([again.status, again.text], [200, first.text])
      assert.strictEqual(again.headers.get("content-type"), first.headers.get("content-type"))
      assert.notStrictEqual(again.headers.get("x-request-id"), first.headers.get("x-request-id"))
      const spaced = yield* call("POST", path, {
        text: JSON.stringify(Object.fromEntries(Object.entries(email).reverse()), null, 4),
        headers: { "idempotency-key": "\"key-1\"" }
      })
      assert.isTrue(isReplayed(spaced))
      assert.strictEqual(yield* sent, 1)
    }))

  it.scopedLive("is another request with another key, caller, route or connection", () =>
    Effect.gen(function*() {
      const { call, connect, id, path, send, sent } = yield* setUp()
      yield* send("key-1")
      assert.isFalse(isReplayed(yield* send("key-2")))
      assert.isFalse(isReplayed(yield* send("KEY-1")))
      const made = yield* call("POST", "/v1/api-keys", { body: { name: "robot", connections: [id] } })
      const robot = yield* call("POST", path, { ...withKey("key-1"), key: String(Object(made.json).key) })
      assert.isFalse(isReplayed(robot))
      const batch = yield* call(
        "POST",
        `/v1/connections/${id}/actions/send-email-batch`,
        withKey("key-1", { messages: [email] })
      )
      assert.deepStrictEqual([batch.status, isReplayed(batch)], [200, false])
      const other = yield* connect(tokens.other, "Other")
      assert.isFalse(isReplayed(yield* call("POST", `/v1/connections/${other}/actions/send-email`, withKey("key-1"))))
      assert.strictEqual(yield* sent, 6)
    }))

  it.scopedLive("is refused with a key that was used for another body or query", () =>
    Effect.gen(function*() {
      const { call, path, send, sent } = yield* setUp()
      yield* send("key-1")
      const other = yield* send("key-1", { ...email, subject: "Other" })
      assert.deepStrictEqual([other.status, codeOf(other)], [422, "idempotency_key_reused"])
      assert.deepInclude(other.json, { disposition: "notSent", retryable: false })
      const query = yield* call("POST", `${path}?a=1`, withKey("key-1"))
      assert.strictEqual(codeOf(query), "idempotency_key_reused")
      // One path has many spellings.
      const spelled = yield* call("POST", path.replace("/con_", "/%63on_"), withKey("key-1"))
      assert.isTrue(isReplayed(spelled))
      assert.strictEqual(yield* sent, 1)
    }))

  it.scopedLive("is refused with a malformed key, and sends nothing", () =>
    Effect.gen(function*() {
      const { call, path, send, sent, url, key } = yield* setUp()
      for (const bad of ["", " ", "x".repeat(256), "k\u00e9y", "\"", "\"open", "\"a\"b\"", "\"\"", "a\tb"]) {
        const refused = yield* send(bad)
        assert.deepStrictEqual([refused.status, codeOf(refused)], [400, "idempotency_key_invalid"], JSON.stringify(bad))
        assert.include(refused.text, "Idempotency-Key header must")
      }
      const twice = yield* Effect.async<number | undefined>((resume) => {
        const outgoing = request(`${url}${path}`, {
          method: "POST",
          headers: { authorization: `Bearer ${key}`, "idempotency-key": ["a", "b"] }
        }, (response) => {
          response.resume()
          resume(Effect.succeed(response.statusCode))
        })
        outgoing.end(JSON.stringify(email))
      })
      assert.strictEqual(twice, 400)
      assert.strictEqual(yield* sent, 0)
      for (const good of ["x".repeat(255), "!\"#~ \\", "\"a \\\"quoted\\\" \\\\ key\"", "0"]) {
        assert.strictEqual((yield* send(good)).status, 200, good)
      }
      assert.strictEqual((yield* call("GET", "/v1/connections", { headers: { "idempotency-key": "" } })).status, 200)
    }))

  it.scopedLive("is refused while the first is in progress", () =>
    Effect.gen(function*() {
      const { double, send, sent } = yield* setUp()
      yield* double.injectFault({
        path: "/email",
        first: 1,
        fault: { kind: "latency", millis: 3_000, phase: "after" }
      })
      const first = yield* Effect.fork(send("key-1"))
      yield* double.waitFor((view) => view.sent.length === 1)
      const second = yield* send("key-1")
      assert.deepStrictEqual([second.status, codeOf(second)], [409, "idempotency_in_progress"])
      assert.deepInclude(second.json, { disposition: "notSent", retryable: true })
      assert.match(second.headers.get("retry-after") ?? "", /^[1-6]$/)
      const other = yield* send("key-1", { ...email, subject: "Other" })
      assert.strictEqual(codeOf(other), "idempotency_key_reused")
      assert.strictEqual((yield* first).status, 200)
      assert.isTrue(isReplayed(yield* send("key-1")))
      assert.strictEqual(yield* sent, 1)
    }))

  it.scopedLive("is made once also when 50 come at the same time", () =>
    Effect.gen(function*() {
      const { send, sent } = yield* setUp()
      const all = yield* Effect.forEach(Array.from({ length: 50 }), () => send("key-1"), { concurrency: "unbounded" })
      assert.strictEqual(yield* sent, 1)
      const made = all.filter((response) => response.status === 200)
      assert.strictEqual(made.filter((response) => !isReplayed(response)).length, 1)
      assert.strictEqual(new Set(made.map(({ text }) => text)).size, 1)
      const waiting = all.filter((response) => response.status !== 200)
      assert.deepStrictEqual([...new Set(waiting.map((response) => response.status))].filter((one) => one !== 409), [])
    }))

  it.scopedLive("is made again after an answer that says that nothing happened", () =>
    Effect.gen(function*() {
      const { call, double, send, sent } = yield* setUp()
      for (
        const [index, fault] of ([
          { kind: "status", status: 503, body: { ErrorCode: 100, Message: "Maintenance" } },
          { kind: "status", status: 401, body: { ErrorCode: 10, Message: "Bad token" } },
          { kind: "body", status: 403, body: "<html>", contentType: "text/html" },
          { kind: "rateLimit", retryAfter: 1 }
        ] as const).entries()
      ) {
        yield* double.injectFault({ path: "/email", first: 1, fault })
        const refused = yield* send(`key-${index}`)
        assert.isAtLeast(refused.status, 424, fault.kind)
        yield* double.clearFaults
        const again = yield* send(`key-${index}`)
        assert.deepStrictEqual([again.status, isReplayed(again)], [200, false], fault.kind)
        assert.isTrue(isReplayed(yield* send(`key-${index}`)))
        assert.strictEqual(yield* sent, index + 1)
      }
      const missing = () => call("POST", "/v1/connections/con_x/actions/send-email", withKey("key-1"))
      assert.strictEqual((yield* missing()).status, 404)
      assert.isFalse(isReplayed(yield* missing()))
    }))

  it.scopedLive("is not made again after a rejection, nor after an unknown outcome", () =>
    Effect.gen(function*() {
      const { double, send, sent } = yield* setUp()
      const invalid = yield* send("key-1", { ...email, to: "nobody" })
      assert.strictEqual(invalid.status, 422)
      const again = yield* send("key-1", { ...email, to: "nobody" })
      assert.deepStrictEqual([again.status, again.text, isReplayed(again)], [422, invalid.text, true])
      assert.strictEqual(again.headers.get("content-type"), "application/problem+json")

      yield* double.injectFault({ path: "/email", first: 1, fault: { kind: "resetAfterAcceptance" } })
      const lost = yield* send("key-2")
      assert.strictEqual(lost.status, 504)
      const repeated = yield* send("key-2")
      assert.deepStrictEqual([repeated.status, repeated.text, isReplayed(repeated)], [504, lost.text, true])
      assert.strictEqual(repeated.headers.get("link"), lost.headers.get("link"))
      assert.strictEqual(yield* sent, 1)
    }))

  it.scopedLive("is finished although its client goes away", () =>
    Effect.gen(function*() {
      const { double, key, path, send, sent, url } = yield* setUp()
      yield* double.injectFault({ path: "/email", first: 1, fault: { kind: "latency", millis: 300, phase: "after" } })
      yield* Effect.async<void>((resume) => {
        const outgoing = request(`${url}${path}`, {
          method: "POST",
          headers: { authorization: `Bearer ${key}`, "idempotency-key": "key-1" }
        })
        outgoing.on("error", () => resume(Effect.void))
        outgoing.end(JSON.stringify(email))
        Effect.runFork(Effect.zipRight(
          double.waitFor((view) => view.sent.length === 1),
          Effect.sync(() => outgoing.destroy())
        ))
      })
      let response = yield* send("key-1")
      while (response.status === 409) {
        yield* Effect.sleep("50 millis")
        response = yield* send("key-1")
      }
      assert.deepStrictEqual([response.status, isReplayed(response)], [200, true])
      assert.strictEqual(yield* sent, 1)
    }))

  it.scopedLive("is remembered by a server that was restarted, and its secrets are encrypted", () =>
    Effect.gen(function*() {
      const dataDir = yield* temporaryDirectory
      const create = { ...withKey("create-1", { name: "robot" }) }
      const first = yield* Effect.scoped(Effect.gen(function*() {
        const { call, connect } = yield* start({ settings: { dataDir } })
        const id = yield* connect(tokens.acme)
        const target = yield* call("POST", `/v1/connections/${id}/relay-targets`, {
          ...withKey("target-1", { trigger: "postmark/email-bounced", url: "https://example.com/hook" })
        })
        const trigger = yield* call("POST", `/v1/connections/${id}/triggers`, {
          ...withKey("trigger-1", { trigger: "postmark/email-bounced" })
        })
        return [yield* call("POST", "/v1/api-keys", create), target, trigger]
      }))
      const secrets = first.map(({ json, status }) => {
        assert.strictEqual(status, 201)
        return String(Object(json).key ?? Object(json).secret ?? Object(json).generatedSecret)
      })
      for (const file of readdirSync(dataDir)) {
        const bytes = readFileSync(join(dataDir, file)).toString("latin1")
        for (const secret of secrets) assert.notInclude(bytes, secret, file)
        for (const key of ["create-1", "target-1", "trigger-1"]) assert.notInclude(bytes, key, file)
      }
      const { call } = yield* start({ settings: { dataDir } })
      const again = yield* call("POST", "/v1/api-keys", create)
      assert.deepStrictEqual([again.status, again.text, isReplayed(again)], [201, first[0]?.text, true])
      const list = yield* call("GET", "/v1/api-keys")
      assert.strictEqual(Object(list.json).apiKeys.length, 2)
    }))

  it.scopedLive("gets an empty response again", () =>
    Effect.gen(function*() {
      const { call, id } = yield* setUp()
      const made = yield* call("POST", `/v1/connections/${id}/relay-targets`, {
        body: { trigger: "postmark/email-bounced", url: "https://example.com/hook" }
      })
      const path = `/v1/connections/${id}/relay-targets/${Object(made.json).target.id}`
      const remove = () => call("DELETE", path, withKey("remove-1", undefined))
      assert.strictEqual((yield* remove()).status, 204)
      const again = yield* remove()
      assert.deepStrictEqual([again.status, again.text, isReplayed(again)], [204, "", true])
      assert.strictEqual((yield* call("DELETE", path)).status, 404)
    }))

  it.scopedLive("is rejected with a body over the limit of its route", () =>
    Effect.gen(function*() {
      const { call, send } = yield* setUp({ server: { maxActionBytes: 2_000_000 } })
      assert.strictEqual((yield* send("key-1", { ...email, textBody: "x".repeat(1_500_000) })).status, 200)
      assert.strictEqual((yield* send("key-2", { ...email, textBody: "x".repeat(2_500_000) })).status, 413)
      assert.strictEqual(
        (yield* call("POST", "/v1/api-keys", withKey("k", { name: "x".repeat(1_100_000) }))).status,
        413
      )
    }))
})

describe("an action of one's own", () => {
  const make = (calls: Array<string>, gate: Effect.Effect<void>) =>
    Action.handle(
      Action.make("example/charge", {
        title: "Charge",
        description: "Does something that is not a send",
        readOnly: false,
        idempotent: false,
        payload: Schema.Struct({ text: Schema.String }),
        success: Schema.Struct({ number: Schema.Number }),
        error: PostmarkError.ReadError
      }),
      ({ text }) =>
        Effect.zipRight(
          gate,
          Effect.sync(() => {
            calls.push(text)
            return { number: calls.length }
          })
        )
    )

  it.scopedLive("is made once; after a defect its repeat says that it may have been carried out", () =>
    Effect.gen(function*() {
      const calls: Array<string> = []
      const { call, id } = yield* setUp({
        actions: [make(calls, Effect.suspend(() => calls.length === 1 ? Effect.die("broken") : Effect.void))]
      })
      const charge = (key: string) => call("POST", `/v1/connections/${id}/actions/charge`, withKey(key, { text: "a" }))
      assert.deepStrictEqual((yield* charge("one")).json, { number: 1 })
      assert.deepStrictEqual((yield* charge("one")).json, { number: 1 })
      assert.strictEqual((yield* charge("two")).status, 500)
      const repeat = yield* charge("two")
      assert.deepStrictEqual([repeat.status, codeOf(repeat)], [504, "change_unknown"])
      assert.deepInclude(repeat.json, { disposition: "unknown", retryable: false })
      assert.strictEqual(calls.length, 1)
    }))
})
