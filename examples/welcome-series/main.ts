/**
 * A welcome series that survives `kill -9`: send; if it is not delivered in an hour, tell someone; if it is not opened in
 * three days, send the reminder. Here an hour is five seconds and three days are two, and the double stands for Postmark:
 * Ann opens her mail, Bob does not, and Carl's bounces.
 *
 * With file names instead of `:memory:` (and a vault with a fixed key), the series goes on when the program starts again.
 */
import * as DurableSteps from "@effect-postmark/automation/DurableSteps"
import { Connections, Digest, Ids, Subscriptions, TriggerRegistry, Vault, WebhookReceiver } from "@effect-postmark/core"
import { SqliteStorage } from "@effect-postmark/storage-sql"
import * as WorkflowEngine from "@effect-postmark/storage-sql/WorkflowEngine"
import { PostmarkDouble, type WebhookSender } from "@effect-postmark/test-double"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Workflow from "@effect/workflow/Workflow"
import { Console, Deferred, Effect, Layer, Redacted, Schema } from "effect"

const WelcomeSeries = Workflow.make({
  name: "WelcomeSeries",
  payload: { connectionId: Ids.ConnectionId, to: Schema.String },
  success: Schema.String,
  error: DurableSteps.StepFailed,
  idempotencyKey: ({ connectionId, to }) => `${connectionId} ${to}`
})

const welcomeSeries = DurableSteps.workflow(WelcomeSeries, ({ connectionId, to }) =>
  Effect.gen(function*() {
    const { awaitOpen, awaitOutcome, send } = yield* DurableSteps.DurableSteps
    const shop = "shop@example.org"
    const htmlBody = "<p>Good that you are here.</p>"
    const mail = { from: shop, to, subject: "Welcome", htmlBody, trackOpens: true }
    const welcome = yield* send("welcome", connectionId, mail)
    const outcome = yield* awaitOutcome("delivery", welcome, { within: "5 seconds" })
    if (outcome._tag !== "Delivered") {
      const textBody = `${to} got no welcome: ${outcome._tag}`
      yield* send("tell someone", connectionId, {
        from: shop,
        to: "sales@example.org",
        subject: "No welcome",
        textBody
      })
      return "sales was told"
    }
    const opened = yield* awaitOpen("open", welcome, { within: "2 seconds" })
    if (opened._tag === "Opened") return "opened"
    yield* send("reminder", connectionId, { ...mail, subject: "We are still here" })
    return "reminded"
  }))

const secret = Redacted.make("Bearer a-secret-that-only-postmark-knows")

const program = Effect.gen(function*() {
  const receiver = yield* Deferred.make<WebhookReceiver.Service>()
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

  const services = Layer.mergeAll(welcomeSeries, WebhookReceiver.layer).pipe(
    Layer.provideMerge(DurableSteps.layer({ pollInterval: "100 millis" })),
    Layer.provideMerge(WorkflowEngine.layerSqlite({ filename: ":memory:" })),
    Layer.provideMerge(Subscriptions.layer),
    Layer.provideMerge(Connections.layer()),
    Layer.provide([
      Vault.layerEphemeral,
      Digest.layer,
      TriggerRegistry.layer(),
      SqliteStorage.layer({ filename: ":memory:" })
    ]),
    Layer.provide(PostmarkDouble.layerHttpClient),
    Layer.provideMerge(PostmarkDouble.layer({ webhookSender }))
  )

  yield* Effect.gen(function*() {
    yield* Deferred.succeed(receiver, yield* WebhookReceiver.WebhookReceiver)
    const connections = yield* Connections.Connections
    const { id: connectionId } = yield* connections.connect({
      name: "Acme",
      serverToken: Redacted.make(PostmarkDouble.demoServerToken)
    })
    const subscriptions = yield* Subscriptions.Subscriptions
    for (const event of ["delivered", "bounced", "opened"]) {
      yield* subscriptions.subscribe({ connectionId, trigger: `postmark/email-${event}`, secret })
    }
    yield* (yield* connections.client(connectionId)).webhooks.create({
      url: `http://127.0.0.1/v1/webhooks/${connectionId}`,
      httpHeaders: [{ name: "Authorization", value: secret }],
      triggers: { delivery: { enabled: true }, bounce: { enabled: true }, open: { enabled: true } }
    })

    const double = yield* PostmarkDouble.PostmarkDouble
    const annOpens = Effect.gen(function*() {
      const isAnns = (
        { events, to }: { readonly events: ReadonlyArray<unknown>; readonly to: ReadonlyArray<string> }
      ) => to.includes("ann@example.com") && events.length > 0
      yield* double.waitFor(({ sent }) => sent.some(isAnns))
      const message = (yield* double.sent).find(isAnns)
      yield* double.open(message?.messageId ?? "", "ann@example.com")
    })
    yield* Effect.fork(annOpens)
    const people = ["ann@example.com", "bob@example.com", "hardbounce@bounce-testing.postmarkapp.com"]
    yield* Effect.forEach(
      people,
      (to) => Effect.flatMap(WelcomeSeries.execute({ connectionId, to }), (end) => Console.log(`${to}: ${end}`)),
      {
        concurrency: "unbounded"
      }
    )
    yield* Console.log(`sent: ${(yield* double.sent).map(({ subject }) => subject).join(", ")}`)
  }).pipe(Effect.provide(services))
})

NodeRuntime.runMain(Effect.scoped(program))
