import "@effect-postmark/test-double/vitest"
import { PostmarkDouble } from "@effect-postmark/test-double"
import { Effect, ManagedRuntime } from "effect"
import { afterAll, afterEach, expect, it, vi } from "vitest"

// The code under test.
const sendReceipt = async (to: string, fetch = globalThis.fetch) => {
  const response = await fetch("https://api.postmarkapp.com/email", {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-Postmark-Server-Token": "double-demo-server-token" },
    body: JSON.stringify({ From: "shop@example.org", To: to, Subject: "Your receipt", TextBody: "Thanks." })
  })
  if (!response.ok) throw new Error(`Postmark answered ${response.status}`)
}

const runtime = ManagedRuntime.make(PostmarkDouble.layerTest())
const double = await runtime.runPromise(PostmarkDouble.PostmarkDouble)
const fetch = await runtime.runPromise(PostmarkDouble.fetch)

afterEach(async () => {
  vi.unstubAllGlobals()
  await Effect.runPromise(double.reset)
})
afterAll(() => runtime.dispose())

it("sends a receipt through the fetch it is given", async () => {
  await sendReceipt("ann@example.com", fetch)
  expect(double).toHaveSentTimes(1, { to: "ann@example.com", subject: "Your receipt" })
})

it("sends a receipt through the global fetch", async () => {
  vi.stubGlobal("fetch", fetch)
  await sendReceipt("ann@example.com")
  expect(double).toHaveSentTimes(1)
})
