import * as PostmarkDouble from "@effect-postmark/test-double/PostmarkDouble"
import { assert, it } from "@effect/vitest"
import { Effect, TestClock } from "effect"
import { call, layerDouble, mail, send } from "./kit.ts"

const refusals: ReadonlyArray<readonly [what: string, fields: object, code: number, text: string | undefined]> = [
  ["no recipient", { To: null }, 300, "Zero recipients specified"],
  ["no body", { TextBody: "" }, 300, "Provide either email TextBody or HtmlBody or both."],
  ["no From", { From: undefined }, 300, "Invalid 'From' value."],
  ["a bad From", { From: "x" }, 300, "Invalid 'From' address: 'x'."],
  ["a host without a dot", { To: "invalid@localhost" }, 300, "Invalid 'To' address: 'invalid@localhost'."],
  [
    "an illegal domain",
    { To: "x@bad_domain" },
    300,
    "Error parsing 'To': Illegal email domain 'bad_domain' in address 'x@bad_domain'."
  ],
  [
    "no @",
    { Cc: "johne.xample.com" },
    300,
    "Error parsing 'Cc': Illegal email address 'johne.xample.com'. It must contain the '@' symbol."
  ],
  [
    "a bad Reply-To",
    { ReplyTo: "nobody" },
    300,
    "Error parsing 'Reply-To': Illegal email address 'nobody'. It must contain the '@' symbol."
  ],
  ["51 recipients", { Bcc: Array.from({ length: 50 }, (_, i) => `a${i}@example.com`).join(",") }, 300, undefined],
  ["a long subject", { Subject: "s".repeat(2001) }, 300, undefined],
  ["a long tag", { Tag: "t".repeat(1001) }, 300, undefined],
  ["a long metadata name", { Metadata: { ["n".repeat(21)]: "v" } }, 300, undefined],
  ["an unknown link mode", { TrackLinks: "Sometimes" }, 300, undefined],
  ["a wrong type", { From: 1 }, 403, "Invalid request field(s): 'From'."],
  [
    "two wrong types",
    { To: ["a@example.com"], TrackOpens: "yes" },
    403,
    "Invalid request field(s): 'To', 'TrackOpens'."
  ],
  [
    "an attachment that could run",
    { Attachments: [{ Name: "a.EXE", Content: "aGk=", ContentType: "x/y" }] },
    411,
    undefined
  ],
  ["an unknown stream", { MessageStream: "nope" }, 1235, "The stream provided: 'nope' does not exist on this server."],
  ["an inbound stream", { MessageStream: "inbound" }, 1236, undefined]
]

for (const [what, fields, code, text] of refusals) {
  it.effect(`refuses ${what} with ${code}`, () =>
    Effect.gen(function*() {
      const answer = yield* call("POST", "/email", { body: { ...mail, ...fields } })
      assert.strictEqual(answer.status, 422)
      assert.strictEqual(answer.json?.["ErrorCode"], code)
      if (text !== undefined) assert.strictEqual(answer.json?.["Message"], text)
      assert.strictEqual(answer.headers["x-pm-apierrorcode"], String(code))
      assert.deepStrictEqual(yield* (yield* PostmarkDouble.PostmarkDouble).sent, [])
    }).pipe(Effect.provide(layerDouble())))
}

it.effect("takes 50 recipients, quoted names with commas, and nulls", () =>
  Effect.gen(function*() {
    const double = yield* PostmarkDouble.PostmarkDouble
    const to = `"Doe, Ann" <Ann@example.com>, bob@example.com`
    const answer = yield* call("POST", "/email", {
      body: {
        ...mail,
        To: to,
        Cc: Array.from({ length: 48 }, (_, i) => `a${i}@example.com`).join(","),
        Tag: null,
        Metadata: { n: 7 }
      }
    })
    assert.strictEqual(answer.status, 200)
    assert.deepStrictEqual(Object.keys(answer.json ?? {}), ["To", "SubmittedAt", "MessageID", "ErrorCode", "Message"])
    assert.strictEqual(answer.json?.["To"], to)
    const [message] = yield* double.sent
    assert.deepStrictEqual(message?.to, ["Ann@example.com", "bob@example.com"])
    assert.strictEqual(message?.recipients.length, 50)
    assert.deepStrictEqual(message?.metadata, { n: "7" })
  }).pipe(Effect.provide(layerDouble())))

it.effect("keeps the digits of a long integer in metadata", () =>
  Effect.gen(function*() {
    const double = yield* PostmarkDouble.PostmarkDouble
    const body = `{"From":"a@example.com","To":"b@example.com","TextBody":"t","Metadata":{"n":9007199254740993}}`
    assert.strictEqual((yield* call("POST", "/email", { body })).status, 200)
    assert.deepStrictEqual((yield* double.sent)[0]?.metadata, { n: "9007199254740993" })
  }).pipe(Effect.provide(layerDouble())))

it.effect("refuses unconfirmed senders, echoing From as it was sent", () =>
  Effect.gen(function*() {
    const From = "Ann Sender <ann@unverified.example>"
    const answer = yield* call("POST", "/email", { body: { ...mail, From } })
    assert.strictEqual(answer.json?.["ErrorCode"], 400)
    assert.match(
      String(answer.json?.["Message"]),
      /^The 'From' address you supplied \(Ann Sender <ann@unverified\.example>\) is not/
    )
    yield* send()
    yield* send({ From: "Bob <BOB@single.example>" })
  }).pipe(
    Effect.provide(
      layerDouble({
        servers: [{ token: PostmarkDouble.demoServerToken, allowedSenders: ["example.org", "bob@single.example"] }]
      })
    )
  ))

it.effect("holds a pending account to its own domain, and can be slow to deliver", () =>
  Effect.gen(function*() {
    const double = yield* PostmarkDouble.PostmarkDouble
    yield* double.addServer({ token: "pending", pendingApproval: true })
    const answer = yield* call("POST", "/email", { body: mail, token: "pending" })
    assert.strictEqual(answer.json?.["ErrorCode"], 412)
    yield* send({ To: "other@example.org" }, "pending")
    yield* double.addServer({ token: "slow", delayedAccept: true })
    const delayed = yield* call("POST", "/email", { body: mail, token: "slow" })
    assert.deepStrictEqual(Object.keys(delayed.json ?? {}), ["To", "SubmittedAt", "MessageID", "Message"])
    const queued = yield* call("GET", "/messages/outbound?count=1&offset=0&status=queued", { token: "slow" })
    assert.strictEqual(queued.json?.["TotalCount"], 1)
  }).pipe(Effect.provide(layerDouble())))

it.effect("suppresses an address of one stream after a hard bounce", () =>
  Effect.gen(function*() {
    const double = yield* PostmarkDouble.PostmarkDouble
    const To = "Hard_Bounce@bounce-testing.postmarkapp.com"
    const id = yield* send({ To })
    yield* TestClock.adjust("49 millis")
    assert.deepStrictEqual((yield* double.sent)[0]?.events, [])
    yield* TestClock.adjust("1 millis")
    yield* double.settled
    const details = yield* call("GET", `/messages/outbound/${id}/details`)
    const events = details.json?.["MessageEvents"]
    assert.isTrue(Array.isArray(events))
    assert.deepStrictEqual((yield* double.sent)[0]?.events.map(({ type }) => type), ["Bounced", "SubscriptionChanged"])
    const all = yield* call("POST", "/email", { body: { ...mail, To } })
    assert.strictEqual(all.status, 422)
    assert.deepStrictEqual(all.json, {
      ErrorCode: 406,
      Message:
        "You tried to send to recipient(s) that have been marked as inactive. Found inactive addresses: Hard_Bounce@bounce-testing.postmarkapp.com. Inactive recipients are ones that have generated a hard bounce, a spam complaint, or a manual suppression."
    })
    const some = yield* call("POST", "/email", { body: { ...mail, Bcc: To } })
    assert.strictEqual(some.status, 200)
    assert.strictEqual(
      some.json?.["Message"],
      "Message OK, but will not deliver to these inactive addresses: Hard_Bounce@bounce-testing.postmarkapp.com."
    )
    yield* send({ To, MessageStream: "broadcast" })
    yield* TestClock.adjust("1 second")
    assert.deepStrictEqual(
      (yield* double.sent)[1]?.events.map(({ recipient, type }) => [recipient, type]),
      [["ann@example.com", "Delivered"]]
    )
  }).pipe(Effect.provide(layerDouble())))

it.effect("bounces as the header asks, and a soft bounce suppresses nothing", () =>
  Effect.gen(function*() {
    const double = yield* PostmarkDouble.PostmarkDouble
    const To = "anyone@bounce-testing.postmarkapp.com"
    yield* send({ To, Headers: [{ Name: "x-pm-bounce-type", Value: "SoftBounce" }] })
    yield* send({ To: "test@blackhole.postmarkapp.com" })
    yield* TestClock.adjust("1 second")
    assert.deepStrictEqual((yield* double.sent).map(({ events }) => events.map(({ type }) => type)), [["Bounced"], [
      "Delivered"
    ]])
    yield* send({ To })
  }).pipe(Effect.provide(layerDouble())))

it.effect("judges with the test token, and keeps nothing", () =>
  Effect.gen(function*() {
    const double = yield* PostmarkDouble.PostmarkDouble
    const token = "postmark_api_test"
    const taken = yield* call("POST", "/email", { body: mail, token })
    assert.strictEqual(taken.json?.["Message"], "Test job accepted")
    assert.strictEqual((yield* call("POST", "/email", { body: { ...mail, To: "" }, token })).json?.["ErrorCode"], 300)
    assert.deepStrictEqual(yield* double.sent, [])
    assert.strictEqual((yield* call("GET", "/server", { token })).status, 401)
  }).pipe(Effect.provide(layerDouble())))

it.effect("refuses a batch as a whole only for its form", () =>
  Effect.gen(function*() {
    const code = (body: unknown, path = "/email/batch") =>
      Effect.map(call("POST", path, { body }), ({ json }) => json?.["ErrorCode"])
    assert.strictEqual(yield* code({ Messages: [] }), 403)
    assert.strictEqual(yield* code([mail, 7]), 403)
    assert.strictEqual(yield* code(Array.from({ length: 501 }, () => mail)), 410)
    assert.strictEqual(yield* code([], "/email/batchWithTemplates"), 403)
    const empty = yield* call("POST", "/email/batch", { body: [] })
    assert.strictEqual(empty.text, "[]")
    const mixed = yield* call("POST", "/email/batch", { body: [{ ...mail, MessageStream: "nope" }, mail] })
    assert.strictEqual(mixed.status, 200)
    assert.strictEqual((yield* (yield* PostmarkDouble.PostmarkDouble).sent).length, 1)
  }).pipe(Effect.provide(layerDouble())))

it.effect("renders templates, and refuses what does not belong beside one", () =>
  Effect.gen(function*() {
    const double = yield* PostmarkDouble.PostmarkDouble
    const id = yield* double.addTemplate({
      alias: "order",
      subject: "{{shop.name}} & co",
      htmlBody: "{{#each items}}<li>{{.}}</li>{{/each}}{{^paid}}due{{/paid}}{{{raw}}}{{! note }}",
      textBody: "{{#shop}}{{name}} {{../raw}}{{/shop}}"
    })
    const base = {
      From: mail.From,
      To: mail.To,
      TemplateId: id,
      TemplateModel: { shop: { name: "A<B" }, items: ["1", "<2>"], raw: "<b>", paid: false }
    }
    const codes = yield* Effect.forEach([
      base,
      { ...base, TemplateId: id + 1 },
      { ...base, TemplateId: undefined, TemplateAlias: "nope" },
      { ...base, TemplateModel: undefined },
      { ...base, Subject: "" },
      { ...base, TemplateModel: { "@content": 1 } }
    ], (body) => Effect.map(call("POST", "/email/withTemplate", { body }), ({ json }) => json?.["ErrorCode"]))
    assert.deepStrictEqual(codes, [0, 1101, 1101, 1120, 1123, 1122])
    const [message] = yield* double.sent
    assert.strictEqual(message?.subject, "A<B & co")
    assert.strictEqual(message?.htmlBody, "<li>1</li><li>&lt;2&gt;</li>due<b>")
    assert.strictEqual(message?.textBody, "A<B <b>")
  }).pipe(Effect.provide(layerDouble())))
