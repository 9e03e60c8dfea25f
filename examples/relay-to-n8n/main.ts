/**
 * Relays a bounce to a workflow: the double bounces a mail, the event is stored with its outbox row, the relay signs and
 * posts it, and a plain node:http receiver, which stands for n8n's webhook node, verifies it.
 */
import { NodeRelayClient, Relay, RelayTargets } from "@effect-postmark/automation"
import { Connections, Digest, Subscriptions, TriggerRegistry, Vault, WebhookReceiver } from "@effect-postmark/core"
import { SqliteStorage } from "@effect-postmark/storage-sql"
import { PostmarkDouble, type WebhookSender } from "@effect-postmark/test-double"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Console, Deferred, Effect, Layer, Redacted } from "effect"
import { createServer } from "node:http"
import { Webhook } from "standardwebhooks"

const secret = Redacted.make("Bearer a-secret-that-only-postmark-knows")

const program = Effect.gen(function*() {
  const receiver = yield* Deferred.make<WebhookReceiver.Service>()
  const arrived = yield* Deferred.make<string>()
  let relaySecret = ""

  const workflow = createServer((request, response) => {
    let body = ""
    request.setEncoding("utf8").on("data", (chunk: string) => (body += chunk)).on("end", () => {
      const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]))
      try {
        new Webhook(relaySecret).verify(body, headers)
        response.writeHead(204).end()
        Deferred.unsafeDone(arrived, Effect.succeed(body))
      } catch {
        response.writeHead(401).end()
      }
    })
  })
  yield* Effect.acquireRelease(
    Effect.async<void>((resume) => void workflow.listen(0, "127.0.0.1", () => resume(Effect.void))),
    () => Effect.sync(() => (workflow.closeAllConnections(), workflow.close()))
  )
  const address = workflow.address()
  const port = typeof address === "object" && address !== null ? address.port : 0

  const webhookSender: WebhookSender.WebhookSender = ({ body, headers, url }) =>
    Deferred.await(receiver).pipe(
      Effect.flatMap(({ receive }) =>
        receive({
          connectionId: url.slice(url.lastIndexOf("/") + 1),
          authorization: headers["Authorization"] === undefined ? [] : [headers["Authorization"]],
          body: new TextEncoder().encode(body)
        })
      ),
      Effect.map(({ status }) => status)
    )

  // This machine is not a public address: it is allowed by name.
  const allowed = { hosts: ["127.0.0.1"], ports: [port] }
  const services = Layer.mergeAll(Relay.layer(), RelayTargets.layer(allowed), WebhookReceiver.layer).pipe(
    Layer.provide(NodeRelayClient.layer(allowed)),
    Layer.provideMerge(Subscriptions.layer),
    Layer.provideMerge(Connections.layer()),
    Layer.provide([
      Vault.layerEphemeral,
      Digest.layer,
      TriggerRegistry.layer(),
      SqliteStorage.layer({ filename: ":memory:" })
    ]),
    Layer.provide(PostmarkDouble.layerHttpClient),
    Layer.provide(PostmarkDouble.layer({ webhookSender }))
  )

  yield* Effect.gen(function*() {
    yield* Deferred.succeed(receiver, yield* WebhookReceiver.WebhookReceiver)
    const connections = yield* Connections.Connections
    const { id } = yield* connections.connect({
      name: "Acme",
      serverToken: Redacted.make(PostmarkDouble.demoServerToken)
    })
    const trigger = "postmark/email-bounced"
    yield* (yield* Subscriptions.Subscriptions).subscribe({ connectionId: id, trigger, secret })
    const targets = yield* RelayTargets.RelayTargets
    const target = yield* targets.create({ connectionId: id, trigger, url: `http://127.0.0.1:${port}/webhook/bounces` })
    relaySecret = Redacted.value(target.secret)

    const postmark = yield* connections.client(id)
    yield* postmark.webhooks.create({
      url: `http://127.0.0.1/v1/webhooks/${id}`,
      httpHeaders: [{ name: "Authorization", value: secret }],
      triggers: { bounce: { enabled: true } }
    })
    yield* postmark.sendEmail({
      from: "shop@example.org",
      to: "hardbounce@bounce-testing.postmarkapp.com",
      subject: "Your receipt",
      textBody: "Thank you."
    })
    yield* Console.log(`the workflow received and verified ${yield* Deferred.await(arrived)}`)
  }).pipe(Effect.provide(services))
})

NodeRuntime.runMain(Effect.scoped(program))
