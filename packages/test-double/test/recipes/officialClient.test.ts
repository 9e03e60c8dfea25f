import "@effect-postmark/test-double/vitest"
import { PostmarkDouble } from "@effect-postmark/test-double"
import { Effect, ManagedRuntime } from "effect"
import { Errors, ServerClient } from "postmark"
import { afterAll, afterEach, expect, it } from "vitest"

const runtime = ManagedRuntime.make(PostmarkDouble.layerTest())
const double = await runtime.runPromise(PostmarkDouble.PostmarkDouble)
const client = new ServerClient(PostmarkDouble.demoServerToken, {
  fetch: await runtime.runPromise(PostmarkDouble.fetch)
})

afterEach(() => Effect.runPromise(double.reset))
afterAll(() => runtime.dispose())

const mail = { From: "shop@example.org", To: "ann@example.com", Subject: "Your receipt", TextBody: "Thanks." }

it("sends a receipt", async () => {
  await client.sendEmail({ ...mail, Tag: "receipt" })
  expect(double).toHaveSent({ to: "ann@example.com", tag: "receipt" })
})

it("learns that the recipient is suppressed", async () => {
  await Effect.runPromise(double.suppress("ann@example.com"))
  await expect(client.sendEmail(mail)).rejects.toThrow(Errors.InactiveRecipientsError)
  expect(double).not.toHaveSent()
})
