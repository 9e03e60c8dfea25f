/** A relay whose targets answer as a test says, and events for it. */
import { RelayClient, RelayTargets } from "@effect-postmark/automation"
import {
  ConnectionStore,
  DeliveryStore,
  EventLog,
  Ids,
  RelayTarget,
  RunStore,
  SubscriberStore,
  TriggerRegistry,
  Vault,
  WaitStore,
  WebhookReceiver
} from "@effect-postmark/core"
import { Clock, Effect, Layer, Option, Redacted, Schema, TestClock } from "effect"

export const connectionId = Ids.ConnectionId.make("con_1")

export interface Posted {
  readonly at: number
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly text: string
  readonly body: RelayTarget.RelayBody
}

export const readBody = Schema.decodeUnknownSync(Schema.parseJson(RelayTarget.RelayBody))

export interface Reply {
  readonly status: number
  readonly retryAfter?: string
  readonly body?: string
}

/** A client that keeps what was posted; `reply` answers. */
export const scripted = (
  posted: Array<Posted>,
  reply: (post: Posted) => Effect.Effect<Reply, RelayClient.RelayFailure>
): Layer.Layer<RelayClient.RelayClient> =>
  Layer.succeed(RelayClient.RelayClient, {
    post: ({ body: text, headers, url }) =>
      Effect.gen(function*() {
        const post = { at: yield* Clock.currentTimeMillis, url, headers, text, body: readBody(text) }
        posted.push(post)
        const { body = "", retryAfter, status } = yield* reply(post)
        return { status, retryAfter, body: new TextEncoder().encode(body) }
      })
  })

/** Seals without encryption, and so without waiting: the test's clock does not see work that another thread does. */
export const plainVault = Layer.succeed(Vault.Vault, {
  currentKeyId: "plain",
  keyIds: ["plain"],
  keyIdOf: () => "plain",
  seal: (place, secret) => Effect.succeed(JSON.stringify([place, Redacted.value(secret)])),
  open: (place, sealed) =>
    Effect.map(
      Effect.filterOrFail(
        Effect.orDie(decodeSealed(sealed)),
        ([sealedFor]) => sealedFor === place,
        () => new Vault.SecretUnreadable({ message: "sealed for another place" })
      ),
      ([, secret]) => Redacted.make(secret)
    )
})

const decodeSealed = Schema.decode(Schema.parseJson(Schema.Tuple(Schema.String, Schema.String)))

/** Waits until the condition is true; the test's clock stays. */
export const until = <E, R>(condition: Effect.Effect<boolean, E, R>) =>
  Effect.repeat(Effect.zipRight(TestClock.adjust("0 millis"), condition), { until: (isTrue) => isTrue })

export const memory = Layer.mergeAll(
  Layer.provideMerge(Layer.merge(DeliveryStore.layerMemory, WaitStore.layerMemory), EventLog.layerMemory),
  ConnectionStore.layerMemory,
  SubscriberStore.layerMemory,
  RunStore.layerMemory,
  TriggerRegistry.layer(),
  plainVault
)

export const connect = Effect.flatMap(ConnectionStore.ConnectionStore, (store) =>
  Effect.asVoid(store.insert({
    id: connectionId,
    name: "Acme",
    serverId: 1,
    serverName: "acme",
    fingerprint: "f",
    sealedToken: "sealed",
    state: "active",
    createdAt: "2026-01-01T00:00:00.000Z",
    rotatedAt: null,
    revokedAt: null,
    lastRefusedAt: null
  })))

export const target = (url: string) =>
  Effect.flatMap(
    RelayTargets.RelayTargets,
    (targets) => targets.create({ connectionId, trigger: "postmark/email-bounced", url })
  )

export const bounce = (id: number): EventLog.NewEvent => {
  const raw = JSON.stringify({
    RecordType: "Bounce",
    ID: id,
    Type: "HardBounce",
    Email: "gone@example.com",
    BouncedAt: "2026-09-30T16:05:00Z",
    Inactive: true,
    CanActivate: true
  })
  const reading = WebhookReceiver.read(raw)
  if (reading === undefined) throw new Error("not JSON")
  return { ...reading, connectionId, identity: `${id}`, receivedAt: "2026-09-30T16:05:01.000Z", raw }
}

export const append = (id: number) => Effect.flatMap(EventLog.EventLog, (log) => log.append(bounce(id)))

export const states = (targetId: string) =>
  Effect.flatMap(DeliveryStore.DeliveryStore, (store) =>
    Effect.map(
      store.list({ targetId, states: ["pending", "delivered", "dead", "held"], after: 0, limit: 100_000 }),
      (rows) => rows.map(({ state }) => state)
    ))

export const stored = (targetId: string) =>
  Effect.flatMap(DeliveryStore.DeliveryStore, (store) => Effect.map(store.getTarget(targetId), Option.getOrThrow))
