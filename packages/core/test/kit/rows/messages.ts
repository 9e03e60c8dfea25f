import * as Bounces from "@effect-postmark/core/Bounces"
import * as Engagement from "@effect-postmark/core/Engagement"
import * as Ids from "@effect-postmark/core/Ids"
import * as InboundMessages from "@effect-postmark/core/InboundMessages"
import * as InboundRules from "@effect-postmark/core/InboundRules"
import * as OutboundMessages from "@effect-postmark/core/OutboundMessages"
import { type Row, serverRow } from "../row.ts"

const id = "5b1f0c52-8f0e-4a6c-9f43-2b7a5d3c9e10"
const messageId = Ids.MessageId.make(id)

const bounce = {
  RecordType: "Bounce",
  ID: 4_323_372_036_854_775_807n,
  Type: "HardBounce",
  TypeCode: 1,
  Name: "Hard bounce",
  Tag: "",
  MessageID: "0d7a4a1e-61c3-4a0f-8d4e-6f3f3c8b2a77",
  ServerID: 812345,
  MessageStream: "outbound",
  Description: "The server was unable to deliver your message (ex: unknown user, mailbox not found).",
  Details: "smtp;550 5.1.1 <gone@example.com>: Recipient address rejected",
  Email: "gone@example.com",
  From: "shop@example.org",
  BouncedAt: "2026-03-11T17:33:38Z",
  DumpAvailable: true,
  Inactive: true,
  CanActivate: true,
  Subject: "Your receipt 991"
}
const bounceId = Ids.BounceId.make("4323372036854775807")

const outbound = {
  MessageID: id,
  MessageStream: "outbound",
  Tag: "receipt",
  To: [{ Email: "ann@example.com", Name: "" }],
  Cc: [],
  Bcc: [],
  Recipients: ["ann@example.com"],
  ReceivedAt: "2026-09-30T12:04:08.5123401-04:00",
  From: "\"Example Shop\" <shop@example.org>",
  Subject: "Your receipt 991",
  Attachments: ["receipt-991.pdf"],
  Status: "Sent",
  TrackOpens: true,
  TrackLinks: "None",
  Metadata: { order_id: "991" },
  Sandboxed: false
}

const delivered = {
  Recipient: "ann@example.com",
  Type: "Delivered",
  ReceivedAt: "2026-09-30T12:04:10.0000000-04:00",
  Details: {
    DeliveryMessage: "smtp;250 2.0.0 Ok: queued as 4F1A2B3C",
    DestinationServer: "mx.example.com (203.0.113.5)",
    DestinationIP: "203.0.113.5"
  }
}

const seenBy = {
  MessageID: id,
  MessageStream: "outbound",
  Recipient: "ann@example.com",
  Tag: "receipt",
  ReceivedAt: "2026-09-30T18:00:05.0102030Z",
  UserAgent: "Mozilla/5.0",
  Client: { Name: "Apple Mail 16.0", Company: "Apple Inc.", Family: "Apple Mail" },
  OS: { Name: "macOS 14", Company: "Apple Inc.", Family: "macOS" },
  Platform: "Desktop",
  Geo: {
    CountryISOCode: "NL",
    Country: "Netherlands",
    RegionISOCode: "NH",
    Region: "North Holland",
    City: "Amsterdam",
    Zip: "1012",
    Coords: "52.3740,4.8897",
    IP: "203.0.113.44"
  }
}
const open = { RecordType: "Open", ...seenBy, ReadSeconds: 4, FirstOpen: true }
const click = {
  RecordType: "Click",
  ...seenBy,
  Geo: {},
  ClickLocation: "HTML",
  OriginalLink: "https://shop.example.org/orders/991"
}

const carol = { Email: "carol@example.com", Name: "Carol Customer", MailboxHash: "" }
const support = { Email: "a1b2+ticket42@inbound.example.org", Name: "Support", MailboxHash: "ticket42" }
const inbound = {
  MessageID: id,
  MessageStream: "inbound",
  Status: "Blocked",
  From: carol.Email,
  FromName: carol.Name,
  FromFull: carol,
  To: `"Support" <${support.Email}>`,
  ToFull: [support],
  Cc: "",
  CcFull: [],
  Bcc: "",
  BccFull: [],
  ReplyTo: "",
  OriginalRecipient: support.Email,
  Subject: "Re: Ticket 42",
  Date: "Wed, 30 Sep 2026 18:15:00 +0200",
  MailboxHash: "ticket42",
  Tag: "",
  Attachments: [{ Name: "note.txt", ContentID: "", ContentType: "text/plain", ContentLength: 5 }]
}

/** From docs/postmark.md#outbound-messages and #bounces, and the inbound rules of docs/postmark.md#inbound. */
export const messages: ReadonlyArray<Row> = [
  serverRow(Bounces.getDeliveryStats, {
    call: ({ bounces }) => bounces.deliveryStats,
    request: "GET /deliveryStats",
    answer: {
      InactiveMails: 2,
      Bounces: [{ Name: "All", Count: 3 }, { Type: "HardBounce", Name: "Hard bounce", Count: 3 }]
    },
    gives: {
      inactiveMails: 2,
      bounces: [{ name: "All", count: 3 }, { type: "HardBounce", name: "Hard bounce", count: 3 }]
    }
  }),
  serverRow(Bounces.listBounces, {
    call: ({ bounces }) =>
      bounces.list({
        count: 10,
        offset: 20,
        type: "HardBounce",
        inactive: true,
        emailFilter: "gone@",
        tag: "receipt",
        messageId,
        fromDate: "2026-03-01",
        toDate: "2026-03-31T12:00:00",
        messageStream: "broadcast"
      }),
    request:
      `GET /bounces?count=10&offset=20&type=HardBounce&inactive=true&emailFilter=gone%40&tag=receipt&messageID=${id}` +
      "&fromdate=2026-03-01&todate=2026-03-31T12%3A00%3A00&messagestream=broadcast",
    answer: { TotalCount: 1, Bounces: [bounce] }
  }),
  serverRow(Bounces.getBounce, {
    call: ({ bounces }) => bounces.get(bounceId),
    request: "GET /bounces/4323372036854775807",
    answer: { ...bounce, Content: "Return-Path: <>" }
  }),
  serverRow(Bounces.getBounceDump, {
    call: ({ bounces }) => bounces.dump(bounceId),
    request: "GET /bounces/4323372036854775807/dump",
    answer: { Body: "Return-Path: <>" },
    gives: "Return-Path: <>"
  }),
  serverRow(Bounces.getBounceDump, {
    call: ({ bounces }) => bounces.dump(bounceId),
    request: "GET /bounces/4323372036854775807/dump",
    answer: {},
    gives: undefined
  }),
  serverRow(Bounces.activateBounce, {
    call: ({ bounces }) => bounces.activate(bounceId),
    request: "PUT /bounces/4323372036854775807/activate",
    answer: { Bounce: { ...bounce, Inactive: false }, Message: "OK" }
  }),
  serverRow(OutboundMessages.listOutboundMessages, {
    call: ({ outboundMessages }) =>
      outboundMessages.list({
        recipient: "ann@example.com",
        fromEmail: "shop@example.org",
        tag: "receipt",
        status: "sent",
        fromDate: "2026-09-30",
        toDate: "2026-09-30",
        subject: "991",
        messageStream: "broadcast",
        metadata: { order_id: "991" }
      }),
    request: "GET /messages/outbound?count=50&offset=0&recipient=ann%40example.com&fromemail=shop%40example.org" +
      "&tag=receipt&status=sent&fromdate=2026-09-30&todate=2026-09-30&subject=991&messagestream=broadcast" +
      "&metadata_order_id=991",
    answer: { TotalCount: 1, Messages: [outbound] }
  }),
  serverRow(OutboundMessages.getOutboundMessageDetails, {
    call: ({ outboundMessages }) => outboundMessages.details(messageId),
    request: `GET /messages/outbound/${id}/details`,
    answer: {
      ...outbound,
      TextBody: "Thanks.",
      HtmlBody: "<p>Thanks.</p>",
      Body: "From: …",
      MessageEvents: [delivered]
    }
  }),
  serverRow(OutboundMessages.getOutboundMessageDump, {
    call: ({ outboundMessages }) => outboundMessages.dump(messageId),
    request: `GET /messages/outbound/${id}/dump`,
    answer: { Body: "From: …" },
    gives: "From: …"
  }),
  serverRow(OutboundMessages.getOutboundMessageDump, {
    call: ({ outboundMessages }) => outboundMessages.dump(messageId),
    request: `GET /messages/outbound/${id}/dump`,
    answer: { Body: "" },
    gives: undefined
  }),
  serverRow(Engagement.listOpens, {
    call: ({ opens }) =>
      opens.list({
        recipient: "ann@example.com",
        tag: "receipt",
        clientName: "a",
        clientCompany: "b",
        clientFamily: "c",
        osName: "d",
        osFamily: "e",
        osCompany: "f",
        platform: "Desktop",
        country: "NL",
        region: "NH",
        city: "Amsterdam",
        messageStream: "broadcast"
      }),
    request: "GET /messages/outbound/opens?count=50&offset=0&recipient=ann%40example.com&tag=receipt&client_name=a" +
      "&client_company=b&client_family=c&os_name=d&os_family=e&os_company=f&platform=Desktop&country=NL&region=NH" +
      "&city=Amsterdam&messagestream=broadcast",
    answer: { TotalCount: 1, Opens: [open] }
  }),
  serverRow(Engagement.listMessageOpens, {
    call: ({ opens }) => opens.ofMessage(messageId, { count: 1 }),
    request: `GET /messages/outbound/opens/${id}?count=1&offset=0`,
    answer: { TotalCount: 1, Opens: [{ ...seenBy, Client: null, Geo: {} }] }
  }),
  serverRow(Engagement.listClicks, {
    call: ({ clicks }) => clicks.list(),
    request: "GET /messages/outbound/clicks?count=50&offset=0",
    answer: { TotalCount: 1, Clicks: [click] }
  }),
  serverRow(Engagement.listMessageClicks, {
    call: ({ clicks }) => clicks.ofMessage(messageId),
    request: `GET /messages/outbound/clicks/${id}?count=50&offset=0`,
    answer: { TotalCount: 1, Clicks: [click] }
  }),
  serverRow(InboundMessages.listInboundMessages, {
    call: ({ inboundMessages }) =>
      inboundMessages.list({
        recipient: support.Email,
        fromEmail: carol.Email,
        tag: "t",
        subject: "Ticket",
        mailboxHash: "ticket42",
        status: "blocked",
        fromDate: "2026-09-30",
        toDate: "2026-09-30"
      }),
    request: "GET /messages/inbound?count=50&offset=0&recipient=a1b2%2Bticket42%40inbound.example.org" +
      "&fromemail=carol%40example.com&tag=t&subject=Ticket&mailboxhash=ticket42&status=blocked&fromdate=2026-09-30" +
      "&todate=2026-09-30",
    answer: { TotalCount: 1, InboundMessages: [inbound] }
  }),
  serverRow(InboundMessages.getInboundMessageDetails, {
    call: ({ inboundMessages }) => inboundMessages.details(messageId),
    request: `GET /messages/inbound/${id}/details`,
    answer: {
      ...inbound,
      TextBody: "It works now.\r\n",
      HtmlBody: "",
      StrippedTextReply: "It works now.",
      Headers: [{ Name: "X-Spam-Status", Value: "No" }],
      BlockedReason: "Blocked by a rule"
    }
  }),
  serverRow(InboundMessages.bypassInboundMessage, {
    call: ({ inboundMessages }) => inboundMessages.bypass(messageId),
    request: `PUT /messages/inbound/${id}/bypass`,
    answer: { ErrorCode: 0, Message: "Successfully bypassed rules for message." },
    gives: undefined
  }),
  serverRow(InboundMessages.retryInboundMessage, {
    call: ({ inboundMessages }) => inboundMessages.retry(messageId),
    request: `PUT /messages/inbound/${id}/retry`,
    answer: { ErrorCode: 0, Message: "Successfully rescheduled failed message." },
    gives: undefined
  }),
  serverRow(InboundRules.listInboundRules, {
    call: ({ inboundRules }) => inboundRules.list({ count: 500, offset: 1 }),
    request: "GET /triggers/inboundRules?count=500&offset=1",
    answer: { TotalCount: 1, InboundRules: [{ ID: 3, Rule: "someone@example.com" }] }
  }),
  serverRow(InboundRules.createInboundRule, {
    call: ({ inboundRules }) => inboundRules.create({ rule: "example.com" }),
    request: "POST /triggers/inboundRules",
    body: { Rule: "example.com" },
    answer: { Rule: "example.com", ID: 4 },
    gives: { id: 4, rule: "example.com" }
  }),
  serverRow(InboundRules.deleteInboundRule, {
    call: ({ inboundRules }) => inboundRules.delete(3),
    request: "DELETE /triggers/inboundRules/3",
    answer: { ErrorCode: 0, Message: "Rule someone@example.com removed." },
    gives: undefined
  })
]
