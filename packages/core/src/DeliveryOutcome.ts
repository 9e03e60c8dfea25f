/**
 * Waits for the delivery of a message: delivered, bounced, or still pending at the time limit. The wait ends with the
 * program.
 *
 * @since 0.1.0
 */
import * as Chunk from "effect/Chunk"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import type * as EventLog from "./EventLog.ts"
import { type ConnectionId, type MessageId, messageIdFrom } from "./Ids.ts"
import type { MessageEvent } from "./OutboundMessage.ts"
import type * as OutboundMessages from "./OutboundMessages.ts"
import type { ReadError } from "./PostmarkError.ts"
import { EmailBounced, EmailDelivered } from "./PostmarkTriggers.ts"
import type { StoreUnavailable } from "./StoreUnavailable.ts"
import * as TriggerEvent from "./TriggerEvent.ts"
import type { BounceCategory } from "./WebhookEvent.ts"

/**
 * The delivery of the message to one recipient, and its source: an event of the log, or the message's details at
 * Postmark.
 *
 * @since 0.1.0
 * @category models
 */
export type DeliveryOutcome =
  | { readonly _tag: "Delivered"; readonly at: string; readonly source: Source }
  | {
    readonly _tag: "Bounced"
    readonly at: string
    readonly source: Source
    /** Postmark's details name no type; the event does. */
    readonly type: string | undefined
    readonly category: BounceCategory | undefined
    readonly canActivate: boolean | undefined
  }
  | { readonly _tag: "Pending"; readonly source: Source }

/**
 * `events` when the wait used the log and Postmark's details; `polling` when there was no log and it used Postmark's
 * details only.
 *
 * @since 0.1.0
 * @category models
 */
export type Source = "events" | "polling"

/**
 * What to wait for. With `events`, the wait listens to the log, and also polls Postmark in case a webhook event is
 * lost or webhooks are not set up. Without it, the wait only polls Postmark. By default, `timeout` is 30 seconds and
 * `pollInterval` 5 seconds.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options {
  readonly messageId: MessageId
  readonly recipient: string
  readonly timeout?: Duration.DurationInput | undefined
  readonly pollInterval?: Duration.DurationInput | undefined
  readonly events?: { readonly log: EventLog.Service; readonly connectionId: ConnectionId } | undefined
}

/**
 * Waits until the recipient's server accepts or rejects the message, at most until the timeout. If the message is not
 * in Postmark's history yet, the wait continues; any other read error ends it.
 *
 * @since 0.1.0
 * @category combinators
 */
export const awaitOutcome = (
  reader: Pick<OutboundMessages.Service, "details">,
  options: Options
): Effect.Effect<DeliveryOutcome, ReadError | StoreUnavailable> => {
  const source: Source = options.events === undefined ? "polling" : "events"
  const polled = Stream.tick(options.pollInterval ?? "5 seconds").pipe(
    Stream.mapEffect(() => askPostmark(reader, options, source))
  )
  const outcomes = options.events === undefined
    ? polled
    : Stream.merge(polled, fromLog(options.events.log, options.events.connectionId, options))
  return outcomes.pipe(
    Stream.filterMap((outcome) => outcome),
    Stream.runHead,
    Effect.timeoutOption(options.timeout ?? "30 seconds"),
    Effect.map((outcome) =>
      Option.getOrElse(Option.flatten(outcome), (): DeliveryOutcome => ({ _tag: "Pending", source }))
    )
  )
}

const askPostmark = (
  reader: Pick<OutboundMessages.Service, "details">,
  { messageId, recipient }: Options,
  source: Source
): Effect.Effect<Option.Option<DeliveryOutcome>, ReadError> =>
  reader.details(messageId).pipe(
    Effect.map(({ messageEvents }) =>
      messageEvents.filter((event) => isSame(event.recipient, recipient))
        .map((event) => outcomeOf(event, source))
        .findLast(Option.isSome) ?? Option.none()
    ),
    // A message appears in the history with a delay (https://postmarkapp.com/developer/api/messages-api).
    Effect.catchIf(
      (error) => error._tag === "ValidationFailure" && error.reason === "notFound",
      () => Effect.succeed(Option.none())
    )
  )

const outcomeOf = (event: MessageEvent, source: Source): Option.Option<DeliveryOutcome> => {
  const at = event.receivedAt
  if (event.type === "Delivered") return Option.some({ _tag: "Delivered", at, source })
  if (event.type !== "Bounced") return Option.none()
  return Option.some({ _tag: "Bounced", at, source, type: undefined, category: undefined, canActivate: undefined })
}

const delivered = TriggerEvent.fromStored(EmailDelivered)
const bounced = TriggerEvent.fromStored(EmailBounced)

const fromLog = (
  log: EventLog.Service,
  connectionId: ConnectionId,
  { messageId, recipient }: Options
): Stream.Stream<Option.Option<DeliveryOutcome>, StoreUnavailable> => {
  const wanted = messageIdFrom(messageId)
  const isOurs = (event: { readonly messageId?: MessageId | undefined; readonly recipient: string }) =>
    event.messageId === wanted && isSame(event.recipient, recipient)
  const outcome = (stored: EventLog.StoredEvent): Option.Option<DeliveryOutcome> => {
    if (stored.trigger === EmailDelivered.id) {
      return Option.filter(Either.getRight(delivered(stored)), ({ event }) => isOurs(event)).pipe(
        Option.map(({ event }) => ({ _tag: "Delivered", at: event.deliveredAt, source: "events" }))
      )
    }
    if (stored.trigger !== EmailBounced.id) return Option.none()
    return Option.filter(Either.getRight(bounced(stored)), ({ event }) => isOurs(event)).pipe(
      Option.map(({ event }) => ({
        _tag: "Bounced",
        at: event.bouncedAt,
        source: "events",
        type: event.type,
        category: event.category,
        canActivate: event.canActivate
      }))
    )
  }
  const pageSize = 100
  const read = (after: number) =>
    Stream.paginateChunkEffect(
      after,
      (from) =>
        Effect.map(log.read({ after: from, limit: pageSize, connections: [connectionId] }), (events) => [
          Chunk.fromIterable(events),
          events.length === pageSize ? Option.fromNullable(events.at(-1)?.sequence) : Option.none()
        ])
    )
  const changes = Stream.merge(Stream.succeed<void>(undefined), log.changes)
  return Stream.unwrap(Effect.map(log.latest, (latest) =>
    changes.pipe(
      Stream.mapAccumEffect(Math.max(0, latest - lookBack), (after) =>
        Effect.map(Stream.runCollect(read(after)), (events) => {
          const last = Option.match(Chunk.last(events), {
            onNone: () =>
              after,
            onSome: ({ sequence }) => sequence
          })
          return [last, Chunk.toReadonlyArray(events).map(outcome).find(Option.isSome) ?? Option.none()] as const
        }))
    )))
}

/** How many events before the wait are looked through: the answer may have come while the caller was on its way here. */
const lookBack = 1_000

const isSame = (a: string, b: string) => a.trim().toLowerCase() === b.trim().toLowerCase()
