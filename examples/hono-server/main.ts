/**
 * The API beside the routes of an app on Hono, as `Request` to `Response`. The same handler works in Bun.serve, Deno.serve
 * and everything else that has requests of the Fetch standard.
 *
 * It talks to the double. With `--serve` it runs until Ctrl-C.
 */
import { NodeRelayClient } from "@effect-postmark/automation"
import { Digest, Vault } from "@effect-postmark/core"
import { ApiKeys, Server, ServerServices, ServerStores } from "@effect-postmark/http-server"
import { NodePostmarkDouble, PostmarkDouble } from "@effect-postmark/test-double"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import { serve } from "@hono/node-server"
import { Effect, Layer, ManagedRuntime, Redacted, Schema } from "effect"
import { Hono } from "hono"
import { once } from "node:events"

const apiKey = "an-api-key-for-this-example"

/** Stores in memory are enough for an example; see embedded-server for SQLite. */
const services = (postmarkUrl: string) =>
  // A key that the app knows from its own settings.
  Layer.tap(ServerServices.layer({ connections: { apiUrl: postmarkUrl } }), (context) =>
    Effect.flatMap(ApiKeys.ApiKeys, ({ adopt }) =>
      adopt({ name: "app", key: Redacted.make(apiKey) })).pipe(
        Effect.provide(context)
      )).pipe(
      Layer.provide(NodeRelayClient.layer()),
      Layer.provide([Vault.layerEphemeral, Digest.layer, NodeHttpClient.layerUndici]),
      Layer.provideMerge(ServerStores.layerMemory)
    )

const double = ManagedRuntime.make(
  Layer.provide(NodePostmarkDouble.layerServer({ port: 0 }), PostmarkDouble.layer())
)
const { url: postmarkUrl } = await double.runPromise(NodePostmarkDouble.NodePostmarkDouble)

const app = new Hono()
const server = serve({ fetch: app.fetch, hostname: "127.0.0.1", port: 0 })
await once(server, "listening")
const address = server.address()
const origin = `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`

// The routes of the app, and the API below a path of its own. Receiver URLs begin with that path.
const postmark = Server.toWebHandler(services(postmarkUrl), { publicUrl: `${origin}/postmark` })
app.get("/", (context) => context.text("the app's own page"))
app.mount("/postmark", postmark.handler)

const call = async (method: string, path: string, body?: unknown): Promise<unknown> => {
  const response = await fetch(`${origin}${path}`, {
    method,
    headers: { authorization: `Bearer ${apiKey}` },
    ...(body === undefined ? {} : { body: JSON.stringify(body) })
  })
  const text = await response.text()
  console.log(`${method} ${path} answered ${response.status}`)
  if (!response.ok) throw new Error(text)
  return response.headers.get("content-type")?.includes("json") === true ? JSON.parse(text) : text
}

console.log(await call("GET", "/"))
const connected = await call("POST", "/postmark/v1/connections", {
  name: "Acme",
  serverToken: PostmarkDouble.demoServerToken
})
const { id } = Schema.decodeUnknownSync(Schema.Struct({ id: Schema.String }))(connected)
const subscribed = await call("POST", `/postmark/v1/connections/${id}/triggers`, {
  trigger: "postmark/email-delivered",
  secret: "Bearer a-secret-that-only-postmark-knows"
})
const { receiverUrl } = Schema.decodeUnknownSync(Schema.Struct({ receiverUrl: Schema.String }))(subscribed)
console.log(`Postmark posts its webhooks to ${new URL(receiverUrl).pathname}`)
await call("POST", `/postmark/v1/connections/${id}/actions/send-email`, {
  from: "shop@example.org",
  to: "ann@example.com",
  subject: "Hello",
  textBody: "Hi"
})

const stop = async () => {
  // What is in flight is finished first.
  await postmark.dispose()
  server.close()
  await double.dispose()
}

if (process.argv.includes("--serve")) {
  console.log(`serving on ${origin}`)
  process.once("SIGINT", stop)
} else {
  await stop()
}
