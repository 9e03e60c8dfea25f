import * as PostmarkTriggers from "@effect-postmark/core/PostmarkTriggers"
import * as WebhookEvent from "@effect-postmark/core/WebhookEvent"
import { assert, describe, it } from "@effect/vitest"
import { Either, Schema } from "effect"

const about = { MessageStream: "outbound", Tag: "receipt", Metadata: { order_id: "991" } }
const messageId = "5b1f0c52-8f0e-4a6c-9f43-2b7a5d3c9e10"

const bounce = {
  ...about,
  RecordType: "Bounce",
  ID: 1600123456,
  Type: "HardBounce",
  TypeCode: 1,
  Name: "Hard bounce",
  MessageID: messageId,
  ServerID: 812345,
  Description: "The server was unable to deliver your message (ex: unknown user, mailbox not found).",
  Details: "smtp;550 5.1.1 <gone@example.com>: Recipient address rejected",
  Email: "gone@example.com",
  From: "shop@example.org",
  BouncedAt: "2026-09-30T16:05:00.0000000Z",
  DumpAvailable: true,
  Inactive: true,
  CanActivate: true,
  Subject: "Your receipt 991"
}

const click = {
  ...about,
  RecordType: "Click",
  ClickLocation: "HTML",
  Client: { Name: "Firefox 130.0", Company: "Mozilla Foundation", Family: "Firefox" },
  OS: { Name: "Windows 11", Company: "Microsoft Corporation", Family: "Windows" },
  Platform: "Desktop",
  UserAgent: "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:130.0) Gecko/20100101 Firefox/130.0",
  OriginalLink: "https://shop.example.org/orders/991",
  Geo: {},
  MessageID: messageId,
  ReceivedAt: "2026-09-30T18:01:44.9090909Z",
  Recipient: "ann@example.com"
}

const change = {
  ...about,
  RecordType: "SubscriptionChange",
  MessageID: messageId,
  ServerID: 812345,
  ChangedAt: "2026-09-30T17:20:32Z",
  Recipient: "bob@example.net",
  Origin: "Recipient",
  SuppressSending: true,
  SuppressionReason: "ManualSuppression"
}

const inbound = {
  FromName: "Carol Customer",
  MessageStream: "inbound",
  From: "carol@example.com",
  FromFull: { Email: "carol@example.com", Name: "Carol Customer", MailboxHash: "" },
  To: "\"Support\" <a1b2+ticket42@inbound.example.org>",
  ToFull: [{ Email: "a1b2+ticket42@inbound.example.org", Name: "Support", MailboxHash: "ticket42" }],
  Cc: "",
  CcFull: [],
  OriginalRecipient: "a1b2+ticket42@inbound.example.org",
  Subject: "Re: Ticket 42",
  MessageID: messageId,
  Date: "Wed, 30 Sep 2026 18:15:00 +0200",
  TextBody: "It works now.",
  HtmlBody: "",
  Tag: "",
  Headers: [{ Name: "X-Spam-Status", Value: "No" }],
  Attachments: [{ Name: "note.txt", Content: "aGVsbG8=", ContentType: "text/plain", ContentLength: 5, ContentID: "" }]
}

const read = (body: unknown) => Either.getOrThrow(WebhookEvent.fromBody(body))

describe("a webhook's body", () => {
  it("of each type is read", () => {
    const bodies: ReadonlyArray<readonly [string, object]> = [
      ["EmailDelivered", {
        ...about,
        RecordType: "Delivery",
        ServerId: 812345,
        MessageID: messageId,
        Recipient: "ann@example.com",
        DeliveredAt: "2026-09-30T16:04:10.1234567Z",
        Details: ""
      }],
      ["EmailBounced", bounce],
      ["SpamComplaint", {
        ...bounce,
        RecordType: "SpamComplaint",
        Type: "SpamComplaint",
        TypeCode: 512,
        From: undefined
      }],
      ["EmailOpened", { ...click, RecordType: "Open", FirstOpen: true, ReadSeconds: 0 }],
      ["LinkClicked", click],
      ["SubscriptionChanged", change],
      ["InboundReceived", inbound],
      ["Unknown", { RecordType: "Surprise" }],
      ["Unknown", []],
      ["Unknown", { RecordType: ["Delivery"] }]
    ]
    for (const [tag, body] of bodies) assert.strictEqual(read(body)._tag, tag)
  })

  it("of a reactivation has nulls, which are left out", () => {
    const event = read({
      ...change,
      MessageID: null,
      Origin: "Customer",
      SuppressSending: false,
      SuppressionReason: null,
      Tag: null,
      Metadata: {}
    })
    assert.deepStrictEqual<unknown>(event._tag === "SubscriptionChanged" ? { ...event.event, raw: undefined } : {}, {
      messageStream: "outbound",
      serverId: 812345,
      recipient: "bob@example.net",
      changedAt: "2026-09-30T17:20:32Z",
      origin: "Customer",
      suppressSending: false,
      metadata: {},
      raw: undefined
    })
  })

  it("of an inbound mail keeps its people, headers and attachments", () => {
    const event = read(inbound)
    assert.deepStrictEqual<unknown>(event._tag === "InboundReceived" ? { ...event.event, raw: undefined } : {}, {
      messageStream: "inbound",
      messageId,
      from: { email: "carol@example.com", name: "Carol Customer" },
      to: [{ email: "a1b2+ticket42@inbound.example.org", name: "Support", mailboxHash: "ticket42" }],
      cc: [],
      bcc: [],
      originalRecipient: "a1b2+ticket42@inbound.example.org",
      subject: "Re: Ticket 42",
      date: "Wed, 30 Sep 2026 18:15:00 +0200",
      textBody: "It works now.",
      headers: [{ name: "X-Spam-Status", value: "No" }],
      attachments: [{ name: "note.txt", content: "aGVsbG8=", contentType: "text/plain", contentLength: 5 }],
      raw: undefined
    })
  })

  it("without what its event is about is a failure, not an event", () => {
    for (
      const body of [
        { ...bounce, ID: undefined, MessageID: null },
        { ...bounce, ID: 2 ** 60, MessageID: undefined },
        { ...bounce, Email: "" },
        { ...bounce, Type: undefined, TypeCode: undefined },
        { ...click, MessageID: null },
        { ...click, Recipient: {} },
        { ...click, ReceivedAt: undefined },
        { ...change, SuppressSending: "perhaps", SuppressionReason: null },
        { ...inbound, MessageID: [] }
      ]
    ) assert.isTrue(Either.isLeft(WebhookEvent.fromBody(body)), JSON.stringify(body))
  })

  it("of a bounce without a message id, or with new words, is read", () => {
    const event = read({ ...bounce, MessageID: "", Type: "SomethingNew", From: null, Metadata: { count: 3 } })
    assert.deepInclude(event._tag === "EmailBounced" ? event.event : {}, {
      type: "SomethingNew",
      category: "other",
      metadata: { count: "3" }
    })
  })
})

it("events are JSON as they are", () => {
  const bounced = Either.getOrThrow(PostmarkTriggers.EmailBounced.fromWebhook(bounce))
  assert.deepStrictEqual<unknown>(Schema.encodeSync(PostmarkTriggers.EmailBounced.event)(bounced), bounced)
  const opened = Either.getOrThrow(
    PostmarkTriggers.EmailOpened.fromWebhook({ ...click, FirstOpen: true, ReadSeconds: 0 })
  )
  assert.deepStrictEqual<unknown>(Schema.encodeSync(PostmarkTriggers.EmailOpened.event)(opened), opened)
})

it("bounce types fall into categories", () => {
  const categoryOf = (type: string) => {
    const event = read({ ...bounce, Type: type })
    return event._tag === "EmailBounced" ? event.event.category : ""
  }
  assert.deepStrictEqual(
    ["HardBounce", "SoftBounce", "Blocked", "SpamComplaint", "Unsubscribe", "AutoResponder", "Unknown", "toString"]
      .map(categoryOf),
    ["permanent", "temporary", "blocked", "complaint", "unsubscribed", "automatic", "other", "other"]
  )
})
