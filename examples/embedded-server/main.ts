/**
 * The API inside your own Effect program: your stores, your HTTP server, your own services beside it. `Server.layer` is a
 * layer as any other, so it starts and ends with the program, and the program can use the same services directly.
 *
 * It talks to the double. With `--serve` it runs until Ctrl-C.
 */
import { NodeRelayClient, Relay } from "@effect-postmark/automation"
import { Connections, Digest, PostmarkTriggers, Subscriptions, Vault } from "@effect-postmark/core"
import { ApiKeys, Readiness, Server, ServerServices, SqlServerStores } from "@effect-postmark/http-server"
import { SqliteStorage } from "@effect-postmark/storage-sql"
import { NodePostmarkDouble, PostmarkDouble } from "@effect-postmark/test-double"
import { HttpServer } from "@effect/platform"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Console, Effect, Layer, Redacted } from "effect"
import { createServer } from "node:http"

/** Every store on one SQLite file. This one is in memory, so that the example leaves nothing behind. */
const stores = Layer.provide(SqlServerStores.layerSqlite, SqliteStorage.layerClient({ filename: ":memory:" }))

/** What the API needs. Everything here can also be used without HTTP. */
const services = (postmarkUrl: string) =>
  Relay.layer().pipe(
    Layer.provideMerge(ServerServices.layer({ connections: { apiUrl: postmarkUrl } })),
    Layer.provide(NodeRelayClient.layer()),
    Layer.provide([Vault.layerEphemeral, Digest.layer, NodeHttpClient.layerUndici]),
    Layer.provideMerge(stores)
  )

/** A part of your own program that `/readyz` should know about. */
const ready = Layer.succeed(Readiness.Readiness, [{ name: "catalogue", check: Effect.void }])

const secret = Redacted.make("Bearer a-secret-that-only-postmark-knows")

const program = Effect.gen(function*() {
  const server = yield* HttpServer.HttpServer
  const url = HttpServer.formatAddress(server.address)
  // The program itself needs no API key: it has the services.
  const connections = yield* Connections.Connections
  const { id } = yield* connections.connect({
    name: "Acme",
    serverToken: Redacted.make(PostmarkDouble.demoServerToken)
  })
  const subscriptions = yield* Subscriptions.Subscriptions
  yield* subscriptions.subscribe({ connectionId: id, trigger: PostmarkTriggers.EmailDelivered.id, secret })
  const keys = yield* ApiKeys.ApiKeys
  const { key } = yield* keys.create({ name: "workflows", connections: [id] })

  // Other programs use the API.
  const headers = { authorization: `Bearer ${Redacted.value(key)}` }
  const get = (path: string) =>
    Effect.promise(async () => {
      const response = await fetch(`${url}${path}`, { headers })
      return `${response.status} ${await response.text()}`
    })
  yield* Console.log(`GET /readyz answered ${yield* get("/readyz")}`)
  const sent = yield* Effect.promise(() =>
    fetch(`${url}/v1/connections/${id}/actions/send-email`, {
      method: "POST",
      headers,
      body: JSON.stringify({ from: "shop@example.org", to: "ann@example.com", subject: "Hello", textBody: "Hi" })
    })
  )
  yield* Console.log(`POST send-email answered ${sent.status}`)
  if (sent.status !== 200) return yield* Effect.dieMessage("the message was not sent")
  if (!process.argv.includes("--serve")) return
  yield* Console.log(`serving on ${url}, documentation at ${url}/docs`)
  return yield* Effect.never
})

const double = Layer.provide(NodePostmarkDouble.layerServer({ port: 0 }), PostmarkDouble.layer())

const main = Effect.gen(function*() {
  const postmark = yield* NodePostmarkDouble.NodePostmarkDouble
  const server = Server.layer({ publicUrl: "https://hooks.example.com" }).pipe(
    Layer.provide(ready),
    Layer.provideMerge(NodeHttpServer.layerServer(createServer, { port: 0, host: "127.0.0.1" })),
    Layer.provideMerge(services(postmark.url))
  )
  return yield* Effect.provide(program, server)
})

NodeRuntime.runMain(Effect.provide(main, double))
