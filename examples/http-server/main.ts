/**
 * The HTTP adapter inside your own program, with your own action beside Postmark's six, and a handler that receives
 * every delivery. The action has a route and an OpenAPI entry because it is in the registry.
 *
 * It talks to the double. With `--serve` it runs until Ctrl-C.
 */
import { Triggers } from "@effect-postmark/automation"
import { Action, Connections, PostmarkError, PostmarkTriggers, Receipt, Subscriptions } from "@effect-postmark/core"
import { Settings, Standalone } from "@effect-postmark/http-server"
import { NodePostmarkDouble, PostmarkDouble } from "@effect-postmark/test-double"
import { HttpClient, HttpClientRequest } from "@effect/platform"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Console, Deferred, Effect, Layer, Option, Redacted, Schema } from "effect"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

const SendInvoice = Action.make("acme/send-invoice", {
  title: "Send an invoice",
  description: "An invoice by mail",
  readOnly: false,
  idempotent: false,
  payload: Schema.Struct({ to: Schema.String, number: Schema.Int }),
  success: Receipt.Receipt,
  error: PostmarkError.SendError
})

const sendInvoice = Action.handle(SendInvoice, ({ number, to }, postmark) =>
  postmark.sendEmail({
    from: "billing@example.org",
    to,
    subject: `Invoice ${number}`,
    textBody: `Please find invoice ${number} in your account.`,
    metadata: { invoice: String(number) }
  }))

const onDelivery = (arrived: Deferred.Deferred<void>) =>
  Triggers.on(PostmarkTriggers.EmailDelivered, { subscriber: "invoices" }, ({ metadata }) =>
    Effect.zipRight(
      Console.log(`invoice ${metadata["invoice"]} has arrived`),
      Deferred.succeed(arrived, undefined)
    ))

const apiKey = Redacted.make("an-api-key-for-this-example")
const secret = Redacted.make("Bearer a-secret-that-only-postmark-knows")

/** Connects a client, and makes Postmark post its deliveries to this server, through the server's own services. */
const connect = Effect.gen(function*() {
  const { url } = yield* Standalone.Standalone
  const connections = yield* Connections.Connections
  const subscriptions = yield* Subscriptions.Subscriptions
  const serverToken = Redacted.make(PostmarkDouble.demoServerToken)
  const { id } = yield* connections.connect({ name: "Acme", serverToken })
  yield* subscriptions.subscribe({ connectionId: id, trigger: PostmarkTriggers.EmailDelivered.id, secret })
  const postmark = yield* connections.client(id)
  yield* postmark.webhooks.create({
    url: `${url}/v1/webhooks/${id}`,
    httpHeaders: [{ name: "Authorization", value: secret }],
    triggers: { delivery: { enabled: true } }
  })
  return id
})

/** Calls the action over HTTP, as a workflow elsewhere would. */
const callAction = (connectionId: string) =>
  Effect.gen(function*() {
    const http = yield* HttpClient.HttpClient
    const { url } = yield* Standalone.Standalone
    const path = `/v1/connections/${connectionId}/actions/send-invoice`
    const response = yield* HttpClientRequest.post(`${url}${path}`).pipe(
      HttpClientRequest.bearerToken(apiKey),
      HttpClientRequest.bodyUnsafeJson({ to: "ann@example.com", number: 7 }),
      http.execute
    )
    yield* Console.log(`POST ${path} answered ${response.status}`)
  })

const program = Effect.gen(function*() {
  const dataDir = yield* Effect.acquireRelease(
    Effect.sync(() => mkdtempSync(join(tmpdir(), "http-server-example-"))),
    (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true }))
  )
  const postmark = yield* NodePostmarkDouble.NodePostmarkDouble
  const settings = Settings.make({
    port: 0,
    dataDir,
    apiKey: Option.some(apiKey),
    postmarkApiUrl: Option.some(postmark.url)
  })
  const arrived = yield* Deferred.make<void>()
  const server = Standalone.layer(settings, { actions: [sendInvoice] })
  yield* Effect.gen(function*() {
    yield* Effect.flatMap(connect, callAction)
    yield* Deferred.await(arrived)
    if (!process.argv.includes("--serve")) return
    const { url } = yield* Standalone.Standalone
    yield* Console.log(`serving on ${url}, documentation at ${url}/docs`)
    return yield* Effect.never
  }).pipe(Effect.provide(Layer.merge(Layer.provideMerge(onDelivery(arrived), server), NodeHttpClient.layerUndici)))
}).pipe(Effect.scoped)

const double = Layer.provide(NodePostmarkDouble.layerServer({ port: 0 }), PostmarkDouble.layer())

NodeRuntime.runMain(Effect.provide(program, double))
