import * as EventLog from "@effect-postmark/core/EventLog"
import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, Schema } from "effect"
import { caller, email, start, tokens } from "./support/harness.ts"
import { bodyOf, raw, statusOf } from "./support/raw.ts"
import { bounceText, delivery } from "./support/webhooks.ts"

const secret = "Bearer webhook-secret-one"
const newSecret = "Basic dXNlcjp3ZWJob29rLXNlY3JldC10d28="

const Page = Schema.Struct({
  events: Schema.Array(Schema.Struct({
    sequence: Schema.Number,
    trigger: Schema.NullOr(Schema.String),
    status: Schema.String,
    recordType: Schema.NullOr(Schema.String),
    event: Schema.Unknown,
    raw: Schema.Unknown
  })),
  nextCursor: Schema.String
})

const subscribed = (options: Parameters<typeof start>[0] = {}) =>
  Effect.gen(function*() {
    const server = yield* start(options)
    const id = yield* server.connect(tokens.acme)
    const path = `/v1/webhooks/${id}`
    yield* server.call("POST", `/v1/connections/${id}/triggers`, {
      body: { trigger: "postmark/email-delivered", secret }
    })
    const post = (body: unknown, authorization: string | undefined = secret, text?: string) =>
      server.call("POST", path, {
        key: undefined,
        text: text ?? JSON.stringify(body),
        headers: authorization === undefined ? {} : { authorization }
      })
    const page = Effect.map(
      server.call("GET", `/v1/events?connection=${id}`),
      ({ json }) => Schema.decodeUnknownSync(Page)(json)
    )
    return { ...server, id, path, post, page }
  })

describe("the receiver", () => {
  it.scopedLive("stores a webhook with the secret once", () =>
    Effect.gen(function*() {
      const { page, post } = yield* subscribed()
      const first = yield* post(delivery("reader@example.org"))
      assert.deepStrictEqual([first.status, first.json], [200, { result: "stored" }])
      const again = yield* post(delivery("reader@example.org"))
      assert.deepStrictEqual([again.status, again.json], [200, { result: "duplicate" }])
      const { events } = yield* page
      assert.strictEqual(events.length, 1)
      assert.deepInclude(events[0], { trigger: "postmark/email-delivered", status: "decoded", recordType: "Delivery" })
      assert.deepStrictEqual(events[0]?.raw, delivery("reader@example.org"))
    }))

  it.scopedLive("stores one event out of twenty concurrent duplicates", () =>
    Effect.gen(function*() {
      const { page, post } = yield* subscribed()
      const responses = yield* Effect.all(
        Array.from({ length: 20 }, () => post(delivery("reader@example.org"))),
        { concurrency: "unbounded" }
      )
      assert.deepStrictEqual(responses.map(({ status }) => status), responses.map(() => 200))
      assert.strictEqual(responses.filter(({ text }) => text.includes("stored")).length, 1)
      assert.strictEqual((yield* page).events.length, 1)
    }))

  it.scopedLive("rejects every wrong credential with the same response, and stores nothing", () =>
    Effect.gen(function*() {
      const { id, page, path, url } = yield* subscribed()
      const body = JSON.stringify(delivery("reader@example.org"))
      const attempts: ReadonlyArray<ReadonlyArray<string>> = [
        [],
        ["Authorization:"],
        ["Authorization: Bearer wrong"],
        [`Authorization: ${secret}x`],
        [`Authorization: ${secret.slice(0, -1)}`],
        [`Authorization: ${secret.toLowerCase()}`],
        [`Authorization: ${secret}`, `Authorization: ${secret}`],
        [`Authorization: ${secret}`, "Authorization: Bearer wrong"],
        ["Authorization: Bearer wrong", `Authorization: ${secret}`],
        [`X-Forwarded-Authorization: ${secret}`]
      ]
      const bodies = new Set<string>()
      for (const headers of attempts) {
        const response = yield* raw(url, [`POST ${path} HTTP/1.1`, ...headers, "X-Request-Id: same"], body)
        assert.strictEqual(statusOf(response), 401, headers.join("; "))
        assert.match(response, /^www-authenticate: /im)
        bodies.add(bodyOf(response))
      }
      for (const other of ["con_unknown", "..%2F..%2Fx", "%00", "a;b", "x".repeat(90), `${id}'--`]) {
        const response = yield* raw(url, [
          `POST /v1/webhooks/${other} HTTP/1.1`,
          `Authorization: ${secret}`,
          "X-Request-Id: same"
        ], body)
        assert.strictEqual(statusOf(response), 401, other)
        bodies.add(bodyOf(response))
      }
      assert.strictEqual(bodies.size, 1)
      assert.deepStrictEqual((yield* page).events, [])
    }))

  it.scopedLive("stores unknown JSON, and rejects only bodies that are not JSON", () =>
    Effect.gen(function*() {
      const { context, page, post } = yield* subscribed()
      const statuses = [
        yield* post({ RecordType: "Unheard", Value: 1 }),
        yield* post({ RecordType: "Delivery", Recipient: 7 }),
        yield* post({ RecordType: "Delivery", MessageID: "00000000-0000-0000-0000-000000000000" }),
        yield* post([1, 2]),
        yield* post(null),
        yield* post(undefined, secret, "{\"a\":1,\"a\":2}"),
        yield* post(undefined, secret, `${"[".repeat(5000)}${"]".repeat(5000)}`)
      ].map(({ status }) => status)
      assert.deepStrictEqual(statuses, [200, 200, 200, 200, 200, 200, 200])
      assert.deepStrictEqual((yield* page).events.map(({ status }) => status), [
        "unknown",
        "partial",
        "probe",
        "unknown",
        "unknown",
        "unknown",
        "unknown"
      ])

      for (const text of ["{\"RecordType\":", "", "RecordType=Delivery"]) {
        assert.strictEqual((yield* post(undefined, secret, text)).status, 400, text)
      }
      const quarantined = yield* Context.get(context, EventLog.EventLog).quarantined
      assert.strictEqual(quarantined.length, 3)
      assert.strictEqual((yield* page).events.length, 7)
    }))

  it.scopedLive("accepts a trailing slash in its URL", () =>
    Effect.gen(function*() {
      const { call, page, path, url } = yield* subscribed()
      const post = (authorization: string) =>
        call("POST", `${path}/`, {
          key: undefined,
          body: delivery("reader@example.org"),
          headers: { authorization }
        })
      assert.strictEqual((yield* post("Bearer wrong")).status, 401)
      assert.strictEqual((yield* post(secret)).status, 200)
      assert.strictEqual((yield* page).events.length, 1)
      assert.strictEqual(statusOf(yield* raw(url, [`GET ${path}/ HTTP/1.1`])), 405)
      assert.strictEqual(statusOf(yield* raw(url, [`POST ${path}// HTTP/1.1`])), 404)
    }))

  it.scopedLive("stores Postmark's trace id with the event", () =>
    Effect.gen(function*() {
      const { call, page, path } = yield* subscribed()
      yield* call("POST", path, {
        key: undefined,
        body: delivery("reader@example.org"),
        headers: { authorization: secret, "X-PM-Webhook-Trace-Id": "0f1e2d3c" }
      })
      assert.deepInclude((yield* page).events[0]?.event, { traceId: "0f1e2d3c" })
    }))

  it.scopedLive("accepts the user and password of the webhook's URL as the secret", () =>
    Effect.gen(function*() {
      const { call, connect, double, doubleUrl, url } = yield* start()
      const id = yield* connect(tokens.acme)
      yield* call("POST", `/v1/connections/${id}/triggers`, {
        body: { trigger: "email-delivered", secret: `Basic ${btoa("postmark:s3cret-word")}` }
      })
      const Url = `${url.replace("://", "://postmark:s3cret-word@")}/v1/webhooks/${id}`
      const created = yield* caller(doubleUrl, undefined)("POST", "/webhooks", {
        headers: {
          "X-Postmark-Server-Token": tokens.acme,
          Accept: "application/json",
          "Content-Type": "application/json"
        },
        body: { Url, Triggers: { Delivery: { Enabled: true } } }
      })
      assert.strictEqual(created.status, 200, created.text)
      const sent = yield* call("POST", `/v1/connections/${id}/actions/send-email`, { body: email })
      assert.strictEqual(sent.status, 200, sent.text)
      yield* double.waitFor(({ webhookAttempts }) => webhookAttempts.some(({ status }) => status === 200))
      const { events } = Schema.decodeUnknownSync(Page)((yield* call("GET", "/v1/events")).json)
      assert.deepStrictEqual(events.map(({ status, trigger }) => [status, trigger]), [
        ["decoded", "postmark/email-delivered"]
      ])
    }))

  it.scopedLive("distinguishes Postmark's verification from a manual suppression", () =>
    Effect.gen(function*() {
      const { double, doubleUrl, page, path, url } = yield* subscribed()
      const postmark = (method: string, route: string, body: unknown) =>
        caller(doubleUrl, undefined)(method, route, {
          headers: {
            "X-Postmark-Server-Token": tokens.acme,
            Accept: "application/json",
            "Content-Type": "application/json"
          },
          body
        })
      const triggers = ["Open", "Click", "Delivery", "Bounce", "SpamComplaint", "SubscriptionChange"]
      const created = yield* postmark("POST", "/webhooks", {
        Url: `${url}${path}`,
        HttpHeaders: [{ Name: "Authorization", Value: secret }],
        Triggers: Object.fromEntries(triggers.map((trigger) => [trigger, { Enabled: true }]))
      })
      const { ID } = Schema.decodeUnknownSync(Schema.Struct({ ID: Schema.Number }))(created.json)
      const verified = yield* postmark("POST", `/webhooks/${ID}/verify`, {})
      assert.include(verified.text, "6/6 triggers verified successfully")
      assert.deepStrictEqual((yield* page).events.map(({ status }) => status), triggers.map(() => "probe"))

      const suppressions = "/message-streams/outbound/suppressions"
      yield* postmark("POST", suppressions, { Suppressions: [{ EmailAddress: "john@example.com" }] })
      yield* double.waitFor(({ webhookAttempts }) => webhookAttempts.some(({ status }) => status === 200))
      assert.deepInclude((yield* page).events.at(-1), {
        status: "decoded",
        trigger: "postmark/subscription-changed"
      })
    }))

  it.scopedLive("stores a deeply nested body and returns it as a string", () =>
    Effect.gen(function*() {
      const { page, post } = yield* subscribed()
      const deep = `${"[".repeat(200_000)}${"]".repeat(200_000)}`
      assert.strictEqual((yield* post(undefined, secret, deep)).status, 200)
      assert.deepStrictEqual((yield* page).events.map(({ raw, status }) => [raw, status]), [[deep, "unknown"]])
    }))

  it.scopedLive("keeps every digit of a bounce's id", () =>
    Effect.gen(function*() {
      const { call, post } = yield* subscribed()
      assert.strictEqual((yield* post(undefined, secret, bounceText("9007199254740993123"))).status, 200)
      const { text } = yield* call("GET", "/v1/events?trigger=postmark/email-bounced")
      assert.include(text, "\"bounceId\":\"9007199254740993123\"")
      assert.include(text, "\"ID\":9007199254740993123,")
    }))

  it.scopedLive("accepts any Content-Type", () =>
    Effect.gen(function*() {
      const { page, path, url } = yield* subscribed()
      const types = [
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/json; charset=utf-16",
        "multipart/form-data"
      ]
      for (const [index, type] of types.entries()) {
        const response = yield* raw(url, [
          `POST ${path} HTTP/1.1`,
          `Authorization: ${secret}`,
          `Content-Type: ${type}`
        ], JSON.stringify(delivery(`reader${index}@example.org`)))
        assert.strictEqual(statusOf(response), 200, type)
      }
      assert.strictEqual((yield* page).events.length, types.length)
    }))

  it.scopedLive("accepts two secrets during a rotation and one after it", () =>
    Effect.gen(function*() {
      const { call, id, post } = yield* subscribed()
      const triggers = `/v1/connections/${id}/triggers`
      const conflict = yield* call("POST", triggers, { body: { trigger: "email-bounced", secret: newSecret } })
      assert.strictEqual(conflict.status, 409)
      assert.strictEqual((yield* post(delivery("a@example.org"), newSecret)).status, 401)
      const rotating = yield* call("POST", triggers, {
        body: { trigger: "email-bounced", secret: newSecret, rotate: true }
      })
      assert.deepInclude(rotating.json, { rotating: true, receiverUrl: `https://hooks.example.com/v1/webhooks/${id}` })
      assert.notInclude(rotating.text, newSecret)
      assert.strictEqual((yield* post(delivery("a@example.org"), newSecret)).status, 200)
      assert.strictEqual((yield* post(delivery("b@example.org"), secret)).status, 200)
      assert.strictEqual((yield* call("POST", `${triggers}/finish-rotation`)).status, 204)
      assert.strictEqual((yield* post(delivery("c@example.org"), newSecret)).status, 200)
      assert.strictEqual((yield* post(delivery("d@example.org"), secret)).status, 401)
    }))

  it.scopedLive("rejects a webhook over the limit with 413, with or without a declared length", () =>
    Effect.gen(function*() {
      const { page, path, post, url } = yield* subscribed({ server: { maxWebhookBytes: 2000 } })
      assert.strictEqual((yield* post({ RecordType: "Delivery", Details: "x".repeat(2000) })).status, 413)
      const chunk = "x".repeat(1500)
      const chunked = `${chunk.length.toString(16)}\r\n${chunk}\r\n`.repeat(2) + "0\r\n\r\n"
      const response = yield* raw(url, [
        `POST ${path} HTTP/1.1`,
        `Authorization: ${secret}`,
        "Transfer-Encoding: chunked"
      ], chunked)
      assert.strictEqual(statusOf(response), 413)
      assert.deepStrictEqual((yield* page).events, [])
    }))
})
