import * as OutboundMessage from "@effect-postmark/core/OutboundMessage"
import * as PostmarkApi from "@effect-postmark/core/PostmarkApi"
import * as PostmarkTriggers from "@effect-postmark/core/PostmarkTriggers"
import { assert, it } from "@effect/vitest"
import { Either, Schema } from "effect"

it("spells a domain email as Postmark does", () => {
  assert.deepStrictEqual(
    Schema.encodeSync(PostmarkApi.EmailRequest)({
      from: "a@example.com",
      to: ["b@example.com", "C <c@example.com>"],
      subject: "s",
      textBody: "t",
      headers: [{ name: "X-A", value: "b" }],
      metadata: { order_id: "1" },
      attachments: [{ name: "n", content: new Uint8Array([104, 105]), contentType: "text/plain", contentId: "cid:1" }]
    }),
    {
      From: "a@example.com",
      To: "b@example.com, C <c@example.com>",
      Subject: "s",
      TextBody: "t",
      Headers: [{ Name: "X-A", Value: "b" }],
      Metadata: { order_id: "1" },
      Attachments: [{ Name: "n", Content: "aGk=", ContentType: "text/plain", ContentID: "cid:1" }]
    }
  )
})

it("renames inside what may be null or left out", () => {
  const json = {
    ID: 1,
    Url: "https://example.com/",
    HttpAuth: { Username: "u", Password: "p" },
    HttpHeaders: [{ Name: "Authorization", Value: "secret" }],
    Triggers: { Open: { Enabled: true, PostFirstOpenOnly: false } }
  }
  const webhook = Schema.decodeUnknownSync(PostmarkApi.WebhookResponse)(json)
  assert.deepStrictEqual(webhook.httpHeaders?.map(({ name }) => name), ["Authorization"])
  assert.deepStrictEqual<unknown>(Schema.encodeSync(PostmarkApi.WebhookResponse)(webhook), json)
  assert.isNull(Schema.decodeUnknownSync(PostmarkApi.WebhookResponse)({ ID: 1, Url: "x", HttpAuth: null }).httpAuth)
})

it("reads an open with its client and place", () => {
  const body = {
    RecordType: "Open",
    MessageStream: "outbound",
    FirstOpen: true,
    Client: { Name: "Apple Mail 16.0", Company: "Apple Inc.", Family: "Apple Mail" },
    OS: { Name: "macOS 14", Company: "Apple Inc.", Family: "macOS" },
    Platform: "Desktop",
    UserAgent: "Mozilla/5.0",
    ReadSeconds: 0,
    Geo: { CountryISOCode: "NL", Country: "Netherlands", City: "Amsterdam", IP: "203.0.113.44" },
    MessageID: "5b1f0c52-8f0e-4a6c-9f43-2b7a5d3c9e10",
    Metadata: {},
    ReceivedAt: "2026-09-30T18:00:05.0102030Z",
    Tag: "",
    Recipient: "ann@example.com"
  }
  const event = Either.getOrThrow(PostmarkTriggers.EmailOpened.fromWebhook(body))
  assert.deepStrictEqual<unknown>(event, {
    messageStream: "outbound",
    firstOpen: true,
    client: { name: "Apple Mail 16.0", company: "Apple Inc.", family: "Apple Mail" },
    os: { name: "macOS 14", company: "Apple Inc.", family: "macOS" },
    platform: "Desktop",
    userAgent: "Mozilla/5.0",
    readSeconds: 0,
    geo: { countryIsoCode: "NL", country: "Netherlands", city: "Amsterdam", ip: "203.0.113.44" },
    messageId: body.MessageID,
    metadata: {},
    openedAt: body.ReceivedAt,
    machineOpen: "likely",
    recipient: "ann@example.com",
    raw: body
  })
  for (
    const lean of [{ ...body, Geo: {}, Client: null, OS: null, Tag: null }, { ...body, Geo: undefined, Metadata: null }]
  ) {
    assert.isTrue(Either.isRight(PostmarkTriggers.EmailOpened.fromWebhook(lean)))
  }
})

it("reads a timeline whose details are odd", () => {
  const details = Schema.decodeUnknownSync(PostmarkApi.OutboundMessageDetailsResponse)({
    MessageID: "5b1f0c52-8f0e-4a6c-9f43-2b7a5d3c9e10",
    ReceivedAt: "2026-09-30T12:04:08-04:00",
    From: "shop@example.org",
    Status: "Sent",
    MessageEvents: [
      { Recipient: "a@example.com", Type: "Bounced", ReceivedAt: "t", Details: { BounceID: "" } },
      { Recipient: "a@example.com", Type: "Bounced", ReceivedAt: "t", Details: { BounceID: 4323372036854775807n } },
      { Recipient: "a@example.com", Type: "SubscriptionChanged", ReceivedAt: "t", Details: { SuppressSending: true } }
    ]
  })
  const [without, exact, changed] = OutboundMessage.timeline(details)
  assert.deepInclude(without, { _tag: "Bounced", bounceId: undefined })
  assert.strictEqual(exact?._tag === "Bounced" ? exact.bounceId : "", "4323372036854775807")
  assert.deepInclude(changed, { _tag: "SubscriptionChanged", suppressSending: true })
})
