/**
 * Keeps addresses that bounce out of the newsletter: Postmark suppresses a hard bounce in the stream of the message only,
 * and a soft bounce nowhere. The handler suppresses the recipient in the broadcast stream too.
 *
 * A fault makes the first suppression fail: the event is tried again a second later, and holds up nobody else's.
 */
import { Triggers } from "@effect-postmark/automation"
import {
  Connections,
  Digest,
  PostmarkTriggers,
  Subscriptions,
  TriggerRegistry,
  Vault,
  type WebhookEvent,
  WebhookReceiver
} from "@effect-postmark/core"
import { SqliteStorage } from "@effect-postmark/storage-sql"
import { Fault, PostmarkDouble, type WebhookSender } from "@effect-postmark/test-double"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Console, Deferred, Effect, Layer, Queue, Redacted } from "effect"

const stream = "broadcast"
const enough = 3

/** Why the recipient gets no more newsletters; undefined while there is hope. */
const reason = (bounce: WebhookEvent.EmailBounced, count: number): string | undefined => {
  if (bounce.canActivate === false) return "cannot be activated again"
  if (bounce.category === "permanent") return `${bounce.type} is permanent`
  return bounce.category === "temporary" && count >= enough ? `${bounce.type}, ${count} times` : undefined
}

const program = Effect.gen(function*() {
  const receiver = yield* Deferred.make<WebhookReceiver.Service>()
  const handled = yield* Queue.unbounded<string>()

  const onBounce = Triggers.on(
    PostmarkTriggers.EmailBounced,
    { subscriber: "newsletter-hygiene", concurrency: 4 },
    (bounce, { connectionId }) =>
      Effect.gen(function*() {
        const postmark = yield* (yield* Connections.Connections).client(connectionId)
        // Counted by Postmark, so a restart forgets nothing, and a repeated event counts once. The filter finds joann@, too.
        const { bounces } = yield* postmark.bounces.list({
          emailFilter: bounce.recipient,
          type: bounce.type,
          count: 100
        })
        const count = bounces.filter(({ email }) => email.toLowerCase() === bounce.recipient.toLowerCase()).length
        const why = reason(bounce, count)
        if (why !== undefined) yield* postmark.suppressions.create(stream, [bounce.recipient])
        yield* Queue.offer(handled, `${bounce.recipient}: ${why === undefined ? "wait and see" : `suppressed, ${why}`}`)
      })
  )

  const secret = Redacted.make("Bearer a-secret-that-only-postmark-knows")
  /** Receives what Postmark posts; in a real program the HTTP adapter does this. */
  const webhookSender: WebhookSender.WebhookSender = ({ body, headers, url }) =>
    Effect.flatMap(Deferred.await(receiver), ({ receive }) =>
      receive({
        connectionId: url.slice(url.lastIndexOf("/") + 1),
        authorization: headers["Authorization"] === undefined ? [] : [headers["Authorization"]],
        body: new TextEncoder().encode(body)
      })).pipe(Effect.map(({ status }) => status))

  const fault = Fault.rule({ path: "/message-streams/*/suppressions", first: 1 }, Fault.status(500))
  const services = Layer.mergeAll(onBounce, WebhookReceiver.layer).pipe(
    Layer.provideMerge(Subscriptions.layer),
    Layer.provideMerge(Connections.layer()),
    Layer.provide([Vault.layerEphemeral, Digest.layer, TriggerRegistry.layer()]),
    Layer.provide(SqliteStorage.layer({ filename: ":memory:" })),
    Layer.provide(PostmarkDouble.layerHttpClient),
    Layer.provide(PostmarkDouble.layer({ webhookSender, faults: [fault] }))
  )

  yield* Effect.gen(function*() {
    yield* Deferred.succeed(receiver, yield* WebhookReceiver.WebhookReceiver)
    const connections = yield* Connections.Connections
    const { id } = yield* connections.connect({
      name: "Acme",
      serverToken: Redacted.make(PostmarkDouble.demoServerToken)
    })
    const subscriptions = yield* Subscriptions.Subscriptions
    yield* subscriptions.subscribe({ connectionId: id, trigger: "postmark/email-bounced", secret })
    const postmark = yield* connections.client(id)
    yield* postmark.webhooks.create({
      url: `http://127.0.0.1/v1/webhooks/${id}`,
      httpHeaders: [{ name: "Authorization", value: secret }],
      triggers: { bounce: { enabled: true } }
    })

    for (const name of ["hardbounce", "softbounce", "softbounce", "softbounce"]) {
      const to = `${name}@bounce-testing.postmarkapp.com`
      yield* postmark.sendEmail({ from: "shop@example.org", to, subject: "Your receipt", textBody: "Thank you." })
      yield* Console.log(yield* Queue.take(handled))
    }

    const suppressed = (yield* postmark.suppressions.dump(stream)).map(({ emailAddress }) => emailAddress).sort()
    yield* Console.log(`suppressed in ${stream}: ${suppressed.join(", ")}`)
    const expected = ["hardbounce", "softbounce"].map((name) => `${name}@bounce-testing.postmarkapp.com`)
    if (suppressed.join() !== expected.join()) return yield* Effect.dieMessage(`expected ${expected.join(", ")}`)
  }).pipe(Effect.provide(services))
})

NodeRuntime.runMain(program)
