import "@effect-postmark/test-double/vitest"
import { PostmarkDouble } from "@effect-postmark/test-double"
import { Effect, ManagedRuntime } from "effect"
import { ServerClient } from "postmark"
import { afterAll, expect, it } from "vitest"

const runtime = ManagedRuntime.make(PostmarkDouble.layerTest())
const double = await runtime.runPromise(PostmarkDouble.PostmarkDouble)
const client = new ServerClient(PostmarkDouble.demoServerToken, {
  fetch: await runtime.runPromise(PostmarkDouble.fetch)
})

afterAll(() => runtime.dispose())

it("has sent what it should", async () => {
  expect(double).not.toHaveSent()
  const { MessageID } = await client.sendEmail({
    From: "Shop <shop@example.org>",
    To: "Ann <ann@example.com>, bob@example.com",
    Subject: "Receipt for order 991",
    HtmlBody: "<p>Thanks for <b>everything</b>.</p>",
    Tag: "receipt",
    TrackOpens: true,
    Metadata: { order: "991" }
  })

  // A text is equal, a pattern is found, an asymmetric matcher decides.
  expect(double).toHaveSent({ subject: "Receipt for order 991", htmlBody: expect.stringContaining("everything") })
  // One address is among the others; a list is the whole list, in any order and in any case.
  expect(double).toHaveSent({ to: "ann@example.com" })
  expect(double).toHaveSent({ to: ["BOB@example.com", "ann@example.com"], cc: [] })
  // Of metadata and headers, what is named counts. undefined says that there is none.
  expect(double).toHaveSent({ metadata: { order: /^\d+$/ }, template: undefined, replyTo: undefined })
  expect(double).toHaveSentTimes(1, { tag: "receipt" })

  await Effect.runPromise(double.settled)
  await Effect.runPromise(double.open(MessageID, "ann@example.com"))
  expect(double).toHaveDelivered("bob@example.com")
  expect(double).toHaveOpened({ recipient: "ann@example.com", tag: "receipt" })
  expect(double).not.toHaveBounced()

  // A list of messages will do too.
  const sent = await Effect.runPromise(double.sent)
  expect(sent.filter(({ tag }) => tag === "receipt")).toHaveSentTimes(1)
})
