/**
 * Waits for what becomes of a message that outlive the program: started again, it asks again and gets the same answer.
 *
 * @since 0.1.0
 */
import type { UseError } from "@effect-postmark/core/Connections"
import { Connections } from "@effect-postmark/core/Connections"
import type { Email, TemplateEmail } from "@effect-postmark/core/Email"
import { EventLog } from "@effect-postmark/core/EventLog"
import { type ConnectionId, MessageId, messageIdFrom } from "@effect-postmark/core/Ids"
import * as OpenTracking from "@effect-postmark/core/OpenTracking"
import type { ReadError } from "@effect-postmark/core/PostmarkError"
import type { StoreUnavailable } from "@effect-postmark/core/StoreUnavailable"
import { type StoredWait, type WaitKind, WaitStore } from "@effect-postmark/core/WaitStore"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import * as Tail from "./internal/waits/tail.ts"
import * as Watch from "./internal/waits/watch.ts"
import * as WaitOutcome from "./WaitOutcome.ts"

/**
 * What to wait for, and until when. The wait is the same for the same connection, message, recipient, kind and `name`:
 * calling again, also after a restart, goes on with the first deadline. Without a `recipient`, the first event of the
 * message ends the wait: for a message to several people, wait for each of them.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options {
  readonly connectionId: ConnectionId
  readonly messageId: string
  readonly recipient?: string | undefined
  readonly within: Duration.DurationInput
  /** Tells apart waits that are otherwise the same. */
  readonly name?: string | undefined
}

/**
 * `machineOpens` says whether an open counts that a mailbox provider's proxy or a scanner probably made. Default:
 * `count`. With `email`, the message that was sent, tracking is checked without asking Postmark for the message.
 *
 * @since 0.1.0
 * @category models
 */
export interface OpenOptions extends Options {
  readonly machineOpens?: "count" | "ignore" | undefined
  readonly email?: Email | TemplateEmail | undefined
}

/**
 * Postmark will never report an open of this message, so waiting for one is in vain.
 *
 * @since 0.1.0
 * @category errors
 */
export class OpenNotReported
  extends Schema.TaggedError<OpenNotReported>("@effect-postmark/automation/Waits/OpenNotReported")("OpenNotReported", {
    obstacles: Schema.Array(Schema.Literal("trackingOff", "noHtmlBody"))
  })
{
  override get message(): string {
    return `no open of this message will be reported: ${this.obstacles.map(OpenTracking.describe).join("; ")}`
  }
}

/**
 * The wait was cancelled, or was never registered.
 *
 * @since 0.1.0
 * @category errors
 */
export class WaitNotFound
  extends Schema.TaggedError<WaitNotFound>("@effect-postmark/automation/Waits/WaitNotFound")("WaitNotFound", {})
{
  override get message(): string {
    return "there is no wait with this id: it was cancelled, or ended longer ago than waits are kept"
  }
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Service {
  /** Waits until a recipient's server accepts or rejects the message. A message that is neither is `TimedOut`. */
  readonly awaitOutcome: (
    options: Options
  ) => Effect.Effect<WaitOutcome.MessageOutcome, StoreUnavailable | WaitNotFound>
  /** Waits until the message is opened. Fails at once when Postmark cannot report that. */
  readonly awaitOpen: (
    options: OpenOptions
  ) => Effect.Effect<
    WaitOutcome.OpenOutcome,
    OpenNotReported | ReadError | StoreUnavailable | UseError | WaitNotFound
  >
  /** Registers a wait, and does not wait. The answer has its `id`. Does not check tracking. */
  readonly register: (options: Options & { readonly kind: WaitKind }) => Effect.Effect<StoredWait, StoreUnavailable>
  /** How the wait ended; none while it waits. */
  readonly poll: (id: string) => Effect.Effect<Option.Option<WaitOutcome.WaitOutcome>, StoreUnavailable | WaitNotFound>
  /**
   * Waits only while the caller waits, and stores nothing: many of them cost one reader of the log. A wait for an open fails
   * at once when Postmark cannot report that, unless the open is in the log already.
   */
  readonly once: (
    options: Omit<OpenOptions, "machineOpens" | "name"> & { readonly kind: WaitKind }
  ) => Effect.Effect<
    WaitOutcome.WaitOutcome,
    OpenNotReported | ReadError | StoreUnavailable | UseError
  >
  /** Removes the wait; whoever waits gets `WaitNotFound`. False when there is none. */
  readonly cancel: (id: string) => Effect.Effect<boolean, StoreUnavailable>
}

/**
 * @since 0.1.0
 * @category tags
 */
export class Waits extends Context.Tag("@effect-postmark/automation/Waits")<Waits, Service>() {}

/**
 * @since 0.1.0
 * @category models
 */
export interface Settings {
  /** How long an event that another process stored can stay unseen. Default: 1 second. */
  readonly pollInterval?: Duration.DurationInput | undefined
  /** How long an ended wait is kept. Default: 30 days. */
  readonly retention?: Duration.DurationInput | undefined
}

/**
 * Waits on a store. One fiber looks after all of this program's waits.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (
  settings: Settings = {}
): Effect.Effect<Service, never, Connections | EventLog | Scope.Scope | WaitStore> =>
  Effect.gen(function*() {
    const store = yield* WaitStore
    const connections = yield* Connections
    const log = yield* EventLog
    const tail = yield* Tail.make(store, log, settings.pollInterval ?? "1 second")
    const watch = yield* Watch.make<WaitNotFound>(store, log, {
      pollInterval: settings.pollInterval ?? "1 second",
      retention: settings.retention ?? "30 days",
      gone: new WaitNotFound()
    })

    const register: Service["register"] = (options) =>
      Effect.flatMap(Clock.currentTimeMillis, (now) =>
        store.register({
          id: idOf(options),
          connectionId: options.connectionId,
          messageId: options.messageId,
          recipient: options.recipient ?? null,
          kind: options.kind,
          deadline: now + Math.ceil(Duration.toMillis(options.within)),
          waker: null
        }))

    const ended = (options: Options & { readonly kind: WaitKind }) =>
      Effect.flatMap(
        Effect.flatMap(register(options), watch.ended),
        (wait) => Effect.orDie(WaitOutcome.fromStored(wait))
      )

    const obstacles = ({ connectionId, email, messageId }: OpenOptions) =>
      Effect.gen(function*() {
        const client = yield* connections.client(connectionId)
        if (email !== undefined) return OpenTracking.obstacles(yield* client.server.get, email)
        return yield* client.outboundMessages.details(MessageId.make(messageId)).pipe(
          Effect.map(OpenTracking.obstaclesOf),
          // A message appears in the history with a delay (https://postmarkapp.com/developer/api/messages-api).
          Effect.catchIf(
            (error) => error._tag === "ValidationFailure" && error.reason === "notFound",
            () => Effect.succeed([])
          )
        )
      })

    return {
      register,
      awaitOutcome: (options) =>
        Effect.flatMap(ended({ ...options, kind: "outcome" }), (outcome) =>
          outcome._tag === "Opened"
            ? Effect.dieMessage("an open ended a wait for an outcome")
            : Effect.succeed(outcome)),
      awaitOpen: (options) =>
        Effect.gen(function*() {
          const kind = options.machineOpens === "ignore" ? "humanOpen" : "open"
          if (Option.isNone(yield* store.get(idOf({ ...options, kind })))) {
            yield* refuse(yield* obstacles(options))
          }
          const outcome = yield* ended({ ...options, kind })
          return outcome._tag === "Opened" || outcome._tag === "TimedOut"
            ? outcome
            : yield* Effect.dieMessage("an outcome ended a wait for an open")
        }),
      poll: (id) =>
        Effect.flatMap(store.get(id), (found) =>
          Option.isNone(found)
            ? Effect.fail(new WaitNotFound())
            : found.value.state === "waiting"
            ? Effect.succeedNone
            : Effect.asSome(Effect.orDie(WaitOutcome.fromStored(found.value)))),
      once: (options) =>
        Effect.gen(function*() {
          const event = yield* tail.await(
            { ...options, recipient: options.recipient ?? null },
            options.within,
            options.kind === "outcome" ? Effect.void : Effect.flatMap(obstacles(options), refuse)
          )
          return yield* Option.match(event, {
            onNone: () => Effect.succeed({ _tag: "TimedOut" as const }),
            onSome: (event) => Effect.orDie(WaitOutcome.fromStored({ event }))
          })
        }),
      cancel: (id) => Effect.tap(store.remove(id), () => watch.cancelled(id))
    }
  })

/**
 * @since 0.1.0
 * @category layers
 */
export const layer = (settings: Settings = {}): Layer.Layer<Waits, never, Connections | EventLog | WaitStore> =>
  Layer.scoped(Waits, make(settings))

/** Fails when one of the obstacles makes an open impossible. */
const refuse = (obstacles: ReadonlyArray<OpenTracking.Obstacle>): Effect.Effect<void, OpenNotReported> => {
  const certain = obstacles.filter((one) => one !== "cannotTell")
  return certain.length === 0 ? Effect.void : Effect.fail(new OpenNotReported({ obstacles: certain }))
}

const idOf = ({ connectionId, kind, messageId, name, recipient }: Omit<Options, "within"> & {
  readonly kind: WaitKind
}): string =>
  JSON.stringify([kind, connectionId, messageIdFrom(messageId), recipient?.trim().toLowerCase() ?? null, name ?? ""])
