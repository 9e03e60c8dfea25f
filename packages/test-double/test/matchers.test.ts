import "@effect-postmark/test-double/vitest"
import type { Control } from "@effect-postmark/test-double/Control"
import * as PostmarkDouble from "@effect-postmark/test-double/PostmarkDouble"
import type { HttpClient } from "@effect/platform"
import { assert, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { call, send } from "./kit.ts"

/** What a failing expectation says. */
const failure = (check: () => void): string => {
  try {
    check()
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
  return assert.fail("the expectation holds")
}

/** A double with two messages: a receipt with everything, and a welcome. */
const filled = Effect.gen(function*() {
  const double = yield* PostmarkDouble.PostmarkDouble
  const receipt = yield* send({
    To: "Ann <Ann@example.com>, bob@example.com",
    Cc: "carol@example.com",
    Subject: "Receipt for order 991",
    Tag: "receipt",
    Metadata: { order: "991", shop: "oslo" },
    Headers: [{ Name: "X-Own", Value: "mine" }],
    HtmlBody: "<p>Thanks, <a href=\"https://shop.example.org/\">Ann</a></p>",
    TrackOpens: true,
    TrackLinks: "HtmlOnly",
    Attachments: [{ Name: "receipt.pdf", Content: "aGVsbG8=", ContentType: "application/pdf" }]
  })
  yield* double.addTemplate({ id: 7, alias: "welcome", subject: "Welcome, {{name}}", textBody: "Hi" })
  yield* call("POST", "/email/withTemplate", {
    body: { From: "shop@example.org", To: "dan@example.com", TemplateAlias: "welcome", TemplateModel: { name: "Dan" } }
  })
  yield* double.settled
  return { double, receipt }
})

const scenario = (
  title: string,
  run: (double: Control, receipt: string) => Effect.Effect<unknown, unknown, HttpClient.HttpClient> | void
) =>
  it.effect(title, () =>
    Effect.gen(function*() {
      const { double, receipt } = yield* filled
      yield* run(double, receipt) ?? Effect.void
    }).pipe(Effect.provide(PostmarkDouble.layerTest())))

scenario("finds messages by any field, whatever its form", (double, receipt) => {
  expect(double).toHaveSent()
  for (
    const expected of [
      { messageId: receipt.toUpperCase() },
      { from: "Shop <SHOP@example.org>", subject: /order \d+$/ },
      { to: "ann@example.com" },
      { to: ["bob@example.com", "Ann <ANN@example.com>"] },
      { to: [/@example/, "ann@example.com"] },
      { to: expect.arrayContaining(["bob@example.com"]), cc: /^carol@/, bcc: [] },
      { recipients: expect.stringContaining("carol"), bcc: undefined },
      { tag: "receipt", stream: "outbound", replyTo: undefined, template: undefined },
      { metadata: { order: "991", nothing: undefined } },
      { metadata: expect.objectContaining({ shop: expect.stringMatching(/^os/) }) },
      { headers: { "x-own": /./ }, attachments: "receipt.pdf" },
      { htmlBody: expect.stringContaining("shop.example.org"), textBody: "t", trackOpens: true, trackLinks: "HtmlOnly" }
    ]
  ) {
    expect(double).toHaveSentTimes(1, expected)
  }
  expect(double).toHaveSent({ template: "welcome", subject: "Welcome, Dan", tag: undefined })
  expect(double).toHaveSent({ template: 7, htmlBody: undefined })
  expect(double).toHaveSentTimes(2)
  expect(double).toHaveSentTimes(0, { to: "eve@example.com" })
})

scenario("finds nothing that is not so", (double) => {
  for (
    const expected of [
      { messageId: "nope" },
      { to: ["ann@example.com"] },
      { to: ["ann@example.com", "ann@example.com"] },
      { to: [/@example/, "dan@example.com"] },
      { subject: "Receipt" },
      { subject: "receipt for order 991" },
      { tag: "receipt", to: "dan@example.com" },
      { cc: undefined, tag: "receipt" },
      { metadata: { order: "99" } },
      { metadata: { Order: "991" } },
      { template: 8 },
      { template: /goodbye/ },
      { headers: { "X-Other": "mine" } },
      { trackOpens: true, attachments: [] }
    ]
  ) {
    expect(double).not.toHaveSent(expected)
    expect(double).not.toHaveSentTimes(1, expected)
  }
})

scenario("takes lists, and refuses what it does not know", (double) =>
  Effect.gen(function*() {
    const sent = yield* double.sent
    expect(sent).toHaveSent({ tag: "receipt" })
    expect(sent.slice(1)).not.toHaveSent({ tag: "receipt" })
    expect([]).not.toHaveSent()
    expect([]).not.toHavePostedWebhook()
    const handle = { token: "s3cret" }
    assert.strictEqual(
      failure(() => expect(handle).not.toHaveSent()),
      "expect() must be given the control handle of a double, or a list of sent messages"
    )
    assert.include(failure(() => expect(sent).not.toHavePostedWebhook()), "a list of webhook attempts")
    const misspelt: object = { tags: "receipt" }
    assert.include(
      failure(() => expect(double).not.toHaveSent(misspelt)),
      "a sent message has no field tags; its fields"
    )
    assert.include(failure(() => expect(double).not.toHaveSentTimes(-1)), "whole number")
  }))

scenario("says what was sent instead, and what came nearest", (double) => {
  expect(failure(() => expect(double).toHaveSent({ to: "ann@example.com", subject: /invoice/i, tag: "receipt" })))
    .toMatchInlineSnapshot(`
      "expected a sent message with
        to: "ann@example.com"
        subject: /invoice/i
        tag: "receipt"
      but none of 2 sent messages is so:
        1. "Receipt for order 991" to Ann@example.com and 1 more, tag "receipt"
        2. "Welcome, Dan" to dan@example.com
      nearest is 1, which differs in this:
        subject
          expected: /invoice/i
          actual:   "Receipt for order 991""
    `)
  expect(failure(() => expect(double).toHaveSent({ metadata: { order: "7", shop: expect.stringContaining("os") } })))
    .toMatchInlineSnapshot(`
      "expected a sent message with
        metadata: {"order": "7", "shop": StringContaining "os"}
      but none of 2 sent messages is so:
        1. "Receipt for order 991" to Ann@example.com and 1 more, tag "receipt"
        2. "Welcome, Dan" to dan@example.com
      nearest is 1, which differs in this:
        metadata["order"]
          expected: "7"
          actual:   "991""
    `)
  expect(failure(() => expect(double).toHaveSentTimes(2, { tag: "receipt" }))).toMatchInlineSnapshot(`
    "expected exactly 2 sent messages with
      tag: "receipt"
    but 1 of 2 sent messages is so:
      1. "Receipt for order 991" to Ann@example.com and 1 more, tag "receipt""
  `)
  expect(failure(() => expect(double).toHaveSentTimes(1))).toMatchInlineSnapshot(`
    "expected exactly 1 sent message
    but there are 2 sent messages:
      1. "Receipt for order 991" to Ann@example.com and 1 more, tag "receipt"
      2. "Welcome, Dan" to dan@example.com"
  `)
  expect(failure(() => expect([]).toHaveSent({ to: ["ann@example.com", /bob/] }))).toMatchInlineSnapshot(`
    "expected a sent message with
      to: ["ann@example.com", /bob/]
    but there is no sent message at all"
  `)
})

scenario("says what is there that should not be", (double) => {
  expect(failure(() => expect(double).not.toHaveSent({ to: /example/ }))).toMatchInlineSnapshot(`
    "expected no sent message with
      to: /example/
    but 2 of 2 sent messages are so:
      1. "Receipt for order 991" to Ann@example.com and 1 more, tag "receipt"
      2. "Welcome, Dan" to dan@example.com"
  `)
  expect(failure(() => expect(double).not.toHaveSent())).toMatchInlineSnapshot(`
    "expected no sent message
    but there are 2 sent messages:
      1. "Receipt for order 991" to Ann@example.com and 1 more, tag "receipt"
      2. "Welcome, Dan" to dan@example.com"
  `)
  expect(failure(() => expect(double).not.toHaveSentTimes(1, { tag: "receipt" }))).toMatchInlineSnapshot(`
    "expected any number but 1 sent message with
      tag: "receipt"
    but 1 of 2 sent messages is so:
      1. "Receipt for order 991" to Ann@example.com and 1 more, tag "receipt""
  `)
})

it.effect("shows long texts where they part, and long lists in part", () =>
  Effect.gen(function*() {
    const double = yield* PostmarkDouble.PostmarkDouble
    const body = `Dear reader, ${"and so on, ".repeat(30)}`
    for (let i = 1; i <= 22; i++) {
      yield* send({ Subject: `Letter ${i}`, TextBody: i === 21 ? `${body}yours, Ann` : "", HtmlBody: "x" })
    }
    expect(failure(() => expect(double).toHaveSent({ subject: "Letter 21", textBody: `${body}yours, Bob` })))
      .toMatchInlineSnapshot(`
        "expected a sent message with
          subject: "Letter 21"
          textBody: "Dear reader, and so on, and so on, and so on, and so on, and so on, and so on, and so on, and so on… (355 characters)
        but none of 22 sent messages is so:
          1. "Letter 1" to ann@example.com
          2. "Letter 2" to ann@example.com
          3. "Letter 3" to ann@example.com
          4. "Letter 4" to ann@example.com
          5. "Letter 5" to ann@example.com
          6. "Letter 6" to ann@example.com
          7. "Letter 7" to ann@example.com
          8. "Letter 8" to ann@example.com
          9. "Letter 9" to ann@example.com
          10. "Letter 10" to ann@example.com
          11. "Letter 11" to ann@example.com
          12. "Letter 12" to ann@example.com
          13. "Letter 13" to ann@example.com
          14. "Letter 14" to ann@example.com
          15. "Letter 15" to ann@example.com
          16. "Letter 16" to ann@example.com
          17. "Letter 17" to ann@example.com
          18. "Letter 18" to ann@example.com
          19. "Letter 19" to ann@example.com
          20. "Letter 20" to ann@example.com
          and 2 more
        nearest is 21 ("Letter 21" to ann@example.com), which differs in this:
          textBody
            expected: …", and so on, yours, Bob"
            actual:   …", and so on, yours, Ann""
      `)
  }).pipe(Effect.provide(PostmarkDouble.layerTest())))

scenario("knows what happened to recipients", (double, receipt) =>
  Effect.gen(function*() {
    expect(double).toHaveDelivered("Carol <CAROL@example.com>")
    expect(double).toHaveDelivered({ recipient: /^ann/, tag: "receipt" })
    expect(double).toHaveDelivered({ template: "welcome" })
    expect(double).not.toHaveDelivered("eve@example.com")
    expect(double).not.toHaveBounced()
    expect(double).not.toHaveOpened()
    expect(double).not.toHaveClicked()
    yield* double.open(receipt, "ann@example.com")
    yield* double.click(receipt, "bob@example.com")
    yield* send({ To: "hardbounce@bounce-testing.postmarkapp.com", Tag: "lost" })
    yield* double.settled
    expect(double).toHaveOpened("ann@example.com")
    expect(double).toHaveOpened(expect.stringContaining("ann"))
    expect(double).not.toHaveOpened("bob@example.com")
    expect(double).toHaveClicked({ recipient: "bob@example.com", details: { Link: "https://shop.example.org/" } })
    expect(double).toHaveBounced({ tag: "lost", details: { Summary: /Hard bounce/ } })
    expect(double).not.toHaveDelivered({ tag: "lost" })
    expect(yield* double.sent).toHaveBounced()
    expect(failure(() => expect(double).toHaveDelivered("eve@example.com"))).toMatchInlineSnapshot(`
      "expected a delivery with
        recipient: "eve@example.com"
      but none of 4 deliveries is so:
        1. Ann@example.com: "Receipt for order 991" to Ann@example.com and 1 more, tag "receipt"
        2. bob@example.com: "Receipt for order 991" to Ann@example.com and 1 more, tag "receipt"
        3. carol@example.com: "Receipt for order 991" to Ann@example.com and 1 more, tag "receipt"
        4. dan@example.com: "Welcome, Dan" to dan@example.com
      nearest is 1, which differs in this:
        recipient
          expected: "eve@example.com"
          actual:   "Ann@example.com""
    `)
    expect(failure(() => expect(double).not.toHaveBounced())).toMatchInlineSnapshot(`
      "expected no bounce
      but there is 1 bounce:
        1. hardbounce@bounce-testing.postmarkapp.com: "s" to hardbounce@bounce-testing.postmarkapp.com, tag "lost""
    `)
    expect(failure(() => expect([]).toHaveClicked("ann@example.com"))).toMatchInlineSnapshot(`
      "expected a click with
        recipient: "ann@example.com"
      but there is no click at all"
    `)
  }))

it.effect("knows what webhooks were posted, and names no secret", () =>
  Effect.gen(function*() {
    const double = yield* PostmarkDouble.PostmarkDouble
    yield* call("POST", "/webhooks", {
      body: {
        Url: "http://ann:passw0rd@localhost/hooks?key=s3cret",
        HttpHeaders: [{ Name: "X-Key", Value: "s3cret" }],
        Triggers: { Delivery: { Enabled: true }, Bounce: { Enabled: true } }
      }
    })
    const messageId = yield* send()
    yield* send({ To: "hardbounce@bounce-testing.postmarkapp.com" })
    yield* double.settled
    expect(double).toHavePostedWebhook()
    expect(double).toHavePostedWebhook({ recordType: "Delivery", messageId, outcome: "taken", status: 200 })
    expect(double).toHavePostedWebhook({ recordType: /Bounce/, outcome: "retry", attempt: 1, retriesRemaining: 9 })
    expect(double).toHavePostedWebhookTimes(2)
    expect(double).not.toHavePostedWebhook({ recordType: "Open" })
    const texts = [
      failure(() => expect(double).toHavePostedWebhook({ recordType: "Delivery", status: 503 })),
      failure(() => expect(double).not.toHavePostedWebhookTimes(2, { url: "http://localhost/hooks" }))
    ]
    for (const secret of ["s3cret", "passw0rd", PostmarkDouble.demoServerToken]) {
      assert.notInclude(texts.join("\n"), secret)
    }
    expect(texts[0]).toMatchInlineSnapshot(`
      "expected a webhook attempt with
        recordType: "Delivery"
        status: 503
      but none of 2 webhook attempts is so:
        1. Delivery to http://localhost/hooks, attempt 1: taken (200)
        2. Bounce to http://localhost/hooks, attempt 1: retry (503)
      nearest is 1, which differs in this:
        status
          expected: 503
          actual:   200"
    `)
    expect(texts[1]).toMatchInlineSnapshot(`
      "expected any number but 2 webhook attempts with
        url: "http://localhost/hooks"
      but 2 of 2 webhook attempts are so:
        1. Delivery to http://localhost/hooks, attempt 1: taken (200)
        2. Bounce to http://localhost/hooks, attempt 1: retry (503)"
    `)
  }).pipe(
    Effect.provide(
      PostmarkDouble.layerTest({ webhookSender: ({ body }) => Effect.succeed(body.includes("Bounce") ? 503 : 200) })
    )
  ))

it.effect("layerTest: each build is a double of its own, and options go before its defaults", () =>
  Effect.gen(function*() {
    const once = Effect.zipRight(
      send(),
      Effect.flatMap(PostmarkDouble.PostmarkDouble, (double) => Effect.zipRight(double.settled, double.sent))
    )
    const layer = PostmarkDouble.layerTest()
    for (const sent of [yield* Effect.provide(once, layer), yield* Effect.provide(once, layer)]) {
      expect(sent).toHaveSentTimes(1)
      expect(sent).toHaveDelivered()
    }
    expect(yield* Effect.provide(once, PostmarkDouble.layerTest({ autoDeliver: false }))).not.toHaveDelivered()
  }))
