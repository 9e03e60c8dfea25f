/**
 * Takes Postmark's webhooks in. What it answers decides whether Postmark tries again: only 5xx, 408, 429 and time-outs
 * are tried again, any other refusal loses the event for good (Postmark API, E.4). So nothing authenticated is refused
 * but what is no JSON, and nothing is acknowledged before it is durable.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Metric from "effect/Metric"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Ref from "effect/Ref"
import * as Schema from "effect/Schema"
import { ConnectionStore } from "./ConnectionStore.ts"
import { Digest } from "./Digest.ts"
import { EventLog, type NewEvent } from "./EventLog.ts"
import { ConnectionId } from "./Ids.ts"
import { now } from "./internal/runtime/now.ts"
import { equalBytes } from "./internal/webhook/equalBytes.ts"
import * as Json from "./Json.ts"
import * as Metrics from "./Metrics.ts"
import * as PostmarkTriggers from "./PostmarkTriggers.ts"
import type { StoreUnavailable } from "./StoreUnavailable.ts"
import { Subscriptions } from "./Subscriptions.ts"

/**
 * A webhook's request. `authorization` are all values of the header: two of them are as wrong as none.
 *
 * @since 0.1.0
 * @category models
 */
export interface Request {
  readonly connectionId: string
  readonly authorization: ReadonlyArray<string>
  readonly body: Uint8Array
}

/**
 * The decision table: what each situation is answered, and so what Postmark does next. It tries again after 503 only.
 *
 * @since 0.1.0
 * @category models
 */
export const decisions = {
  /** New, and durable: events of every shape, Postmark's own probes among them. */
  stored: { status: 200, result: "stored" },
  /** Here already. */
  duplicate: { status: 200, result: "duplicate" },
  /** Authenticated, and no JSON: kept apart for a person to look at. */
  quarantined: { status: 400, result: "quarantined" },
  /** No secret, a wrong one, two of them, or a connection that is not there: one answer for all. */
  unauthorized: { status: 401, result: "unauthorized" },
  /** Longer than the adapter's cap. */
  tooLarge: { status: 413, result: "tooLarge" },
  /** The store does not answer, or the adapter is shutting down: nothing is acknowledged. */
  unavailable: { status: 503, result: "unavailable" }
} as const

/**
 * What to answer, and why. A body that is too large never reaches the receiver: that is the adapter's to see.
 *
 * @since 0.1.0
 * @category models
 */
export type Decision = Exclude<(typeof decisions)[keyof typeof decisions], typeof decisions.tooLarge>

/**
 * @since 0.1.0
 * @category models
 */
export interface Service {
  readonly receive: (request: Request) => Effect.Effect<Decision>
}

/**
 * @since 0.1.0
 * @category tags
 */
export class WebhookReceiver extends Context.Tag("@effect-postmark/core/WebhookReceiver")<WebhookReceiver, Service>() {}

/**
 * How a body was read: everything of an event but where it came from and when.
 *
 * @since 0.1.0
 * @category models
 */
export type Reading = Pick<NewEvent, "recordType" | "trigger" | "status" | "event">

/**
 * Reads an authenticated body. Undefined when it is not JSON.
 *
 * @since 0.1.0
 * @category constructors
 */
export const read = (text: string): Reading | undefined => {
  const parsed = Option.liftThrowable(Json.parse)(text)
  if (Option.isNone(parsed)) return undefined
  const body = parsed.value
  const recordType = field(body, "RecordType")
  const nothing = { recordType: recordType ?? null, trigger: null, event: null }
  if (field(body, "MessageID") === probeMessageId) return { ...nothing, status: "probe" }
  const reader = readers.find((candidate) => candidate.recordType === recordType)
  if (reader === undefined) return { ...nothing, status: "unknown" }
  const event = reader.read(body)
  return event === undefined
    ? { ...nothing, trigger: reader.id, status: "partial" }
    : { ...nothing, trigger: reader.id, status: "decoded", event }
}

/**
 * A receiver over the event log and the connections' secrets.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make: Effect.Effect<Service, never, EventLog | Subscriptions | ConnectionStore | Digest> = Effect.gen(
  function*() {
    const log = yield* EventLog
    const subscriptions = yield* Subscriptions
    const connections = yield* ConnectionStore
    const digest = yield* Digest
    const refusals = yield* Ref.make<ReadonlyMap<string, number>>(new Map())

    const authorized = ({ authorization, connectionId }: Request) =>
      Effect.map(subscriptions.secrets(connectionId), (secrets) => {
        const presented = utf8.encode(authorization.length === 1 ? authorization[0] : "")
        let valid = false
        // An unknown connection and one without a secret take the same path as a wrong secret.
        for (const secret of secrets.length === 0 ? [nobody] : secrets) {
          valid = equalBytes(presented, utf8.encode(Redacted.value(secret))) || valid
        }
        return valid && secrets.length > 0 && authorization.length === 1
      })

    /** Notes the refusal on the connection, at most once a minute: Postmark drops the event, and somebody must know. */
    const refuse = (connectionId: string): Effect.Effect<Decision> =>
      Effect.gen(function*() {
        const time = yield* Effect.clockWith((clock) => clock.currentTimeMillis)
        const isDue = yield* Ref.modify(refusals, (all) => {
          if (time - (all.get(connectionId) ?? -Infinity) < 60_000) return [false, all]
          return [true, new Map(all.size > 1_000 ? [] : all).set(connectionId, time)]
        })
        if (isDue) {
          yield* Effect.catchAll(
            Effect.flatMap(now, (text) => connections.setLastRefusedAt(connectionId, text)),
            (error) => Effect.logWarning("a refused webhook could not be noted", error.message)
          )
        }
        return decisions.unauthorized
      })

    const accept = (connectionId: ConnectionId, body: Uint8Array): Effect.Effect<Decision, StoreUnavailable> =>
      Effect.gen(function*() {
        const receivedAt = yield* now
        const text = decodeUtf8(body)
        const reading = text === undefined ? undefined : read(text)
        if (text === undefined || reading === undefined) {
          yield* log.quarantine({
            connectionId,
            receivedAt,
            reason: text === undefined ? "not UTF-8" : "not JSON",
            body: new TextDecoder().decode(body.subarray(0, quarantinedBytes))
          })
          return decisions.quarantined
        }
        const canonical = Json.canonical(text)
        const identity = yield* digest.sha256(canonical === undefined ? body : utf8.encode(canonical))
        const isNew = yield* log.append({ ...reading, connectionId, identity, receivedAt, raw: text })
        if (!isNew) return decisions.duplicate
        yield* Metric.increment(Metric.tagged(Metrics.events, "status", reading.status))
        return decisions.stored
      })

    return {
      receive: (request) =>
        authorized(request).pipe(
          Effect.flatMap((valid) =>
            valid && isConnectionId(request.connectionId)
              ? accept(request.connectionId, request.body)
              : refuse(request.connectionId)
          ),
          Effect.catchAll((error) =>
            Effect.as(
              Effect.logError("a webhook could not be stored; Postmark is asked to try again", error.message),
              decisions.unavailable
            )
          ),
          Effect.tap((answer) => Metric.increment(Metric.tagged(Metrics.webhooks, "result", answer.result))),
          Effect.annotateLogs({ package: "@effect-postmark/core", module: "WebhookReceiver" }),
          Effect.withSpan("WebhookReceiver.receive", { captureStackTrace: false })
        )
    }
  }
)

/**
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<WebhookReceiver, never, EventLog | Subscriptions | ConnectionStore | Digest> = Layer
  .effect(WebhookReceiver, make)

/** Postmark's dashboard test and its verification probes carry this id (Postmark API, E). */
const probeMessageId = "00000000-0000-0000-0000-000000000000"

/** How much of a body that is no JSON is kept. */
const quarantinedBytes = 64 * 1024

const nobody = Redacted.make("this connection has no secret")

const utf8 = new TextEncoder()

const decodeUtf8 = (bytes: Uint8Array): string | undefined =>
  Option.getOrUndefined(Option.liftThrowable(() => new TextDecoder("utf-8", { fatal: true }).decode(bytes))())

const isConnectionId = Schema.is(ConnectionId)

const field = (body: unknown, name: string): string | undefined => {
  if (typeof body !== "object" || body === null || !Object.hasOwn(body, name)) return undefined
  const value: unknown = Reflect.get(body, name)
  return typeof value === "string" ? value : undefined
}

/**
 * A trigger's event as JSON text, without `raw`: the log keeps the body itself. The events of the triggers are JSON as they
 * are, so that nothing has to be encoded.
 */
const readerOf = <Event>(trigger: {
  readonly id: string
  readonly recordType: string
  readonly fromWebhook: (body: unknown) => Either.Either<Event, unknown>
}) => ({
  id: trigger.id,
  recordType: trigger.recordType,
  read: (body: unknown): string | undefined =>
    Either.match(trigger.fromWebhook(body), {
      onLeft: () => undefined,
      onRight: (event) => Json.stringify({ ...event, raw: undefined })
    })
})

const readers = [
  readerOf(PostmarkTriggers.EmailDelivered),
  readerOf(PostmarkTriggers.EmailBounced),
  readerOf(PostmarkTriggers.EmailOpened)
]
