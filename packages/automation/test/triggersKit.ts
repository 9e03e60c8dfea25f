/** Stores in memory, events to put there, and programs that subscribe to them. */
import type { Triggers } from "@effect-postmark/automation"
import { CursorStore, EventLog, Ids, SubscriberStore, WebhookReceiver } from "@effect-postmark/core"
import { Context, Effect, Layer, Scope, TestClock } from "effect"

export const connectionId = Ids.ConnectionId.make("con_1")
export const otherConnection = Ids.ConnectionId.make("con_2")

export const bounce = (id: number, email = "gone@example.com") =>
  JSON.stringify({
    RecordType: "Bounce",
    ID: id,
    Type: "HardBounce",
    Email: email,
    BouncedAt: "2026-09-30T16:05:00Z",
    Inactive: true,
    CanActivate: true
  })

export const delivery = JSON.stringify({
  RecordType: "Delivery",
  MessageID: "5b1f0c52-8f0e-4a6c-9f43-2b7a5d3c9e10",
  Recipient: "ann@example.com",
  DeliveredAt: "2026-09-30T16:04:10Z"
})

export const append = (raw: string, connection = connectionId, receivedAt = "2026-09-30T16:05:01.000Z") =>
  Effect.flatMap(EventLog.EventLog, (log) => {
    const reading = WebhookReceiver.read(raw)
    return reading === undefined ? Effect.die("not JSON") : log.append({
      ...reading,
      connectionId: connection,
      identity: raw,
      receivedAt,
      raw
    })
  })

export const stores = Layer.mergeAll(EventLog.layerMemory, CursorStore.layerMemory, SubscriberStore.layerMemory)

export type Stores = Layer.Layer.Success<typeof stores>

/** A program run of its own: the stores outlive it, the subscriber does not. */
export const run = (
  context: Context.Context<Stores>,
  subscriber: Layer.Layer<never, Triggers.SubscriberTaken, Stores>
) => Effect.flatMap(Scope.Scope, (scope) => Effect.provide(Layer.buildWithScope(subscriber, scope), context))

/** The same stores for another process: only within a program is a name taken. */
export const elsewhere = (context: Context.Context<Stores>): Context.Context<Stores> =>
  Context.add(context, CursorStore.CursorStore, { ...Context.get(context, CursorStore.CursorStore) })

/** Lets time pass until the condition is met. */
export const eventually = <E, R>(
  condition: Effect.Effect<boolean, E, R>,
  step: `${number} ${"millis" | "seconds" | "minutes"}` = "250 millis"
): Effect.Effect<void, E, R> =>
  Effect.flatMap(
    condition,
    (isMet) => isMet ? Effect.void : Effect.zipRight(TestClock.adjust(step), eventually(condition, step))
  )
