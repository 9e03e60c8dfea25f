import "@effect-postmark/test-double/vitest"
import { NodePostmarkDouble, PostmarkDouble } from "@effect-postmark/test-double"
import { Layer, ManagedRuntime } from "effect"
import { ServerClient } from "postmark"
import { afterAll, expect, it } from "vitest"

const runtime = ManagedRuntime.make(
  Layer.provideMerge(NodePostmarkDouble.layerServer({ port: 0 }), PostmarkDouble.layerTest())
)
const double = await runtime.runPromise(PostmarkDouble.PostmarkDouble)
const { host, port } = await runtime.runPromise(NodePostmarkDouble.NodePostmarkDouble)

afterAll(() => runtime.dispose())

it("sends a receipt over a socket", async () => {
  const client = new ServerClient(PostmarkDouble.demoServerToken, { requestHost: `${host}:${port}`, useHttps: false })
  await client.sendEmail({ From: "shop@example.org", To: "ann@example.com", Subject: "Your receipt", TextBody: "Hi." })
  expect(double).toHaveSent({ to: "ann@example.com" })
})
