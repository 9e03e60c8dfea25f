import * as Action from "@effect-postmark/core/Action"
import * as PostmarkError from "@effect-postmark/core/PostmarkError"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { codeOf, email, once, start, tokens } from "./support/harness.ts"

const Receipt = Schema.Struct({ messageId: Schema.String })

const Echo = Action.make("example/echo", {
  title: "Echo",
  description: "Returns its payload",
  readOnly: true,
  idempotent: true,
  payload: Schema.Struct({ text: Schema.String }),
  success: Schema.Struct({ text: Schema.String, big: Schema.Unknown }),
  error: PostmarkError.ReadError
})

const echo = Action.handle(Echo, ({ text }) => Effect.succeed({ text, big: 9007199254740993n }))

describe("actions over HTTP", () => {
  it.scopedLive("runs each of the six actions", () =>
    Effect.gen(function*() {
      const { call, connect, double } = yield* start()
      const id = yield* connect(tokens.acme)
      const run = (name: string, body: unknown) => call("POST", `/v1/connections/${id}/actions/${name}`, { body })
      yield* double.addTemplate({ alias: "welcome", subject: "Hi {{name}}", textBody: "Hello {{name}}" }, tokens.acme)

      const sent = yield* run("send-email", email)
      assert.strictEqual(sent.status, 200)
      const { messageId } = Schema.decodeUnknownSync(Receipt)(sent.json)

      const batch = yield* run("send-email-batch", { messages: [email, { ...email, to: "not@valid@example" }] })
      assert.strictEqual(batch.status, 422)
      const taken = yield* run("send-email-batch", { messages: [email, { ...email, to: "two@example.org" }] })
      assert.strictEqual(taken.text.split("\"_tag\":\"Accepted\"").length - 1, 2)

      const template = yield* run("send-email-with-template", {
        from: email.from,
        to: email.to,
        templateAlias: "welcome",
        templateModel: { name: "Ann" }
      })
      assert.strictEqual(template.status, 200)

      yield* double.settled
      const list = yield* run("list-outbound-messages", { count: 10 })
      assert.strictEqual(list.status, 200)
      assert.include(list.text, messageId)
      const details = yield* run("get-outbound-message-details", { messageId })
      assert.strictEqual(details.status, 200)
      assert.include(details.text, "Delivered")
      const stats = yield* run("get-outbound-stats", {})
      assert.strictEqual(stats.status, 200)
      assert.include(stats.text, "\"sent\":4")
    }))

  it.scopedLive("rejects an invalid payload, names each field, and sends nothing", () =>
    Effect.gen(function*() {
      const { call, connect, double } = yield* start()
      const id = yield* connect(tokens.acme)
      const run = (name: string, body: unknown) => call("POST", `/v1/connections/${id}/actions/${name}`, { body })
      const extra = yield* run("send-email", { ...email, From: "x" })
      assert.deepInclude(extra.json, {
        code: "validation_failure",
        retryable: false,
        disposition: "rejected",
        issues: [{ path: ["From"], message: "unknown field" }]
      })
      const many = yield* run("send-email-batch", { messages: Array.from({ length: 501 }, () => email) })
      assert.strictEqual(many.status, 422)
      const missing = yield* run("get-outbound-message-details", { messageId: "00000000-0000-4000-8000-000000000000" })
      assert.deepStrictEqual([missing.status, codeOf(missing)], [404, "not_found"])
      const notJson = yield* call("POST", `/v1/connections/${id}/actions/send-email`, { text: "to=a" })
      assert.deepStrictEqual([notJson.status, codeOf(notJson)], [400, "malformed_body"])
      assert.strictEqual((yield* run("no-such-action", {})).status, 404)
      assert.strictEqual((yield* call("POST", "/v1/connections/con_x/actions/send-email", { body: email })).status, 404)
      assert.strictEqual((yield* double.sent).length, 0)
    }))

  it.scopedLive("turns Postmark's errors into problems", () =>
    Effect.gen(function*() {
      const { call, connect, double } = yield* start({ policies: once })
      const id = yield* connect(tokens.acme)
      const send = call("POST", `/v1/connections/${id}/actions/send-email`, { body: email })
      const withFault = (fault: Parameters<typeof double.injectFault>[0]["fault"]) =>
        double.injectFault({ path: "/email", first: 1, fault }).pipe(
          Effect.zipRight(send),
          Effect.tap(double.clearFaults)
        )

      const maintenance = yield* withFault({
        kind: "status",
        status: 503,
        body: { ErrorCode: 100, Message: "Maintenance" }
      })
      assert.deepInclude(maintenance.json, { status: 503, code: "postmark_unavailable", retryable: true })
      const token = yield* withFault({ kind: "status", status: 401, body: { ErrorCode: 10, Message: "Bad token" } })
      assert.deepInclude(token.json, { status: 424, code: "invalid_token", retryable: false })
      const blocked = yield* withFault({
        kind: "body",
        status: 403,
        body: "<html>blocked</html>",
        contentType: "text/html"
      })
      assert.deepInclude(blocked.json, { status: 502, code: "request_refused", disposition: "rejected" })
      const lost = yield* withFault({ kind: "resetAfterAcceptance" })
      assert.deepInclude(lost.json, { status: 504, code: "outcome_unknown", retryable: false, disposition: "unknown" })
      assert.strictEqual((yield* double.sent).length, 1)

      yield* double.suppress(email.to, { token: tokens.acme })
      const inactive = yield* send
      assert.deepInclude(inactive.json, {
        status: 422,
        code: "inactive_recipients",
        inactiveRecipients: [email.to],
        disposition: "rejected"
      })
      assert.match(inactive.text, /"postmark":\{"errorCode":406,/)
      const limited = yield* withFault({ kind: "rateLimit", retryAfter: 7 })
      assert.deepInclude(limited.json, { status: 429, code: "rate_limited", retryable: true, disposition: "notSent" })
      assert.strictEqual(limited.headers.get("retry-after"), "7")
      // The connection is paused: the next call gets Retry-After, and the server does not call Postmark.
      const held = yield* send
      assert.deepInclude(held.json, { status: 429, code: "rate_limited", disposition: "notSent" })
      assert.include(["6", "7"], held.headers.get("retry-after"))
    }))

  it.scopedLive("searches for a send whose response was lost, and retries one that Postmark did not accept", () =>
    Effect.gen(function*() {
      const { call, connect, double } = yield* start()
      const id = yield* connect(tokens.acme)
      const send = call("POST", `/v1/connections/${id}/actions/send-email`, { body: email })
      yield* double.injectFault({ path: "/email", nth: 1, fault: { kind: "resetAfterAcceptance" } })
      const found = yield* send
      assert.deepInclude(found.json, { source: "search" })
      yield* double.clearFaults
      yield* double.injectFault({ path: "/email", first: 1, fault: { kind: "rateLimit" } })
      const taken = yield* send
      assert.deepInclude(taken.json, { source: "answer" })
      assert.strictEqual((yield* double.sent).length, 2)
    }))

  it.scopedLive("adds a route and an OpenAPI entry for an action of the registry", () =>
    Effect.gen(function*() {
      const { call, connect } = yield* start({ actions: [echo] })
      const id = yield* connect(tokens.acme)
      const response = yield* call("POST", `/v1/connections/${id}/actions/echo`, { body: { text: "hi" } })
      assert.deepStrictEqual([response.status, response.text], [200, "{\"text\":\"hi\",\"big\":9007199254740993}"])
      const refused = yield* call("POST", `/v1/connections/${id}/actions/echo`, { body: { text: 1 } })
      assert.strictEqual(refused.status, 422)
      assert.strictEqual((yield* call("GET", `/v1/connections/${id}/actions/echo`)).status, 405)
      const { text } = yield* call("GET", "/openapi.json")
      assert.include(text, "\"/v1/connections/{id}/actions/echo\"")
      assert.include(text, "Returns its payload")
    }))
})
