/** A connection to a double whose webhooks come to our receiver, unless a test loses them. */
import { GapFill } from "@effect-postmark/automation"
import {
  Connections,
  ConnectionStore,
  CursorStore,
  Digest,
  EventLog,
  PostmarkTriggers,
  SubscriberStore,
  Subscriptions,
  SubscriptionStore,
  SweepStore,
  TriggerRegistry,
  Vault,
  WebhookReceiver
} from "@effect-postmark/core"
import { PostmarkDouble, type WebhookSender } from "@effect-postmark/test-double"
import { Context, Effect, Fiber, Layer, Option, Redacted, TestClock } from "effect"

export const memory = Layer.mergeAll(
  ConnectionStore.layerMemory,
  CursorStore.layerMemory,
  EventLog.layerMemory,
  SubscriberStore.layerMemory,
  SubscriptionStore.layerMemory,
  SweepStore.layerMemory
)

export type Stores =
  | ConnectionStore.ConnectionStore
  | CursorStore.CursorStore
  | EventLog.EventLog
  | SubscriberStore.SubscriberStore
  | SubscriptionStore.SubscriptionStore
  | SweepStore.SweepStore

export const start = Date.parse("2026-09-30T16:00:00Z")

/** Without pauses between reads. */
export const unpaced: GapFill.Options = { readsPerSecond: 0 }

export const world = (options: {
  readonly stores?: Context.Context<Stores>
  readonly gapFill?: GapFill.Options
  readonly double?: PostmarkDouble.Options
  /** Whether the connection is subscribed to all triggers, and the double has webhooks for them. */
  readonly isProvisioned?: boolean
} = {}) =>
  Effect.gen(function*() {
    yield* TestClock.setTime(start)
    const stores = options.stores ?? (yield* Layer.build(memory))
    /** Whether the next webhook is lost; what was posted, in its order. */
    const network = { isLost: (_post: WebhookSender.WebhookPost): boolean => false }
    const posts: Array<WebhookSender.WebhookPost> = []
    let receiver: Option.Option<WebhookReceiver.Service> = Option.none()
    let connectionId = ""

    /** Posts to our receiver, and answers its status. */
    const deliver = (post: WebhookSender.WebhookPost) =>
      Option.match(receiver, {
        onNone: () => Effect.succeed(404),
        onSome: ({ receive }) =>
          Effect.map(
            receive({
              connectionId,
              authorization: [post.headers["Authorization"] ?? ""],
              body: new TextEncoder().encode(post.body)
            }),
            ({ status }) => status
          )
      })

    const double = PostmarkDouble.layerTest({
      webhookHosts: ["hooks.example.com"],
      // A lost webhook is refused for good, and refusals pause no trigger.
      pauseTriggerAfter: 1_000_000,
      ...options.double,
      webhookSender: (post) => {
        posts.push(post)
        return network.isLost(post) ? Effect.succeed(403) : deliver(post)
      }
    })
    const core = Layer.provideMerge(
      Layer.mergeAll(Subscriptions.layer, GapFill.layer({ ...unpaced, ...options.gapFill })),
      Layer.provideMerge(
        Connections.layer(),
        Layer.mergeAll(
          Layer.succeedContext(stores),
          double,
          TriggerRegistry.layer(),
          Vault.layerEphemeral,
          Digest.layer
        )
      )
    )
    const context = yield* Layer.build(Layer.provideMerge(WebhookReceiver.layer, core))
    receiver = Option.some(Context.get(context, WebhookReceiver.WebhookReceiver))

    const connections = Context.get(context, Connections.Connections)
    const subscriptions = Context.get(context, Subscriptions.Subscriptions)
    const connection = yield* connections.connect({
      name: "Acme",
      serverToken: Redacted.make(PostmarkDouble.demoServerToken)
    })
    connectionId = connection.id
    const secret = Redacted.make("Bearer 0123456789abcdef")
    const isProvisioned = options.isProvisioned ?? true
    for (const { id } of isProvisioned ? PostmarkTriggers.all : []) {
      yield* subscriptions.subscribe({ connectionId, trigger: id, secret })
    }
    const client = yield* connections.client(connectionId)
    for (const messageStream of isProvisioned ? ["outbound", "broadcast"] : []) {
      yield* client.webhooks.create({
        url: "https://hooks.example.com/here",
        messageStream,
        httpHeaders: [{ name: "Authorization", value: secret }],
        triggers: {
          open: { enabled: true },
          click: { enabled: true },
          delivery: { enabled: true },
          bounce: { enabled: true },
          spamComplaint: { enabled: true },
          subscriptionChange: { enabled: true }
        }
      })
    }
    const log = Context.get(context, EventLog.EventLog)
    return {
      context,
      client,
      connectionId: connection.id,
      double: Context.get(context, PostmarkDouble.PostmarkDouble),
      deliver,
      gapFill: Context.get(context, GapFill.GapFill),
      network,
      posts,
      /** The events of the log, oldest first. */
      events: log.read({ after: 0, limit: 10_000 })
    }
  })

export const email = {
  from: "Shop <shop@example.org>",
  to: "ann@example.com",
  subject: "Receipt",
  textBody: "Your orders: https://shop.example.org/orders",
  htmlBody: `<p><a href="https://shop.example.org/orders">your orders</a></p>`,
  trackOpens: true,
  trackLinks: "HtmlAndText",
  tag: "receipt",
  metadata: { order: "991" }
} as const

/** Runs an effect while the test's clock goes on, 10 seconds at a time, until the effect is done. */
export const driven = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.gen(function*() {
    const fiber = yield* Effect.fork(effect)
    while (Option.isNone(yield* Fiber.poll(fiber))) {
      yield* TestClock.adjust("10 seconds")
      // Digests come from outside of Effect's clock.
      yield* Effect.promise(() => new Promise((resolve) => setImmediate(resolve)))
    }
    return yield* Fiber.join(fiber)
  })
