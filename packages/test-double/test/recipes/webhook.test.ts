import "@effect-postmark/test-double/vitest"
import { PostmarkDouble } from "@effect-postmark/test-double"
import { Effect, ManagedRuntime } from "effect"
import { once } from "node:events"
import { createServer } from "node:http"
import { text } from "node:stream/consumers"
import { ServerClient } from "postmark"
import { afterAll, expect, it } from "vitest"

const bodies: Array<string> = []
const receiver = createServer(async (request, response) => {
  bodies.push(await text(request))
  response.end()
}).listen(0, "127.0.0.1")
await once(receiver, "listening")
const address = receiver.address()
const port = typeof address === "object" && address !== null ? address.port : 0

const runtime = ManagedRuntime.make(PostmarkDouble.layerTest())
const double = await runtime.runPromise(PostmarkDouble.PostmarkDouble)
const client = new ServerClient(PostmarkDouble.demoServerToken, {
  fetch: await runtime.runPromise(PostmarkDouble.fetch)
})

afterAll(async () => {
  await runtime.dispose()
  receiver.close()
})

it("gets a webhook when a message bounces", async () => {
  await client.createWebhook({ Url: `http://127.0.0.1:${port}/hooks`, Triggers: { Bounce: { Enabled: true } } })
  await client.sendEmail({
    From: "shop@example.org",
    To: "hardbounce@bounce-testing.postmarkapp.com",
    Subject: "Your receipt",
    TextBody: "Thanks."
  })
  await Effect.runPromise(double.waitFor(({ webhookAttempts }) => webhookAttempts.length > 0))
  expect(JSON.parse(bodies[0] ?? "")).toMatchObject({ RecordType: "Bounce", Type: "HardBounce" })
  expect(double).toHavePostedWebhook({ recordType: "Bounce", outcome: "taken" })
})
