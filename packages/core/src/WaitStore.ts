/**
 * Durable waits for what becomes of a message: one row for each, ended by an event or by its deadline. A port.
 *
 * A log that shares a database with this store ends the waits of an event in the transaction that stores the event. An
 * event that came before its wait ends it when the wait is registered.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import type { EventLog, NewEvent } from "./EventLog.ts"
import { ConnectionId, messageIdFrom } from "./Ids.ts"
import { field } from "./internal/waits/eventFields.ts"
import * as WaitMemory from "./internal/waits/waitMemory.ts"
import { EmailBounced, EmailDelivered, EmailOpened } from "./PostmarkTriggers.ts"
import type { Rewrite } from "./Rewriting.ts"
import type { StoreUnavailable } from "./StoreUnavailable.ts"

/**
 * What ends a wait besides its deadline:
 * - `outcome`: the message was delivered, or bounced. An automatic reply and an unsubscribe request, which Postmark
 *   reports as bounces, do not end it
 * - `open`: the message was opened
 * - `humanOpen`: the message was opened, and not by a machine that Postmark's event gives away
 *
 * @since 0.1.0
 * @category models
 */
export const WaitKind = Schema.Literal("outcome", "open", "humanOpen")

/**
 * @since 0.1.0
 * @category models
 */
export type WaitKind = typeof WaitKind.Type

/**
 * A wait that is not registered yet. The caller chooses `id`: the same id is the same wait. Without a `recipient`, the
 * first event of the message ends it, whoever it is about. `deadline` is in milliseconds of the Unix epoch. `waker` names
 * the workflow that sleeps until then, and what wakes it.
 *
 * @since 0.1.0
 * @category models
 */
export const Wait = Schema.Struct({
  id: Schema.String,
  connectionId: ConnectionId,
  messageId: Schema.String,
  recipient: Schema.NullOr(Schema.String),
  kind: WaitKind,
  deadline: Schema.Int,
  waker: Schema.NullOr(Schema.Struct({ workflow: Schema.String, token: Schema.String }))
}).annotations({ identifier: "Wait" })

/**
 * @since 0.1.0
 * @category models
 */
export interface Wait extends Schema.Schema.Type<typeof Wait> {}

/**
 * What of a wait decides which event ends it.
 *
 * @since 0.1.0
 * @category models
 */
export interface Criteria extends Pick<Wait, "connectionId" | "kind" | "messageId" | "recipient"> {}

/**
 * The event that ended a wait. `json` is the typed event as JSON text.
 *
 * @since 0.1.0
 * @category models
 */
export const EndingEvent = Schema.Struct({
  sequence: Schema.Int,
  trigger: Schema.String,
  receivedAt: Schema.String,
  json: Schema.String
})

/**
 * @since 0.1.0
 * @category models
 */
export interface EndingEvent extends Schema.Schema.Type<typeof EndingEvent> {}

/**
 * A registered wait. It is `waiting` until an event or the deadline ends it; `event` is null after the deadline.
 * `consumed` means that its workflow has gone on. `pokes` counts how often somebody tried to wake the workflow.
 *
 * @since 0.1.0
 * @category models
 */
export const StoredWait = Schema.Struct({
  ...Wait.fields,
  state: Schema.Literal("waiting", "ended", "consumed"),
  endedAt: Schema.NullOr(Schema.Int),
  event: Schema.NullOr(EndingEvent),
  pokes: Schema.Int
}).annotations({ identifier: "StoredWait" })

/**
 * @since 0.1.0
 * @category models
 */
export interface StoredWait extends Schema.Schema.Type<typeof StoredWait> {}

/**
 * @since 0.1.0
 * @category models
 */
export interface Service {
  /**
   * Stores the wait, unless its id is there already, and answers the stored one. The earliest event of the log that ends
   * it has ended it then.
   */
  readonly register: (wait: Wait) => Effect.Effect<StoredWait, StoreUnavailable>
  readonly get: (id: string) => Effect.Effect<Option.Option<StoredWait>, StoreUnavailable>
  /** The earliest event of the log that would end such a wait, without registering one. */
  readonly find: (wait: Criteria) => Effect.Effect<Option.Option<EndingEvent>, StoreUnavailable>
  /** Those of the waits that are ended or consumed; at most 500 ids. */
  readonly ended: (ids: ReadonlyArray<string>) => Effect.Effect<ReadonlyArray<StoredWait>, StoreUnavailable>
  /** Ends up to `limit` waits whose deadline has come, without an event; answers how many. */
  readonly expire: (
    options: { readonly now: number; readonly limit: number }
  ) => Effect.Effect<number, StoreUnavailable>
  /**
   * Takes ended waits whose workflow has one of these names and has not consumed them. A wait is due when it ends. Nobody
   * gets it again before `pokeAfter` milliseconds; each further time takes as much longer, up to 60 times.
   */
  readonly claim: (options: {
    readonly workflows: ReadonlyArray<string>
    readonly now: number
    readonly pokeAfter: number
    readonly limit: number
  }) => Effect.Effect<ReadonlyArray<StoredWait>, StoreUnavailable>
  /** True when the wait was ended and is consumed now. */
  readonly consume: (id: string) => Effect.Effect<boolean, StoreUnavailable>
  /** Removes a wait in any state; false when there is none. */
  readonly remove: (id: string) => Effect.Effect<boolean, StoreUnavailable>
  /** Removes up to `limit` waits that ended before `before`; answers how many. */
  readonly prune: (
    options: { readonly before: number; readonly limit: number }
  ) => Effect.Effect<number, StoreUnavailable>
  /** Rewrites recipients and events. A wait for a rewritten recipient ends by its deadline. */
  readonly rewrite: Rewrite
}

/**
 * @since 0.1.0
 * @category tags
 */
export class WaitStore extends Context.Tag("@effect-postmark/core/WaitStore")<WaitStore, Service>() {}

/**
 * Waits in memory. They look for new events in the log before each operation, which looks from outside as if the log had
 * ended them.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerMemory: Layer.Layer<WaitStore, never, EventLog> = Layer.effect(
  WaitStore,
  WaitMemory.make((wait, event) => isEndedBy(wait, event))
)

/**
 * Whether an event ends a wait. Recipients are compared without regard to case.
 *
 * @since 0.1.0
 * @category predicates
 */
export const isEndedBy = (
  wait: Pick<Wait, "connectionId" | "kind" | "messageId" | "recipient">,
  event: Pick<NewEvent, "connectionId" | "event" | "status" | "trigger">
): boolean => {
  if (event.status !== "decoded" || event.connectionId !== wait.connectionId) return false
  const of = field(event.event)
  const [messageId, recipient] = [of("messageId"), of("recipient")]
  if (messageId === undefined || messageIdFrom(messageId) !== messageIdFrom(wait.messageId)) return false
  if (wait.recipient !== null && (recipient === undefined || addressKey(recipient) !== addressKey(wait.recipient))) {
    return false
  }
  switch (event.trigger) {
    case EmailDelivered.id:
      return wait.kind === "outcome"
    case EmailBounced.id:
      return wait.kind === "outcome" && !replies.includes(of("category") ?? "")
    case EmailOpened.id:
      return wait.kind === "open" || (wait.kind === "humanOpen" && of("machineOpen") !== "likely")
    default:
      return false
  }
}

/**
 * The triggers whose events can end a wait.
 *
 * @since 0.1.0
 * @category constants
 */
export const triggers: ReadonlyArray<string> = [EmailDelivered.id, EmailBounced.id, EmailOpened.id]

/** Categories of bounces that say nothing about the delivery. */
const replies: ReadonlyArray<string> = ["automatic", "unsubscribed"]

const addressKey = (address: string): string => address.trim().toLowerCase()
