/** Looks for one kind of events in a message stream, between two instants. */
import type { Bounce } from "@effect-postmark/core/Bounces"
import type { Connection } from "@effect-postmark/core/Connections"
import type * as EventLog from "@effect-postmark/core/EventLog"
import { MessageId } from "@effect-postmark/core/Ids"
import * as OutboundHistory from "@effect-postmark/core/OutboundHistory"
import type { OutboundMessage, OutboundMessageDetails } from "@effect-postmark/core/OutboundMessage"
import type { Service as Client } from "@effect-postmark/core/PostmarkClient"
import type { ReadError } from "@effect-postmark/core/PostmarkError"
import { EmailBounced, EmailDelivered } from "@effect-postmark/core/PostmarkTriggers"
import type { StoreUnavailable } from "@effect-postmark/core/StoreUnavailable"
import type { SweepKind } from "@effect-postmark/core/SweepStore"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as Bodies from "./bodies.ts"
import type { Candidate, Intake } from "./intake.ts"
import type { Slice } from "./limits.ts"
import * as Reads from "./reads.ts"

export interface World {
  readonly client: Client
  readonly connection: Connection
  readonly log: EventLog.Service
  readonly intake: Intake
  readonly paced: <A, E>(read: Effect.Effect<A, E>) => Effect.Effect<A, E>
  /** Says once what could not be recovered. */
  readonly lost: (what: string) => void
}

type SweepError = ReadError | StoreUnavailable | OutboundHistory.TooManyInSpan

export type Sweeper = (world: World, stream: string, slice: Slice) => Effect.Effect<void, SweepError>

/** Messages sent in the span whose delivery to some recipient the log does not have. */
const deliveries: Sweeper = (world, stream, { earlier, from, to }) => {
  const reader = { list: (query?: OutboundListQuery) => world.paced(world.client.outboundMessages.list(query)) }
  return OutboundHistory.stream(reader, { messageStream: stream, ...OutboundHistory.dates(earlier, to) }).pipe(
    Stream.grouped(500),
    Stream.runForEach((messages) => deliveriesOf(world, Chunk.toReadonlyArray(messages), from))
  )
}

type OutboundListQuery = Parameters<Client["outboundMessages"]["list"]>[0]

const deliveriesOf = (world: World, messages: ReadonlyArray<OutboundMessage>, from: number) =>
  Effect.gen(function*() {
    world.intake.scanned(messages.length)
    const mentions = yield* world.log.mentions(world.connection.id, messages.map(({ messageId }) => messageId))
    const told = new Set(mentions.map(({ messageId, recipient, trigger }) => `${trigger} ${messageId} ${recipient}`))
    const open = messages.filter(({ messageId, receivedAt, recipients }) =>
      !recipients.every((recipient) => {
        const place = `${messageId} ${recipient.toLowerCase()}`
        // After a bounce there can be a delivery: an automatic reply is a bounce too. An earlier sweep has looked for it.
        return told.has(`${EmailDelivered.id} ${place}`) ||
          (told.has(`${EmailBounced.id} ${place}`) && Date.parse(receivedAt) < from)
      })
    )
    yield* Effect.forEach(open, ({ messageId }) =>
      Effect.flatMap(detailsOf(world, messageId), (message) =>
        message === undefined ? Effect.void : add(world, deliveriesIn(world, message))), atOnce)
  })

const deliveriesIn = ({ connection }: World, message: OutboundMessageDetails): ReadonlyArray<Candidate> =>
  message.messageEvents.filter(({ type }) => type === "Delivered").map((event) => ({
    messageId: message.messageId,
    at: Date.parse(event.receivedAt),
    body: () => Bodies.delivery(message, event, connection.serverId)
  }))

const bounces: Sweeper = (world, stream, { from, to }) =>
  Effect.gen(function*() {
    const { isComplete, items } = yield* Reads.between(
      (query) =>
        Effect.map(
          world.paced(world.client.bounces.list({ ...query, messageStream: stream })),
          ({ bounces, totalCount }) => ({ items: bounces, totalCount })
        ),
      from,
      to
    )
    if (!isComplete) world.lost(`bounces of the stream ${stream} beyond 10,000 in two seconds`)
    world.intake.scanned(items.length)
    yield* enriched(
      world,
      items.map((bounce) => ({
        messageId: messageIdOf(bounce),
        at: Date.parse(bounce.bouncedAt),
        body: (metadata) => Bodies.bounce(bounce, metadata)
      }))
    )
  })

const opens: Sweeper = (world, stream, { from }) =>
  Effect.gen(function*() {
    const { isComplete, items } = yield* Reads.downTo(
      (query) =>
        Effect.map(
          world.paced(world.client.opens.list({ ...query, messageStream: stream })),
          ({ opens, totalCount }) => ({ items: opens, totalCount })
        ),
      ({ receivedAt }) => Date.parse(receivedAt),
      from
    )
    if (!isComplete) world.lost(`opens of the stream ${stream} before the newest 10,000`)
    world.intake.scanned(items.length)
    yield* enriched(
      world,
      items.map((open) => ({
        messageId: open.messageId,
        at: Date.parse(open.receivedAt),
        body: (metadata) => Bodies.open(open, metadata)
      }))
    )
  })

const clicks: Sweeper = (world, stream, { from }) =>
  Effect.gen(function*() {
    const { isComplete, items } = yield* Reads.downTo(
      (query) =>
        Effect.map(
          world.paced(world.client.clicks.list({ ...query, messageStream: stream })),
          ({ clicks, totalCount }) => ({ items: clicks, totalCount })
        ),
      ({ receivedAt }) => Date.parse(receivedAt),
      from
    )
    if (!isComplete) world.lost(`clicks of the stream ${stream} before the newest 10,000`)
    world.intake.scanned(items.length)
    yield* enriched(
      world,
      items.map((click) => ({
        messageId: click.messageId,
        at: Date.parse(click.receivedAt),
        body: (metadata) => Bodies.click(click, metadata)
      }))
    )
  })

const suppressions: Sweeper = (world, stream, { from, to }) =>
  Effect.gen(function*() {
    const items = yield* world.paced(world.client.suppressions.dump(stream, OutboundHistory.dates(from, to)))
    world.intake.scanned(items.length)
    yield* add(
      world,
      items.map((suppression) => ({
        messageId: null,
        at: Date.parse(suppression.createdAt ?? ""),
        body: () => Bodies.suppression(suppression, stream, world.connection.serverId)
      }))
    )
  })

export const sweepers: { readonly [kind in SweepKind]: Sweeper } = { deliveries, bounces, opens, clicks, suppressions }

const add = (world: World, candidates: ReadonlyArray<Candidate>) =>
  Effect.flatMap(
    world.intake.missing(candidates),
    (missing) => Effect.forEach(missing, (candidate) => world.intake.put(candidate, {}), { discard: true })
  )

/** Only the message itself has its metadata: it is read for events that the log does not have. */
const enriched = (world: World, candidates: ReadonlyArray<Candidate>) =>
  Effect.flatMap(world.intake.missing(candidates), (missing) =>
    Effect.forEach(missing, (candidate) =>
      Effect.flatMap(
        isMessageId(candidate.messageId) ? detailsOf(world, candidate.messageId) : Effect.succeed(undefined),
        (message) => world.intake.put(candidate, message?.metadata ?? {})
      ), atOnce))

/** Undefined when Postmark no longer has the message. */
const detailsOf = (
  { client, paced }: World,
  messageId: MessageId
): Effect.Effect<OutboundMessageDetails | undefined, ReadError> =>
  paced(client.outboundMessages.details(messageId)).pipe(
    Effect.catchIf(
      (error) => error._tag === "ValidationFailure" && error.reason === "notFound",
      () => Effect.succeed(undefined)
    )
  )

const messageIdOf = ({ messageId }: Bounce): string | null =>
  messageId === undefined || messageId === null || messageId === "" ? null : messageId

const isMessageId = Schema.is(MessageId)

/** Reads of messages that run at once. */
const atOnce = { concurrency: 4, discard: true } as const
