import { BounceId } from "@effect-postmark/core/Ids"
import * as OutboundMessage from "@effect-postmark/core/OutboundMessage"
import { OutboundMessageDetailsResponse } from "@effect-postmark/core/OutboundMessages"
import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"

const receivedAt = "2026-09-30T12:04:10.0000000-04:00"
const about = { recipient: "ann@example.com", receivedAt }

/** The timeline of a message with one event, as Postmark writes it. */
const timelineOf = (Type: string, Details?: object) =>
  OutboundMessage.timeline(
    Schema.decodeUnknownSync(OutboundMessageDetailsResponse)({
      MessageID: "5b1f0c52-8f0e-4a6c-9f43-2b7a5d3c9e10",
      ReceivedAt: receivedAt,
      From: "shop@example.org",
      Status: "Sent",
      MessageEvents: [{ Recipient: "ann@example.com", Type, ReceivedAt: receivedAt, ...(Details && { Details }) }]
    })
  )

const attempt = {
  DeliveryMessage: "smtp;250 2.0.0 OK",
  DestinationServer: "mx.example.com (203.0.113.5)",
  DestinationIP: "203.0.113.5"
}

const heard = {
  deliveryMessage: "smtp;250 2.0.0 OK",
  destinationServer: "mx.example.com (203.0.113.5)",
  destinationIp: "203.0.113.5"
}

describe("the timeline of a message", () => {
  it("has the fields of each type", () => {
    assert.deepStrictEqual(timelineOf("Delivered", attempt), [{ _tag: "Delivered", ...about, ...heard }])
    assert.deepStrictEqual(timelineOf("Transient", attempt), [{ _tag: "Transient", ...about, ...heard }])
    assert.deepStrictEqual(timelineOf("Opened", { Summary: "Email opened" }), [
      { _tag: "Opened", ...about, summary: "Email opened" }
    ])
    assert.deepStrictEqual(
      timelineOf("LinkClicked", { Summary: "clicked", Link: "https://example.org/", ClickLocation: "HTML" }),
      [{ _tag: "LinkClicked", ...about, summary: "clicked", link: "https://example.org/", clickLocation: "HTML" }]
    )
  })

  it("keeps every digit of a bounce's id", () => {
    assert.deepStrictEqual(timelineOf("Bounced", { Summary: "550", BounceID: "4323372036854775807" }), [
      { _tag: "Bounced", ...about, summary: "550", bounceId: BounceId.make("4323372036854775807") }
    ])
  })

  it("reads the word of SuppressSending", () => {
    const suppressSending = (SuppressSending: string) =>
      timelineOf("SubscriptionChanged", { Origin: "Customer", SuppressSending })
    const changed = { _tag: "SubscriptionChanged", ...about, origin: "Customer" } as const
    assert.deepStrictEqual(suppressSending("True"), [{ ...changed, suppressSending: true }])
    assert.deepStrictEqual(suppressSending("False"), [{ ...changed, suppressSending: false }])
    assert.deepStrictEqual(suppressSending("Perhaps"), [{ ...changed, suppressSending: undefined }])
  })

  it("keeps an event whose details are missing", () => {
    assert.deepStrictEqual(timelineOf("Bounced"), [
      { _tag: "Bounced", ...about, summary: undefined, bounceId: undefined }
    ])
    assert.deepStrictEqual(timelineOf("SubscriptionChanged", {}), [
      { _tag: "SubscriptionChanged", ...about, origin: undefined, suppressSending: undefined }
    ])
  })

  it("keeps an event of a type that Postmark has added", () => {
    assert.deepStrictEqual(timelineOf("Forwarded", { Summary: "to bob@example.com", Hops: 2 }), [
      { _tag: "Unknown", ...about, type: "Forwarded", details: { summary: "to bob@example.com" } }
    ])
  })
})
