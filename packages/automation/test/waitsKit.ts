/** Connections to a double, stores in memory, and events for waits. */
import {
  Connections,
  ConnectionStore,
  DeliveryStore,
  Digest,
  EventLog,
  Ids,
  SubscriptionStore,
  TriggerRegistry,
  Vault,
  WaitStore,
  WebhookReceiver
} from "@effect-postmark/core"
import { PostmarkDouble } from "@effect-postmark/test-double"
import { Effect, Layer, Redacted } from "effect"

export const memory = Layer.mergeAll(
  Layer.provideMerge(Layer.merge(WaitStore.layerMemory, DeliveryStore.layerMemory), EventLog.layerMemory),
  ConnectionStore.layerMemory,
  SubscriptionStore.layerMemory,
  TriggerRegistry.layer()
)

export const connections = (options: PostmarkDouble.Options = {}) =>
  Connections.layer().pipe(
    Layer.provide([Vault.layerEphemeral, Digest.layer, PostmarkDouble.layerHttpClient]),
    Layer.provideMerge(PostmarkDouble.layer({ autoDeliver: false, ...options }))
  )

export const connect = Effect.flatMap(Connections.Connections, ({ connect }) =>
  Effect.map(
    connect({ name: "Acme", serverToken: Redacted.make(PostmarkDouble.demoServerToken) }),
    ({ id }) => id
  ))

export const email = (to: string, subject = "Welcome") => ({
  from: "shop@example.org",
  to,
  subject,
  htmlBody: "<p>Welcome</p>",
  trackOpens: true
})

const read = (connectionId: Ids.ConnectionId, body: object): EventLog.NewEvent => {
  const raw = JSON.stringify(body)
  const reading = WebhookReceiver.read(raw)
  if (reading === undefined) throw new Error("not JSON")
  return { ...reading, connectionId, identity: raw, receivedAt: "2026-09-30T16:05:01.000Z", raw }
}

export interface About {
  readonly connectionId: Ids.ConnectionId
  readonly messageId: string
  readonly recipient?: string
}

const fields = ({ messageId, recipient = "ann@example.com" }: About) => ({
  MessageID: messageId,
  Recipient: recipient,
  Email: recipient,
  MessageStream: "outbound",
  Metadata: {}
})

export const delivered = (about: About) =>
  read(about.connectionId, { ...fields(about), RecordType: "Delivery", DeliveredAt: "2026-09-30T16:05:00Z" })

export const bounced = (about: About, type = "HardBounce") =>
  read(about.connectionId, {
    ...fields(about),
    RecordType: "Bounce",
    ID: 7,
    Type: type,
    BouncedAt: "2026-09-30T16:05:00Z",
    Inactive: true,
    CanActivate: true
  })

export const opened = (about: About, userAgent = "Thunderbird") =>
  read(about.connectionId, {
    ...fields(about),
    RecordType: "Open",
    FirstOpen: true,
    ReceivedAt: "2026-09-30T16:05:00Z",
    UserAgent: userAgent
  })

export const append = (event: EventLog.NewEvent) => Effect.flatMap(EventLog.EventLog, (log) => log.append(event))

export const con1 = Ids.ConnectionId.make("con_1")
