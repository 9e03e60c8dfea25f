/**
 * Every event that Postmark told us, in the order in which it was stored: a port.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import type * as Stream from "effect/Stream"
import * as EventKeys from "./EventKeys.ts"
import { ConnectionId } from "./Ids.ts"
import * as LogMemory from "./internal/log/logMemory.ts"
import type { Rewrite } from "./Rewriting.ts"
import type { StoreUnavailable } from "./StoreUnavailable.ts"

/**
 * How an event was read. Only a `decoded` one fires its trigger: `partial` has a known type and an unknown shape,
 * `unknown` has no type that we know, `probe` is Postmark's own test.
 *
 * @since 0.1.0
 * @category models
 */
export const EventStatus = Schema.Literal("decoded", "partial", "unknown", "probe")

/**
 * @since 0.1.0
 * @category models
 */
export type EventStatus = typeof EventStatus.Type

const fields = {
  connectionId: ConnectionId,
  identity: Schema.String,
  receivedAt: Schema.String,
  recordType: Schema.NullOr(Schema.String),
  trigger: Schema.NullOr(Schema.String),
  status: EventStatus,
  event: Schema.NullOr(Schema.String),
  raw: Schema.String
}

/**
 * An event that is not stored yet. `identity` is the hash of its canonical body: the same event has the same identity in
 * one connection. `event` is the typed event as JSON text, `raw` the body as it came. `source` is `live` when left out.
 * The log reads `keys` from `event` when they are left out.
 *
 * @since 0.1.0
 * @category models
 */
export const NewEvent = Schema.Struct({
  ...fields,
  source: Schema.optional(EventKeys.EventSource),
  keys: Schema.optional(EventKeys.EventKeys)
})

/**
 * @since 0.1.0
 * @category models
 */
export interface NewEvent extends Schema.Schema.Type<typeof NewEvent> {}

/**
 * A stored event; sequence numbers rise and are never given twice. `possiblyDuplicate` is true when the log could not
 * tell whether a backfilled event is a copy of a live one, and kept both.
 *
 * @since 0.1.0
 * @category models
 */
export const StoredEvent = Schema.Struct({
  ...fields,
  sequence: Schema.Int,
  source: EventKeys.EventSource,
  messageId: Schema.NullOr(Schema.String),
  recipient: Schema.NullOr(Schema.String),
  possiblyDuplicate: Schema.Boolean
})

/**
 * @since 0.1.0
 * @category models
 */
export interface StoredEvent extends Schema.Schema.Type<typeof StoredEvent> {}

/**
 * A body that is not JSON, kept for a person to look at. A log keeps the last 1,000 of them.
 *
 * @since 0.1.0
 * @category models
 */
export const Quarantined = Schema.Struct({
  connectionId: ConnectionId,
  receivedAt: Schema.String,
  reason: Schema.String,
  body: Schema.String
})

/**
 * @since 0.1.0
 * @category models
 */
export interface Quarantined extends Schema.Schema.Type<typeof Quarantined> {}

/**
 * How many quarantined bodies a log keeps.
 *
 * @since 0.1.0
 * @category constants
 */
export const quarantineLimit = 1_000

/**
 * Which events a reader wants. An event must pass every filter that is given.
 *
 * @since 0.1.0
 * @category models
 */
export interface Filter {
  /** Only events of these connections; all when left out. */
  readonly connections?: ReadonlyArray<string> | undefined
  /** Only events of this trigger, or of one of several. */
  readonly trigger?: string | ReadonlyArray<string> | undefined
  /** Only events of this recipient, in any case. */
  readonly recipient?: string | undefined
  /** Only events of this message; a UUID in any case. */
  readonly messageId?: string | undefined
  /** Only events of messages with exactly this tag. No event is found by a tag of more than 400 characters. */
  readonly tag?: string | undefined
  readonly status?: EventStatus | undefined
  /** Only events that were received at this instant or later, in milliseconds of the Unix epoch. */
  readonly receivedFrom?: number | undefined
  /** Only events that were received before this instant, in milliseconds of the Unix epoch. */
  readonly receivedTo?: number | undefined
}

/**
 * In which order events are read. The order is that of their sequence numbers, which is the order in which they were
 * stored.
 *
 * @since 0.1.0
 * @category models
 */
export const Order = Schema.Literal("oldest", "newest")

/**
 * @since 0.1.0
 * @category models
 */
export type Order = typeof Order.Type

/**
 * Which events to read: those with a sequence number greater than `after` and less than `before`, at most `limit`, the
 * oldest first unless `order` says `newest`. The next page begins after, or before, the last sequence number of a page.
 *
 * @since 0.1.0
 * @category models
 */
export interface ReadOptions extends Filter {
  readonly after: number
  readonly before?: number | undefined
  readonly limit: number
  readonly order?: Order | undefined
}

/**
 * What may be removed: rows from before an instant, in milliseconds of the Unix epoch, and at most `limit` of them.
 *
 * @since 0.1.0
 * @category models
 */
export interface PruneOptions {
  readonly before: number
  readonly limit: number
}

/**
 * The keys of one stored event.
 *
 * @since 0.1.0
 * @category models
 */
export const Mention = Schema.Struct({
  ...EventKeys.EventKeys.omit("tag").fields,
  trigger: Schema.NullOr(Schema.String)
})

/**
 * @since 0.1.0
 * @category models
 */
export interface Mention extends Schema.Schema.Type<typeof Mention> {}

/**
 * The most messages of one `mentions`.
 *
 * @since 0.1.0
 * @category constants
 */
export const mentionsLimit = 500

/**
 * Stores an event. True when it is durable and new, false when the same event is there already: one with its identity, or,
 * if one of the two is backfilled, one with its natural key (`EventKeys`). Two live events with different identities are
 * both stored. A caller that is interrupted may find its event stored all the same.
 *
 * `unsafe` is the same without a fiber, for a log that can: it calls `done` exactly once. The receiver uses it, because a
 * fiber for each webhook costs more than reading the webhook.
 *
 * @since 0.1.0
 * @category models
 */
export interface Append {
  (event: NewEvent): Effect.Effect<boolean, StoreUnavailable>
  readonly unsafe?: (event: NewEvent, done: (exit: Exit.Exit<boolean, StoreUnavailable>) => void) => void
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Service {
  readonly append: Append
  /** The sequence number of the newest event, also when it was pruned; 0 when there never was one. */
  readonly latest: Effect.Effect<number, StoreUnavailable>
  readonly read: (options: ReadOptions) => Effect.Effect<ReadonlyArray<StoredEvent>, StoreUnavailable>
  /**
   * Removes up to `limit` events that were received before `before`, the oldest first; answers how many. The same webhook
   * is new again afterwards. Events that a relay still has to deliver (`pending` or `held`) stay; the outbox rows of a
   * removed event go with it.
   */
  readonly prune: (options: PruneOptions) => Effect.Effect<number, StoreUnavailable>
  /** Replaces up to `limit` bodies of such events by the JSON text `null`, the oldest first; answers how many. */
  readonly pruneBodies: (options: PruneOptions) => Effect.Effect<number, StoreUnavailable>
  /** Rewrites `event`, `raw` and the keys. An event keeps its identity, so the same webhook is still a duplicate. */
  readonly rewrite: Rewrite
  /** The keys of all stored events of at most 500 messages of a connection, in any order. */
  readonly mentions: (
    connectionId: string,
    messageIds: ReadonlyArray<string>
  ) => Effect.Effect<ReadonlyArray<Mention>, StoreUnavailable>
  readonly quarantine: (entry: Quarantined) => Effect.Effect<void, StoreUnavailable>
  /** The newest first. */
  readonly quarantined: Effect.Effect<ReadonlyArray<Quarantined>, StoreUnavailable>
  /** Removes up to `limit` quarantined bodies that were received before `before`; answers how many. */
  readonly pruneQuarantine: (options: PruneOptions) => Effect.Effect<number, StoreUnavailable>
  readonly rewriteQuarantine: Rewrite
  /** Emits after events were appended by this process; a hint to read, nothing more. */
  readonly changes: Stream.Stream<void>
}

/**
 * @since 0.1.0
 * @category tags
 */
export class EventLog extends Context.Tag("@effect-postmark/core/EventLog")<EventLog, Service>() {}

/**
 * An event log in memory.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerMemory: Layer.Layer<EventLog> = Layer.scoped(EventLog, LogMemory.make(quarantineLimit))
