import * as PostmarkDouble from "@effect-postmark/test-double/PostmarkDouble"
import * as RetryLadder from "@effect-postmark/test-double/RetryLadder"
import type { WebhookPost } from "@effect-postmark/test-double/WebhookSender"
import * as WebhookSender from "@effect-postmark/test-double/WebhookSender"
import { HttpServerRequest, HttpServerResponse } from "@effect/platform"
import { NodeHttpServer } from "@effect/platform-node"
import { assert, it } from "@effect/vitest"
import { Effect, TestClock } from "effect"
import { createServer } from "node:http"
import { call, layerDouble, send } from "./kit.ts"

interface Received {
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly body: string
}

/** A receiver on a real loopback socket; `answer` decides the status by the number of the call. */
const receiver = (
  answer: (call: number, url: string) => HttpServerResponse.HttpServerResponse = () => HttpServerResponse.empty()
) =>
  Effect.gen(function*() {
    const received: Array<Received> = []
    const server = yield* NodeHttpServer.make(createServer, { port: 0, host: "127.0.0.1" })
    yield* server.serve(Effect.gen(function*() {
      const { headers, method, text, url } = yield* HttpServerRequest.HttpServerRequest
      received.push({ method, url, headers, body: yield* text })
      return answer(received.length, url)
    }))
    return { received, port: server.address._tag === "TcpAddress" ? server.address.port : 0 }
  })

/** A sender that answers with these statuses in turn, the last one for ever; undefined is no connection. */
const scripted = (...statuses: ReadonlyArray<number | undefined>) => {
  const posts: Array<WebhookPost> = []
  const sender: WebhookSender.WebhookSender = (post) =>
    Effect.suspend(() => {
      const status = statuses[Math.min(posts.length, statuses.length - 1)]
      posts.push(post)
      return status === undefined
        ? Effect.fail(new WebhookSender.WebhookPostError({ message: "connection refused" }))
        : Effect.succeed(status)
    })
  return { posts, sender }
}

const createWebhook = (fields: object) =>
  Effect.map(call("POST", "/webhooks", { body: fields }), (answer) => {
    assert.strictEqual(answer.status, 200, answer.text)
    return Number(answer.json?.["ID"])
  })

const allTriggers = {
  Open: { Enabled: true },
  Delivery: { Enabled: true },
  Bounce: { Enabled: true },
  SpamComplaint: { Enabled: true },
  SubscriptionChange: { Enabled: true }
}

it.scopedLive("posts with Postmark's headers and the configured ones, over a socket", () =>
  Effect.gen(function*() {
    const double = yield* PostmarkDouble.PostmarkDouble
    const { port, received } = yield* receiver()
    yield* createWebhook({
      Url: `http://127.0.0.1:${port}/hooks?token=s3cret`,
      HttpAuth: { Username: "üser", Password: "p:w" },
      HttpHeaders: [{ Name: "X-Own", Value: "mine" }],
      Triggers: { Delivery: { Enabled: true } }
    })
    const MessageID = yield* send({ Tag: "receipt", Metadata: { order_id: "991" } })
    yield* double.waitFor(({ webhookAttempts }) => webhookAttempts.length === 1)
    assert.strictEqual(received.length, 1)
    const [post] = received
    assert.strictEqual(post?.method, "POST")
    assert.strictEqual(post?.url, "/hooks?token=s3cret")
    const headers = post?.headers ?? {}
    assert.strictEqual(headers["user-agent"], "Postmark")
    assert.strictEqual(headers["content-type"], "application/json")
    assert.strictEqual(headers["authorization"], `Basic ${Buffer.from("üser:p:w").toString("base64")}`)
    assert.strictEqual(headers["x-own"], "mine")
    assert.strictEqual(headers["x-pm-retries-remaining"], "9")
    assert.match(headers["x-pm-webhook-trace-id"] ?? "", /^[0-9a-f-]{36}$/)
    assert.match(headers["x-pm-webhook-event-id"] ?? "", /^[0-9a-f-]{36}$/)
    assert.isUndefined(headers["traceparent"])
    const { DeliveredAt, Details, ...rest } = JSON.parse(post?.body ?? "{}")
    assert.deepStrictEqual(rest, {
      RecordType: "Delivery",
      ServerID: 812345,
      MessageStream: "outbound",
      MessageID,
      Recipient: "ann@example.com",
      Tag: "receipt",
      Metadata: { order_id: "991" }
    })
    assert.match(DeliveredAt, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}Z$/)
    assert.match(Details, /^smtp;250 /)
    const log = JSON.stringify(yield* double.webhookAttempts)
    assert.include(log, "\"outcome\":\"taken\"")
    for (const secret of ["s3cret", "p:w", "mine", "Basic"]) assert.notInclude(log, secret)
  }).pipe(Effect.provide(layerDouble())))

it.scopedLive("takes credentials from the URL, and follows no redirect", () =>
  Effect.gen(function*() {
    const double = yield* PostmarkDouble.PostmarkDouble
    const { port, received } = yield* receiver(() =>
      HttpServerResponse.empty({ status: 302, headers: { location: "/elsewhere" } })
    )
    yield* createWebhook({ Url: `http://ann:p%40ss@127.0.0.1:${port}/`, Triggers: { Delivery: { Enabled: true } } })
    yield* send()
    yield* double.waitFor(({ webhookAttempts }) => webhookAttempts.length === 1)
    assert.deepStrictEqual(received.map(({ url }) => url), ["/"])
    assert.strictEqual(received[0]?.headers["authorization"], `Basic ${Buffer.from("ann:p@ss").toString("base64")}`)
    const [attempt] = yield* double.webhookAttempts
    assert.strictEqual(attempt?.outcome, "retry")
    assert.strictEqual(attempt?.status, 302)
  }).pipe(Effect.provide(layerDouble())))

it.scopedLive("notes a receiver that is not there", () =>
  Effect.gen(function*() {
    const double = yield* PostmarkDouble.PostmarkDouble
    yield* createWebhook({ Url: "http://127.0.0.1:1/", Triggers: { Delivery: { Enabled: true } } })
    yield* send()
    yield* double.waitFor(({ webhookAttempts }) => webhookAttempts.length === 1)
    const [attempt] = yield* double.webhookAttempts
    assert.strictEqual(attempt?.outcome, "retry")
    assert.isString(attempt?.error)
  }).pipe(Effect.provide(layerDouble())))

for (const ladder of RetryLadder.names) {
  it.effect(`climbs the ladder ${ladder}`, () => {
    const { posts, sender } = scripted(503)
    return Effect.gen(function*() {
      const double = yield* PostmarkDouble.PostmarkDouble
      yield* createWebhook({ Url: "http://localhost/", Triggers: { Delivery: { Enabled: true } } })
      yield* send()
      yield* TestClock.adjust("50 millis")
      const expected = RetryLadder.minutes(ladder, "Delivery")
      for (const [i, minutes] of expected.entries()) {
        yield* TestClock.adjust(`${minutes * 60_000 - 1} millis`)
        assert.strictEqual(posts.length, i + 1, `too early for retry ${i + 1}`)
        yield* TestClock.adjust("1 millis")
        assert.strictEqual(posts.length, i + 2, `too late for retry ${i + 1}`)
      }
      yield* TestClock.adjust("30 days")
      assert.strictEqual(posts.length, expected.length + 1)
      assert.deepStrictEqual(
        posts.map(({ headers }) => Number(headers["X-PM-Retries-Remaining"])),
        Array.from(posts, (_, i) => expected.length - i)
      )
      assert.strictEqual(new Set(posts.map(({ headers }) => headers["X-PM-Webhook-Trace-Id"])).size, 1)
      assert.strictEqual(new Set(posts.map(({ body }) => body)).size, 1)
      assert.strictEqual((yield* double.webhookAttempts).length, expected.length + 1)
    }).pipe(Effect.provide(layerDouble({ retryLadder: ladder, webhookSender: sender })))
  })
}

it.effect("has the newest ladder by default, and its pauses", () => {
  const { posts, sender } = scripted(500, 408, 429, undefined, 200)
  return Effect.gen(function*() {
    yield* createWebhook({ Url: "http://localhost/", Triggers: { Delivery: { Enabled: true } } })
    yield* send()
    yield* TestClock.adjust("21 minutes")
    assert.strictEqual(posts.length, 3)
    yield* TestClock.adjust("2 minutes")
    assert.strictEqual(posts.length, 5)
    yield* TestClock.adjust("1 day")
    assert.strictEqual(posts.length, 5)
  }).pipe(Effect.provide(layerDouble({ webhookSender: sender })))
})

for (const status of [400, 401, 403, 404, 410, 422]) {
  it.effect(`drops a webhook for good after ${status}`, () => {
    const { posts, sender } = scripted(status)
    return Effect.gen(function*() {
      const double = yield* PostmarkDouble.PostmarkDouble
      yield* createWebhook({ Url: "http://localhost/", Triggers: { Delivery: { Enabled: true } } })
      yield* send()
      yield* TestClock.adjust("1 day")
      assert.strictEqual(posts.length, 1)
      assert.strictEqual((yield* double.webhookAttempts)[0]?.outcome, "drop")
    }).pipe(Effect.provide(layerDouble({ webhookSender: sender })))
  })
}

it.effect("posts to the loopback and to allowed hosts only", () => {
  const { posts, sender } = scripted(200)
  return Effect.gen(function*() {
    const double = yield* PostmarkDouble.PostmarkDouble
    const urls = [
      "http://localhost:1/",
      "http://127.8.9.1/",
      "http://[::1]:8080/",
      "http://receiver.test/",
      "https://example.com/",
      "http://127.0.0.1.example.com/",
      "http://localhost.example.com/",
      "http://10.0.0.1/",
      "http://127.0.0.1@example.com/"
    ]
    for (const Url of urls) yield* createWebhook({ Url, Triggers: { Delivery: { Enabled: true } } })
    yield* send()
    yield* TestClock.adjust("1 day")
    assert.deepStrictEqual(posts.map(({ url }) => url), urls.slice(0, 4))
    assert.deepStrictEqual(
      (yield* double.webhookAttempts).filter(({ outcome }) => outcome === "refused").map(({ url }) =>
        new URL(url).hostname
      ),
      ["example.com", "127.0.0.1.example.com", "localhost.example.com", "10.0.0.1", "example.com"]
    )
  }).pipe(Effect.provide(layerDouble({ webhookSender: sender, webhookHosts: ["receiver.test"] })))
})

it.effect("posts what happens, with bounce ids exact above 2^53", () => {
  const { posts, sender } = scripted(200)
  return Effect.gen(function*() {
    const double = yield* PostmarkDouble.PostmarkDouble
    yield* createWebhook({
      Url: "http://localhost/",
      Triggers: { ...allTriggers, Bounce: { Enabled: true, IncludeContent: true } }
    })
    const id = yield* send({ HtmlBody: "<p>x</p>", TrackOpens: true, Cc: "bob@example.com" })
    yield* double.deliver(id, "ANN@example.com")
    yield* double.open(id, "ann@example.com", { platform: "Desktop" })
    yield* double.bounce(id, "bob@example.com")
    yield* double.spamComplaint(id, "ann@example.com")
    yield* double.suppress("carol@example.com", { stream: "broadcast" })
    yield* double.suppress("carol@example.com")
    yield* double.settled
    assert.deepStrictEqual(posts.map(({ body }) => JSON.parse(body).RecordType), [
      "Delivery",
      "Open",
      "Bounce",
      "SubscriptionChange",
      "SpamComplaint",
      "SubscriptionChange",
      "SubscriptionChange"
    ])
    const bodies = posts.map(({ body }) => body)
    assert.include(bodies[1], "\"FirstOpen\":true")
    assert.include(bodies[1], "\"Platform\":\"Desktop\"")
    assert.include(bodies[2], "\"ID\":4323372036854775807,")
    assert.include(bodies[2], "\"Content\":")
    assert.include(bodies[4], "\"ID\":4323372036854775808,")
    assert.notInclude(bodies[4], "\"Content\":")
    assert.include(bodies[5], "\"SuppressionReason\":\"SpamComplaint\"")
    assert.include(bodies[6], "\"MessageID\":null")
    const details = yield* call("GET", `/messages/outbound/${id}/details`)
    assert.include(details.text, "\"BounceID\":\"4323372036854775807\"")
  }).pipe(
    Effect.provide(layerDouble({ autoDeliver: false, firstBounceId: 4323372036854775807n, webhookSender: sender }))
  )
})

it.effect("leaves out other streams, other triggers, later opens and unverified webhooks", () => {
  const { posts, sender } = scripted(200)
  return Effect.gen(function*() {
    const double = yield* PostmarkDouble.PostmarkDouble
    yield* createWebhook({ Url: "http://localhost/broadcast", MessageStream: "broadcast", Triggers: allTriggers })
    yield* createWebhook({ Url: "http://localhost/bounces", Triggers: { Bounce: { Enabled: true } } })
    yield* createWebhook({ Url: "http://localhost/unverified", Triggers: allTriggers, Verify: false })
    yield* createWebhook({
      Url: "http://localhost/first",
      Triggers: { Open: { Enabled: true, PostFirstOpenOnly: true } }
    })
    yield* createWebhook({ Url: "http://localhost/every", Triggers: { Open: { Enabled: true } } })
    const id = yield* send({ HtmlBody: "<p>x</p>", TrackOpens: true })
    yield* double.deliver(id, "ann@example.com")
    yield* double.open(id, "ann@example.com")
    yield* double.open(id, "ann@example.com")
    yield* double.settled
    assert.deepStrictEqual(posts.map(({ url }) => new URL(url).pathname), ["/first", "/every", "/every"])
  }).pipe(Effect.provide(layerDouble({ autoDeliver: false, webhookSender: sender })))
})

it.effect("refuses webhooks as Postmark does", () =>
  Effect.gen(function*() {
    const id = yield* createWebhook({ Url: "http://localhost/" })
    const cases = [
      ["POST", "/webhooks", undefined, 1355],
      ["POST", "/webhooks", {}, 1354],
      ["POST", "/webhooks", { Url: "ftp://x" }, 1354],
      ["POST", "/webhooks", { Url: "http://x", ID: 1 }, 1356],
      ["POST", "/webhooks", { Url: "http://x", Status: "verified" }, 1363],
      ["POST", "/webhooks", { Url: "http://x", MessageStream: "nope" }, 1226],
      ["POST", "/webhooks", { Url: "http://x", MessageStream: "inbound" }, 1351],
      ["POST", "/webhooks", { Url: "http://x", HttpHeaders: [{ Name: "a b", Value: "" }] }, 1358],
      ["PUT", `/webhooks/${id}`, { MessageStream: "broadcast" }, 1357],
      ["PUT", `/webhooks/${id}`, { Url: "" }, 1354],
      ["PUT", "/webhooks/7", { Url: "http://x" }, 1352],
      ["GET", "/webhooks/7", undefined, 1352],
      ["DELETE", "/webhooks/7", undefined, 1352],
      ["GET", "/webhooks?MessageStream=nope", undefined, 1226]
    ] as const
    for (const [method, path, body, code] of cases) {
      const answer = yield* call(method, path, { body })
      assert.strictEqual(answer.status, 422)
      assert.strictEqual(answer.json?.["ErrorCode"], code, `${method} ${path} ${JSON.stringify(body)}`)
    }
  }).pipe(Effect.provide(layerDouble())))
