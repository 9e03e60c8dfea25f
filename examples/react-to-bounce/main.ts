/**
 * Reacts to a bounce: the program sends a message, Postmark posts its outcome, and a handler receives the bounce as a
 * typed value.
 *
 * Everything is in one process. The double posts its webhooks straight into the receiver. An SQLite file stores the
 * events, so a restarted program would continue where this one stopped.
 */
import { Triggers } from "@effect-postmark/automation"
import {
  Connections,
  Digest,
  PostmarkTriggers,
  Subscriptions,
  TriggerRegistry,
  Vault,
  WebhookReceiver
} from "@effect-postmark/core"
import { SqliteStorage } from "@effect-postmark/storage-sql"
import { PostmarkDouble, type WebhookSender } from "@effect-postmark/test-double"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Console, Deferred, Effect, Layer, Redacted } from "effect"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

const secret = Redacted.make("Bearer a-secret-that-only-postmark-knows")

const directory = mkdtempSync(join(tmpdir(), "react-to-bounce-"))

const program = Effect.gen(function*() {
  const receiver = yield* Deferred.make<WebhookReceiver.Service>()
  const handled = yield* Deferred.make<void>()

  /** Receives what Postmark posts; in a real program the HTTP adapter does this. */
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

  const onBounce = Triggers.on(
    PostmarkTriggers.EmailBounced,
    { subscriber: "tell-sales" },
    (bounce) =>
      Console.log(
        `bounce ${bounce.bounceId}: ${bounce.type}, ${bounce.recipient} ` +
          (bounce.canActivate ? "can be activated again" : "cannot be activated again")
      ).pipe(
        Effect.zipRight(Deferred.succeed(handled, undefined))
      )
  )

  const services = Layer.mergeAll(onBounce, WebhookReceiver.layer).pipe(
    Layer.provideMerge(Subscriptions.layer),
    Layer.provideMerge(Connections.layer()),
    Layer.provide([Vault.layerEphemeral, Digest.layer, TriggerRegistry.layer()]),
    Layer.provide(SqliteStorage.layer({ filename: join(directory, "events.db") })),
    Layer.provide(PostmarkDouble.layerHttpClient),
    Layer.provide(PostmarkDouble.layer({ webhookSender }))
  )

  yield* Effect.gen(function*() {
    yield* Deferred.succeed(receiver, yield* WebhookReceiver.WebhookReceiver)
    const connections = yield* Connections.Connections
    const subscriptions = yield* Subscriptions.Subscriptions

    const { id } = yield* connections.connect({
      name: "Acme",
      serverToken: Redacted.make(PostmarkDouble.demoServerToken)
    })
    yield* subscriptions.subscribe({ connectionId: id, trigger: "postmark/email-bounced", secret })

    const postmark = yield* connections.client(id)
    yield* postmark.webhooks.create({
      url: `http://127.0.0.1/v1/webhooks/${id}`,
      httpHeaders: [{ name: "Authorization", value: secret }],
      triggers: { bounce: { enabled: true } }
    })
    const receipt = yield* postmark.sendEmail({
      from: "shop@example.org",
      to: "hardbounce@bounce-testing.postmarkapp.com",
      subject: "Your receipt",
      textBody: "Thank you."
    })
    yield* Console.log(`sent ${receipt.messageId}`)
    yield* Deferred.await(handled)
  }).pipe(Effect.provide(services))
})

NodeRuntime.runMain(
  Effect.ensuring(program, Effect.sync(() => rmSync(directory, { recursive: true, force: true })))
)
