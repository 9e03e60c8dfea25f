import "@effect-postmark/test-double/vitest"
import { NodeSmtpServer, PostmarkDouble } from "@effect-postmark/test-double"
import { Layer, ManagedRuntime } from "effect"
import { createTransport } from "nodemailer"
import { afterAll, expect, it } from "vitest"

const runtime = ManagedRuntime.make(Layer.provideMerge(NodeSmtpServer.layer({ port: 0 }), PostmarkDouble.layerTest()))
const double = await runtime.runPromise(PostmarkDouble.PostmarkDouble)
const { host, port } = await runtime.runPromise(NodeSmtpServer.NodeSmtpServer)

afterAll(() => runtime.dispose())

it("sends a receipt by SMTP", async () => {
  const auth = { user: PostmarkDouble.demoServerToken, pass: PostmarkDouble.demoServerToken }
  const transport = createTransport({ host, port, auth })
  await transport.sendMail({ from: "shop@example.org", to: "ann@example.com", subject: "Your receipt", text: "Hi." })
  expect(double).toHaveSent({ to: "ann@example.com", subject: "Your receipt" })
})
