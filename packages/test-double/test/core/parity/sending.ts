import { Ids, OutboundMessage } from "@effect-postmark/core"
import { assert } from "@effect/vitest"
import { Effect, TestClock } from "effect"
import { appleMail, email, firefox, type Scenarios, shop, trackedEmail, unsafeBounceId, type World } from "./harness.ts"

const firstBounceId = Ids.BounceId.make(String(unsafeBounceId))

const welcome = { alias: "welcome", name: "Welcome", subject: "Hi {{name}}", textBody: "Hello {{name}}." }

const welcomeEmail = {
  from: "shop@example.org",
  to: "ann@example.com",
  templateAlias: "welcome",
  templateModel: { name: "Ann" }
}

/** A message that Ann has opened twice, and whose link she has followed. */
const engaged = ({ double, server }: World) =>
  Effect.gen(function*() {
    const { messageId } = yield* server.sendEmail({ ...trackedEmail, tag: "receipt" })
    yield* server.sendEmail(email)
    yield* double.deliver(messageId, "ann@example.com")
    yield* double.open(messageId, "ann@example.com", appleMail)
    yield* double.open(messageId, "ann@example.com", firefox)
    yield* double.click(messageId, "ann@example.com", { location: "Text", reader: firefox })
    return messageId
  })

export const sending: Scenarios = {
  sendEmail: ({ double, server }) =>
    Effect.gen(function*() {
      const receipt = yield* server.sendEmail({
        ...email,
        to: ["Ann <ann@example.com>", "bob@example.com"],
        metadata: { order: "991" },
        headers: [{ name: "X-Order", value: "991" }],
        attachments: [{ name: "a.txt", content: new TextEncoder().encode("hi"), contentType: "text/plain" }]
      })
      assert.deepStrictEqual([receipt.source, receipt.message, receipt.inactiveRecipients], ["answer", "OK", []])
      const [sent] = yield* double.sent
      assert.deepStrictEqual(
        [sent?.messageId, sent?.recipients, sent?.metadata["order"], sent?.attachments],
        [receipt.messageId, ["ann@example.com", "bob@example.com"], "991", ["a.txt"]]
      )
      assert.deepStrictEqual(sent?.headers, [{ Name: "X-Order", Value: "991" }])
    }),

  sendEmailBatch: ({ double, server }) =>
    Effect.gen(function*() {
      yield* double.suppress("gone@example.com")
      const outcomes = yield* server.sendEmailBatch([email, { ...email, to: "gone@example.com" }, email])
      assert.deepStrictEqual(outcomes.map(({ _tag }) => _tag), ["Accepted", "Rejected", "Accepted"])
      const refused = outcomes[1]
      assert.strictEqual(refused?._tag === "Rejected" ? refused.error._tag : undefined, "ValidationFailure")
      assert.lengthOf(yield* double.sent, 2)
    }),

  sendEmailWithTemplate: ({ double, server }) =>
    Effect.gen(function*() {
      yield* double.addTemplate(welcome)
      const { messageId } = yield* server.sendEmailWithTemplate(welcomeEmail)
      const [sent] = yield* double.sent
      assert.deepStrictEqual([sent?.messageId, sent?.subject, sent?.textBody], [messageId, "Hi Ann", "Hello Ann."])
    }),

  sendEmailBatchWithTemplates: ({ double, server }) =>
    Effect.gen(function*() {
      const templateId = yield* double.addTemplate(welcome)
      const { templateAlias: _, ...rest } = welcomeEmail
      const outcomes = yield* server.sendEmailBatchWithTemplates([
        welcomeEmail,
        { ...rest, templateId, templateModel: { name: "Bob" } },
        { ...welcomeEmail, templateAlias: "missing" }
      ])
      assert.deepStrictEqual(outcomes.map(({ _tag }) => _tag), ["Accepted", "Accepted", "Rejected"])
      assert.deepStrictEqual((yield* double.sent).map(({ subject }) => subject), ["Hi Ann", "Hi Bob"])
    }),

  "bulk.send": ({ server }) =>
    Effect.gen(function*() {
      const status = yield* server.bulk.send({
        from: "news@example.org",
        subject: "News for {{name}}",
        textBody: "Hello {{name}}.",
        messageStream: "broadcast",
        messages: [
          { to: "ann@example.com", templateModel: { name: "Ann" } },
          { to: ["bob@example.com"], templateModel: { name: "Bob" } }
        ]
      })
      assert.match(status.bulkId, /^[0-9a-f-]{36}$/)
      assert.strictEqual(status.status, "Accepted")
    }),

  "bulk.status": ({ double, server }) =>
    Effect.gen(function*() {
      const { bulkId } = yield* server.bulk.send({
        from: "news@example.org",
        subject: "News",
        textBody: "Hello {{name}}.",
        messageStream: "broadcast",
        messages: [{ to: "ann@example.com", templateModel: { name: "Ann" } }, { to: "bob@example.com" }]
      })
      const before = yield* server.bulk.status(bulkId)
      assert.deepStrictEqual([before.bulkId, before.status, before.totalMessages], [bulkId, "Accepted", 2])
      yield* TestClock.adjust("1 second")
      yield* double.settled
      const after = yield* server.bulk.status(bulkId)
      assert.deepStrictEqual(
        [after.status, after.percentageCompleted, after.releasedCount, after.failedCount, after.subject],
        ["Completed", 100, 2, 0, "News"]
      )
    }),

  "outboundMessages.list": ({ server }) =>
    Effect.gen(function*() {
      yield* server.sendEmail({ ...email, tag: "receipt", metadata: { order: "991" } })
      yield* server.sendEmail({ ...email, subject: "Other" })
      assert.strictEqual((yield* server.outboundMessages.list()).totalCount, 2)
      const { messages, totalCount } = yield* server.outboundMessages.list({
        tag: "receipt",
        metadata: { order: "991" },
        fromEmail: "shop@example.org",
        status: "sent",
        fromDate: "2026-09-30"
      })
      assert.strictEqual(totalCount, 1)
      assert.deepStrictEqual(
        messages.map((
          { metadata, recipients, status, subject, to }
        ) => [metadata["order"], recipients, status, subject, to]),
        [["991", ["ann@example.com"], "Sent", "Receipt", [{ email: "ann@example.com", name: "" }]]]
      )
    }),

  "outboundMessages.details": (world) =>
    Effect.gen(function*() {
      const messageId = yield* engaged(world)
      yield* world.double.bounce(messageId, "ann@example.com")
      const details = yield* world.server.outboundMessages.details(messageId)
      assert.deepStrictEqual(
        [details.messageId, details.trackOpens, details.trackLinks, details.textBody],
        [messageId, true, "HtmlAndText", trackedEmail.textBody]
      )
      const recipient = "ann@example.com"
      const timeline = OutboundMessage.timeline(details)
      assert.deepStrictEqual(timeline.map((event) => [event._tag, event.recipient]), [
        ["Delivered", recipient],
        ["Opened", recipient],
        ["Opened", recipient],
        ["LinkClicked", recipient],
        ["Bounced", recipient],
        ["SubscriptionChanged", recipient]
      ])
      assert.deepInclude(timeline[3], { link: shop, clickLocation: "Text" })
      assert.deepInclude(timeline[4], { bounceId: firstBounceId })
      assert.deepInclude(timeline[5], { origin: "Recipient", suppressSending: true })
    }),

  "outboundMessages.dump": ({ server }) =>
    Effect.gen(function*() {
      const { messageId } = yield* server.sendEmail(email)
      const source = yield* server.outboundMessages.dump(messageId)
      assert.include(source, `X-PM-Message-Id: ${messageId}`)
    }),

  "opens.list": (world) =>
    Effect.gen(function*() {
      const messageId = yield* engaged(world)
      const other = yield* world.server.sendEmail({ ...trackedEmail, to: "bob@example.com" })
      yield* world.double.open(other.messageId, "bob@example.com", firefox)
      // Postmark keeps the first open of a message only.
      const { opens, totalCount } = yield* world.server.opens.list()
      assert.deepStrictEqual([totalCount, opens.map((open) => open.messageId)], [2, [other.messageId, messageId]])
      const found = yield* world.server.opens.list({ osFamily: "macOS", tag: "receipt", messageStream: "outbound" })
      assert.deepStrictEqual(
        found.opens.map((open) => [open.recipient, open.tag, open.platform, open.client?.family, open.readSeconds]),
        [["ann@example.com", "receipt", "Desktop", "Apple Mail", 5]]
      )
      assert.deepInclude(found.opens[0]?.geo, { countryIsoCode: "NL", city: "Amsterdam", ip: "203.0.113.44" })
    }),

  "opens.ofMessage": (world) =>
    Effect.gen(function*() {
      const messageId = yield* engaged(world)
      const { opens, totalCount } = yield* world.server.opens.ofMessage(messageId, { count: 1 })
      assert.strictEqual(totalCount, 1)
      assert.deepStrictEqual(opens.map((open) => [open.messageId, open.platform]), [[messageId, "Desktop"]])
    }),

  "clicks.list": (world) =>
    Effect.gen(function*() {
      const messageId = yield* engaged(world)
      const { clicks, totalCount } = yield* world.server.clicks.list({ clientFamily: "Firefox" })
      assert.strictEqual(totalCount, 1)
      assert.deepStrictEqual(
        clicks.map((click) => [click.messageId, click.originalLink, click.clickLocation, click.os?.name]),
        [[messageId, shop, "Text", "Android 14"]]
      )
    }),

  "clicks.ofMessage": (world) =>
    Effect.gen(function*() {
      const messageId = yield* engaged(world)
      const { clicks } = yield* world.server.clicks.ofMessage(messageId)
      assert.deepStrictEqual(clicks.map(({ originalLink, recipient }) => [originalLink, recipient]), [
        [shop, "ann@example.com"]
      ])
    })
}
