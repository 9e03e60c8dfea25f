import * as PostmarkDouble from "@effect-postmark/test-double/PostmarkDouble"
import { assert, it } from "@effect/vitest"
import { Effect, TestClock } from "effect"
import { call, layerDouble, mail, send } from "./kit.ts"

interface Post {
  readonly url: string
  readonly headers: { readonly [name: string]: string }
  readonly body: Record<string, unknown>
}

/** A receiver in the process: `answer` gives the status of each post. */
const receiver = (answer: (post: Post, count: number) => number) => {
  const posts: Array<Post> = []
  const webhookSender: NonNullable<PostmarkDouble.Options["webhookSender"]> = ({ body, headers, url }) =>
    Effect.sync(() => {
      const post = { url, headers, body: JSON.parse(body) }
      posts.push(post)
      return answer(post, posts.length)
    })
  return { posts, webhookSender }
}

const accountHeaders = { "x-postmark-account-token": PostmarkDouble.demoAccountToken }

it.effect("keeps bounce ids above 2^53 exact", () =>
  Effect.gen(function*() {
    yield* send({ To: "hardbounce@bounce-testing.postmarkapp.com" })
    yield* TestClock.adjust("1 second")
    const listed = yield* call("GET", "/bounces?count=1&offset=0")
    assert.include(listed.text, "\"ID\":4323372036854775807,")
    const one = yield* call("GET", "/bounces/4323372036854775807")
    assert.include(one.text, "\"ID\":4323372036854775807,")
    assert.strictEqual((yield* call("GET", "/bounces/4323372036854775808")).json?.["ErrorCode"], 1001)
    yield* TestClock.adjust("31 days")
    assert.strictEqual((yield* call("GET", "/bounces/4323372036854775807")).json?.["DumpAvailable"], false)
    assert.strictEqual((yield* call("GET", "/bounces/4323372036854775807/dump")).json?.["ErrorCode"], 1001)
  }).pipe(Effect.provide(layerDouble({ firstBounceId: 4_323_372_036_854_775_807n }))))

it.effect("shows one server nothing of another", () =>
  Effect.gen(function*() {
    const double = yield* PostmarkDouble.PostmarkDouble
    const { token } = yield* double.addServer({ token: "second" })
    const id = yield* send({ HtmlBody: "<a href='http://a.example/'>x</a>", TrackLinks: "HtmlOnly", TrackOpens: true })
    yield* double.deliver(id, mail.To)
    yield* double.bounce(id, mail.To)
    yield* double.open(id, mail.To)
    yield* double.click(id, mail.To)
    const inbound = yield* double.receiveInbound({ from: "carol@example.com" })
    yield* call("POST", "/templates", { body: { Name: "t", Alias: "t", Subject: "s", TextBody: "t" } })
    yield* call("POST", "/message-streams", { body: { ID: "own", Name: "own", MessageStreamType: "Transactional" } })
    yield* call("POST", "/triggers/inboundrules", { body: { Rule: "x.example" } })
    const bounces = yield* call("GET", "/bounces?count=1&offset=0")
    const bounceId = /"ID":(\d+)/.exec(bounces.text)?.[1]
    for (
      const [path, code] of [
        [`/bounces/${bounceId}`, 1001],
        [`/messages/outbound/opens/${id}?count=1&offset=0`, 701],
        [`/messages/outbound/clicks/${id}?count=1&offset=0`, 701],
        [`/messages/inbound/${inbound}/details`, 701],
        ["/templates/t", 1101],
        ["/message-streams/own", 1226]
      ] as const
    ) {
      assert.strictEqual((yield* call("GET", path)).status, 200, path)
      assert.strictEqual((yield* call("GET", path, { token })).json?.["ErrorCode"], code, path)
    }
    for (
      const path of [
        "/bounces",
        "/messages/outbound/opens",
        "/messages/outbound/clicks",
        "/messages/inbound",
        "/templates"
      ]
    ) {
      assert.strictEqual((yield* call("GET", `${path}?count=1&offset=0`)).json?.["TotalCount"], 1, path)
      assert.strictEqual((yield* call("GET", `${path}?count=1&offset=0`, { token })).json?.["TotalCount"], 0, path)
    }
    const suppressed = yield* call("GET", "/message-streams/outbound/suppressions/dump", { token })
    assert.deepStrictEqual(suppressed.json, { Suppressions: [] })
    assert.deepStrictEqual((yield* call("GET", "/stats/outbound/clicks", { token })).json, { Days: [] })
  }).pipe(Effect.provide(layerDouble({ autoDeliver: false }))))

it.effect("posts clicks, and refuses those that cannot happen", () => {
  const { posts, webhookSender } = receiver(() => 200)
  return Effect.gen(function*() {
    const double = yield* PostmarkDouble.PostmarkDouble
    yield* call("POST", "/webhooks", { body: { Url: "http://localhost/", Triggers: { Click: { Enabled: true } } } })
    const fields = { HtmlBody: "<a href=\"https://a.example/\">x</a>", TextBody: "see https://b.example/", Tag: "t" }
    const id = yield* send({ ...fields, TrackLinks: "HtmlAndText", Metadata: { order: "7" } })
    yield* double.click(id, mail.To, { link: "https://b.example/", reader: { platform: "Mobile" } })
    yield* double.settled
    const { ReceivedAt, ...payload } = posts[0]?.body ?? {}
    assert.isString(ReceivedAt)
    assert.deepStrictEqual(payload, {
      RecordType: "Click",
      MessageStream: "outbound",
      ClickLocation: "Text",
      Client: { Name: "unknown", Company: "unknown", Family: "unknown" },
      OS: { Name: "unknown", Company: "unknown", Family: "unknown" },
      Platform: "Mobile",
      UserAgent: "unknown",
      OriginalLink: "https://b.example/",
      Geo: {},
      MessageID: id,
      Metadata: { order: "7" },
      Tag: "t",
      Recipient: mail.To
    })
    const plain = yield* send(fields)
    const reasons = yield* Effect.forEach([
      double.click(plain, mail.To),
      double.click(id, mail.To, { link: "https://c.example/" }),
      double.confirmSender("nobody@example.com"),
      double.receiveInbound({ from: "nobody" })
    ], (wish) => Effect.map(Effect.flip(wish), ({ reason }) => reason))
    assert.deepStrictEqual(reasons, ["LinksNotTracked", "UnknownLink", "UnknownSender", "InvalidAddress"])
  }).pipe(Effect.provide(layerDouble({ webhookSender })))
})

it.effect("probes webhooks if told to, and saves nothing that fails", () => {
  const { posts, webhookSender } = receiver(({ body }) => body["RecordType"] === "Bounce" ? 204 : 200)
  return Effect.gen(function*() {
    const Url = "http://u:p@localhost/hook"
    const open = { Open: { Enabled: true }, Click: { Enabled: true } }
    const both = { ...open, Bounce: { Enabled: true } }
    const failed = yield* call("POST", "/webhooks", { body: { Url, Triggers: both } })
    assert.strictEqual(failed.status, 422)
    assert.strictEqual(failed.json?.["ErrorCode"], 1364)
    assert.strictEqual(failed.json?.["Message"], "2/3 triggers verified successfully")
    assert.strictEqual(failed.json?.["Success"], false)
    assert.deepStrictEqual((yield* call("GET", "/webhooks")).json, { Webhooks: [] })
    assert.strictEqual(posts[0]?.headers["Authorization"], `Basic ${btoa("u:p")}`)
    assert.deepStrictEqual(
      posts.map(({ body }) => [body["RecordType"], body["MessageID"], body["Recipient"] ?? body["Email"]]),
      ["Open", "Click", "Bounce"].map((type) => [type, "00000000-0000-0000-0000-000000000000", "john@example.com"])
    )
    const made = yield* call("POST", "/webhooks", { body: { Url, Triggers: open } })
    assert.strictEqual(made.json?.["Status"], "verified")
    const path = `/webhooks/${String(made.json?.["ID"])}`
    const bounce = { Triggers: { Bounce: { Enabled: true } } }
    assert.strictEqual((yield* call("PUT", path, { body: bounce })).json?.["ErrorCode"], 1364)
    assert.strictEqual((yield* call("GET", path)).text, made.text)
    const before = posts.length
    const unverified = yield* call("PUT", path, { body: { ...bounce, Verify: false } })
    assert.strictEqual(unverified.json?.["Status"], "unverified")
    assert.strictEqual(posts.length, before)
    yield* send({ To: "hardbounce@bounce-testing.postmarkapp.com" })
    yield* TestClock.adjust("1 minute")
    assert.strictEqual(posts.length, before)
    const verified = yield* call("POST", `${path}/verify`)
    assert.strictEqual(verified.status, 200)
    assert.strictEqual(verified.json?.["Message"], "2/3 triggers verified successfully")
  }).pipe(Effect.provide(layerDouble({ webhookSender, webhookProbes: true })))
})

it.effect("counts the calls of a webhook over 24 hours", () => {
  const { webhookSender } = receiver((_post, count) => count === 1 ? 503 : 200)
  return Effect.gen(function*() {
    const body = { Url: "http://localhost/", Triggers: { Delivery: { Enabled: true } } }
    const made = yield* call("POST", "/webhooks", { body })
    yield* send()
    yield* TestClock.adjust("10 minutes")
    const path = `/webhooks/${String(made.json?.["ID"])}/statistics`
    const metrics = {
      TotalRequests: 2,
      SuccessCount: 1,
      FailureCount: 1,
      RetryCount: 1,
      SuccessRate: 50,
      SlowCount: 0,
      VerySlowCount: 0,
      AverageTerminalResponseTimeMs: 0,
      AverageRetryResponseTimeMs: 0
    }
    const statistics = yield* call("GET", path)
    assert.deepStrictEqual(statistics.json?.["Metrics"], metrics)
    assert.deepStrictEqual(statistics.json?.["MetricsByTrigger"], { Delivery: metrics })
    yield* TestClock.adjust("25 hours")
    const later = yield* call("GET", path)
    assert.include(later.text, "\"TotalRequests\":0,\"SuccessCount\":0")
  }).pipe(Effect.provide(layerDouble({ webhookSender })))
})

it.effect("posts inbound mail until it is taken, for ten hours, or until 403", () => {
  const { posts, webhookSender } = receiver(({ body }) => body["Subject"] === "stop" ? 403 : 204)
  return Effect.gen(function*() {
    const double = yield* PostmarkDouble.PostmarkDouble
    const statusOf = (id: string) =>
      Effect.map(call("GET", `/messages/inbound/${id}/details`), ({ json }) => json?.["Status"])
    yield* call("PUT", "/server", {
      body: { InboundHookUrl: "http://localhost/inbound?token=x", RawEmailEnabled: true }
    })
    const id = yield* double.receiveInbound({
      from: "\"Carol\" <carol@example.com>",
      mailboxHash: "ticket42",
      subject: "Re: Ticket 42",
      textBody: "It works.",
      date: "Wed, 30 Sep 2026 18:15:00 +0200"
    })
    const stopped = yield* double.receiveInbound({ from: "carol@example.com", subject: "stop" })
    yield* double.settled
    assert.strictEqual(yield* statusOf(id), "Scheduled")
    assert.strictEqual(yield* statusOf(stopped), "Failed")
    const { body } = posts[0] ?? {}
    assert.strictEqual(posts[0]?.url, "http://localhost/inbound?token=x")
    assert.isUndefined(body?.["RecordType"])
    assert.deepInclude(body ?? {}, {
      From: "carol@example.com",
      FromName: "Carol",
      MailboxHash: "ticket42",
      MessageID: id,
      MessageStream: "inbound",
      Cc: "",
      CcFull: [],
      Date: "Wed, 30 Sep 2026 18:15:00 +0200",
      StrippedTextReply: "",
      Attachments: []
    })
    assert.include(String(body?.["OriginalRecipient"]), "+ticket42@inbound.postmarkapp.com")
    assert.isString(body?.["RawEmail"])
    yield* TestClock.adjust("1 day")
    assert.strictEqual(posts.filter((post) => post.body["MessageID"] === id).length, 11)
    assert.strictEqual(yield* statusOf(id), "Failed")
    assert.strictEqual((yield* call("PUT", `/messages/inbound/${id}/retry`)).status, 200)
    yield* double.settled
    assert.strictEqual(yield* statusOf(id), "Scheduled")
  }).pipe(Effect.provide(layerDouble({ webhookSender })))
})

it.effect("tells webhooks of suppressions that come and go", () => {
  const { posts, webhookSender } = receiver(() => 200)
  return Effect.gen(function*() {
    const body = { Url: "http://localhost/", Triggers: { SubscriptionChange: { Enabled: true } } }
    yield* call("POST", "/webhooks", { body })
    const entry = { body: { Suppressions: [{ EmailAddress: "gone@example.com" }] } }
    yield* call("POST", "/message-streams/outbound/suppressions", entry)
    yield* call("POST", "/message-streams/outbound/suppressions", entry)
    yield* allSettled
    yield* call("POST", "/message-streams/outbound/suppressions/delete", entry)
    yield* call("POST", "/message-streams/outbound/suppressions/delete", entry)
    yield* allSettled
    assert.deepStrictEqual(
      posts.map((post) => [post.body["SuppressSending"], post.body["SuppressionReason"], post.body["Origin"]]),
      [[true, "ManualSuppression", "Customer"], [false, null, "Customer"]]
    )
  }).pipe(Effect.provide(layerDouble({ webhookSender })))
})

const allSettled = Effect.flatMap(PostmarkDouble.PostmarkDouble, ({ settled }) => settled)

it.effect("archives a stream, so that nothing is sent through it", () =>
  Effect.gen(function*() {
    const stream = { ID: "news", Name: "News", MessageStreamType: "Broadcasts" }
    for (let i = 0; i < 7; i++) {
      assert.strictEqual((yield* call("POST", "/message-streams", { body: { ...stream, ID: `s${i}` } })).status, 200)
    }
    assert.strictEqual((yield* call("POST", "/message-streams", { body: stream })).json?.["ErrorCode"], 1225)
    yield* call("POST", "/message-streams/s0/archive", { body: {} })
    const refused = yield* call("POST", "/email", { body: { ...mail, MessageStream: "s0" } })
    assert.strictEqual(refused.json?.["ErrorCode"], 1235)
    const hook = yield* call("POST", "/webhooks", { body: { Url: "http://localhost/", MessageStream: "s0" } })
    assert.strictEqual(hook.json?.["ErrorCode"], 1350)
    assert.strictEqual((yield* call("POST", "/message-streams/s0/archive")).json?.["ErrorCode"], 1241)
    yield* TestClock.adjust("46 days")
    assert.strictEqual((yield* call("POST", "/message-streams/s0/unarchive")).json?.["ErrorCode"], 1232)
  }).pipe(Effect.provide(layerDouble())))

it.effect("lists bulk requests page by page, newest first", () =>
  Effect.gen(function*() {
    const ids: Array<unknown> = []
    for (let i = 0; i < 3; i++) {
      const body = { From: "a@example.com", TextBody: "t", Messages: [{ To: "b@example.com" }] }
      ids.unshift((yield* call("POST", "/email/bulk", { body })).json?.["Id"])
    }
    const first = yield* call("GET", "/email/bulk?count=2")
    const key = String(first.json?.["PaginationKey"])
    const second = yield* call("GET", `/email/bulk?count=2&paginationKey=${encodeURIComponent(key)}`)
    const found = [first, second].flatMap(({ json }) => Array.isArray(json?.["Requests"]) ? json["Requests"] : [])
    assert.deepStrictEqual(found.map(({ Id }) => Id), ids)
    assert.isUndefined(second.json?.["PaginationKey"])
    assert.isUndefined(found[0]?.Subject)
    assert.strictEqual((yield* call("GET", "/email/bulk?paginationkey=eA")).json?.["ErrorCode"], 13)
  }).pipe(Effect.provide(layerDouble())))

it.effect("names every mistake of a bulk request by its field", () =>
  Effect.gen(function*() {
    const body = {
      From: "nobody",
      MessageStream: "no",
      HtmlBody: "{{#a}}",
      Messages: [{ To: "b@example.com" }, { To: "x" }]
    }
    const answer = yield* call("POST", "/email/bulk", { body })
    assert.strictEqual(answer.json?.["ErrorCode"], 11)
    const errors = answer.json?.["Errors"]
    assert.deepStrictEqual(Object.keys(typeof errors === "object" ? errors ?? {} : {}), [
      "From",
      "MessageStream",
      "HtmlBody",
      "Messages"
    ])
    const closed = yield* call("POST", "/email/bulk", { body, token: "closed" })
    assert.strictEqual(closed.json?.["ErrorCode"], 14)
  }).pipe(Effect.provide(layerDouble({
    servers: [{ token: PostmarkDouble.demoServerToken }, { token: "closed", bulkApproved: false }]
  }))))

it.effect("lets confirmed signatures and verified domains send", () =>
  Effect.gen(function*() {
    const double = yield* PostmarkDouble.PostmarkDouble
    const from = (From: string) =>
      Effect.map(call("POST", "/email", { body: { ...mail, From } }), ({ status }) => status)
    const post = (path: string, body: object) => call("POST", path, { body, token: "", headers: accountHeaders })
    yield* post("/senders", { FromEmail: "ann@one.example", Name: "Ann" })
    assert.strictEqual(yield* from("ann@one.example"), 422)
    yield* double.confirmSender("ann@one.example")
    assert.strictEqual(yield* from("ann@one.example"), 200)
    const domain = yield* post("/domains", { Name: "two.example" })
    assert.strictEqual(yield* from("bob@two.example"), 422)
    yield* call("PUT", `/domains/${String(domain.json?.["ID"])}/verifyDkim`, { token: "", headers: accountHeaders })
    assert.strictEqual(yield* from("bob@two.example"), 200)
  }).pipe(Effect.provide(layerDouble({ servers: [{ token: PostmarkDouble.demoServerToken, allowedSenders: [] }] }))))
