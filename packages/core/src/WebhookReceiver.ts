/**
 * Receives Postmark's webhook events. The response decides whether Postmark retries: it retries only after 5xx, 408,
 * 429 and timeouts, and drops the event otherwise (https://postmarkapp.com/developer/webhooks/webhooks-overview). The
 * receiver rejects an authenticated body only if it is not JSON. It acknowledges an event only when it is durable.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Encoding from "effect/Encoding"
import * as Layer from "effect/Layer"
import * as Metric from "effect/Metric"
import * as Option from "effect/Option"
import * as ParseResult from "effect/ParseResult"
import * as Redacted from "effect/Redacted"
import * as Ref from "effect/Ref"
import * as Schema from "effect/Schema"
import { ConnectionStore } from "./ConnectionStore.ts"
import { Digest } from "./Digest.ts"
import * as EventKeys from "./EventKeys.ts"
import { EventLog, type NewEvent } from "./EventLog.ts"
import { ConnectionId } from "./Ids.ts"
import { now } from "./internal/runtime/now.ts"
import { equalBytes } from "./internal/webhook/equalBytes.ts"
import { isProbe, recordTypeOf } from "./internal/webhook/eventKind.ts"
import * as Json from "./Json.ts"
import * as Metrics from "./Metrics.ts"
import * as PostmarkTriggers from "./PostmarkTriggers.ts"
import type { StoreUnavailable } from "./StoreUnavailable.ts"
import { Subscriptions } from "./Subscriptions.ts"
import type * as Trigger from "./Trigger.ts"
import * as TriggerRegistry from "./TriggerRegistry.ts"

/**
 * A webhook request. `authorization` contains all values of the header; two values are as invalid as none.
 * `contentEncoding` and `traceId` are the headers `Content-Encoding` and `X-PM-Webhook-Trace-Id`.
 *
 * @since 0.1.0
 * @category models
 */
export interface Request {
  readonly connectionId: string
  readonly authorization: ReadonlyArray<string>
  readonly body: Uint8Array
  readonly contentEncoding?: string | undefined
  readonly traceId?: string | undefined
}

/**
 * The response to each situation, which decides what Postmark does next. Of these statuses, Postmark retries only
 * after 503.
 *
 * @since 0.1.0
 * @category models
 */
export const decisions = {
  /** A new event of any shape, including Postmark's probes. It is durable. */
  stored: { status: 200, result: "stored" },
  /** The event is already stored. */
  duplicate: { status: 200, result: "duplicate" },
  /** Authenticated, but not JSON: stored in the quarantine for a person to inspect. */
  quarantined: { status: 400, result: "quarantined" },
  /** A missing, wrong or second secret, or an unknown connection: one response for all. */
  unauthorized: { status: 401, result: "unauthorized" },
  /** Larger than the adapter's limit. */
  tooLarge: { status: 413, result: "tooLarge" },
  /** The store is unavailable, or the adapter is shutting down: nothing is acknowledged. */
  unavailable: { status: 503, result: "unavailable" }
} as const

/**
 * The response and its reason. `reason` says what is wrong with a body, without quoting it. The adapter rejects a
 * body that is too large, so it never reaches the receiver.
 *
 * @since 0.1.0
 * @category models
 */
export type Decision =
  | Exclude<(typeof decisions)[keyof typeof decisions], typeof decisions.tooLarge | typeof decisions.quarantined>
  | (typeof decisions.quarantined & { readonly reason: string })

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
 * The result of reading a body: an event without its connection and its time of arrival.
 *
 * @since 0.1.0
 * @category models
 */
export type Reading = Pick<NewEvent, "recordType" | "trigger" | "status" | "event" | "keys">

/**
 * Reads a trigger's event as JSON text, without `raw`, because the log stores the body itself. Returns undefined when
 * the body is incomplete, and when a custom trigger throws, so that a faulty trigger does not lose the event.
 */
const readerOf = ({ event, fromWebhook, id }: Trigger.Any) => {
  const encode = ParseResult.encodeUnknownEither(event)
  const read = Option.liftThrowable((body: unknown, arrival: Trigger.Arrival) =>
    Either.getOrUndefined(Either.flatMap(fromWebhook(body, arrival), (read) => encode(read)))
  )
  return (body: unknown, arrival: Trigger.Arrival) => {
    const json: unknown = Option.getOrUndefined(read(body, arrival))
    return typeof json === "object" && json !== null
      ? { event: Json.stringify({ ...json, raw: undefined }), keys: EventKeys.of(id, json) }
      : undefined
  }
}

/**
 * Creates a reader of authenticated bodies for the triggers of a registry. It returns undefined when the text is not
 * JSON. A body nested deeper than `Json.maxDepth` is not parsed: its status is `unknown`.
 *
 * @since 0.1.0
 * @category constructors
 */
export const reader = (registry: TriggerRegistry.Service) => {
  const readers = new Map(registry.triggers.map((trigger) => [trigger.id, readerOf(trigger)]))
  return (text: string, arrival: Trigger.Arrival): Reading | undefined => {
    const unknown: Reading = { recordType: null, trigger: null, event: null, status: "unknown" }
    if (Json.isTooDeep(text)) return unknown
    const parsed = Option.liftThrowable(Json.parse)(text)
    if (Option.isNone(parsed)) return undefined
    const trigger = registry.ofBody(parsed.value)
    const recordType = trigger?.recordType ?? recordTypeOf(parsed.value) ?? null
    if (isProbe(parsed.value, recordType ?? undefined)) return { ...unknown, recordType, status: "probe" }
    if (trigger === undefined) return { ...unknown, recordType }
    const typed = readers.get(trigger.id)?.(parsed.value, arrival)
    return typed === undefined
      ? { recordType, trigger: trigger.id, event: null, status: "partial" }
      : { recordType, trigger: trigger.id, ...typed, status: "decoded" }
  }
}

/**
 * Reads an authenticated body for Postmark's own triggers.
 *
 * @since 0.1.0
 * @category constructors
 */
export const read = (text: string, arrival: Trigger.Arrival = {}): Reading | undefined => postmark(text, arrival)

const postmark = reader(TriggerRegistry.make(PostmarkTriggers.all))

/**
 * Creates a receiver from the event log and the connections' secrets.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make: Effect.Effect<Service, never, Services> = Effect.gen(
  function*() {
    const log = yield* EventLog
    const subscriptions = yield* Subscriptions
    const connections = yield* ConnectionStore
    const digest = yield* Digest
    const readBody = reader(yield* TriggerRegistry.TriggerRegistry)
    const refusals = yield* Ref.make<ReadonlyMap<string, number>>(new Map())

    const authorized = ({ authorization, connectionId }: Request) =>
      Effect.map(subscriptions.secrets(connectionId), (secrets) => {
        const presented = utf8.encode(authorization.length === 1 ? authorization[0] : "")
        let valid = false
        // Take the same path for an unknown connection, a connection without a secret, and a wrong secret.
        for (const secret of secrets.length === 0 ? [nobody] : secrets) {
          valid = equalBytes(presented, utf8.encode(Redacted.value(secret))) || valid
        }
        return valid && secrets.length > 0 && authorization.length === 1
      })

    /**
     * Records the rejection on the connection, at most once a minute. Postmark drops the event, so somebody must find
     * out.
     */
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

    const quarantine = (
      connectionId: ConnectionId,
      receivedAt: string,
      why: string,
      body: Uint8Array,
      isText: boolean
    ): Effect.Effect<Decision, StoreUnavailable> => {
      const limit = isText ? textBytes : encodedBytes
      const part = body.subarray(0, limit)
      const reason = body.length > limit ? `${why}; the first ${limit} of ${body.length} bytes are kept` : why
      const kept = isText ? new TextDecoder().decode(part) : `${dataUrl}${Encoding.encodeBase64(part)}`
      return Effect.as(log.quarantine({ connectionId, receivedAt, reason, body: kept }), {
        ...decisions.quarantined,
        reason
      })
    }

    const accept = (
      { body, contentEncoding, traceId }: Request,
      connectionId: ConnectionId
    ): Effect.Effect<Decision, StoreUnavailable> =>
      Effect.gen(function*() {
        const receivedAt = yield* now
        const text = decodeUtf8(body)
        const reading = text === undefined ? undefined : readBody(text, { receivedAt, traceId: traceIdOf(traceId) })
        if (text === undefined || reading === undefined) {
          const encoding = encodingOf(contentEncoding, body)
          const reason = encoding !== undefined
            ? `${encoding} is not supported`
            : text === undefined
            ? "not UTF-8"
            : "not JSON"
          const isText = text !== undefined && encoding === undefined
          return yield* quarantine(connectionId, receivedAt, reason, body, isText)
        }
        const canonical = Json.isTooDeep(text) ? undefined : Json.canonical(text)
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
              ? accept(request, request.connectionId)
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
export const layer: Layer.Layer<WebhookReceiver, never, Services> = Layer.effect(WebhookReceiver, make)

type Services = EventLog | Subscriptions | ConnectionStore | Digest | TriggerRegistry.TriggerRegistry

/** The number of bytes that the quarantine stores of a text body. */
const textBytes = 64 * 1024

/** The same for a body in another encoding: it may be a whole event, and a part of it cannot be decompressed. */
const encodedBytes = 1024 * 1024

/** The prefix of a quarantined body in base64. */
export const dataUrl = "data:application/octet-stream;base64,"

/**
 * The encoding of a body that is not plain text. A readable body is plain, whatever its header says: a proxy may
 * decompress it and leave the header. The header's text is only quoted if it is a token.
 */
const encodingOf = (header: string | undefined, body: Uint8Array): string | undefined => {
  const encodings = (header ?? "").toLowerCase().split(",").map((name) => name.trim())
  const other = encodings.find((name) => name !== "" && name !== "identity")
  if (other !== undefined) return `Content-Encoding ${/^[\w.-]{1,40}$/.test(other) ? other : "of another kind"}`
  return body[0] === 0x1f && body[1] === 0x8b ? "gzip without a Content-Encoding" : undefined
}

const traceIdOf = (header: string | undefined): string | undefined => {
  const id = header?.trim()
  return id !== undefined && /^[!-~]{1,200}$/.test(id) ? id : undefined
}

const nobody = Redacted.make("this connection has no secret")

const utf8 = new TextEncoder()

const decodeUtf8 = (bytes: Uint8Array): string | undefined =>
  Option.getOrUndefined(Option.liftThrowable(() => new TextDecoder("utf-8", { fatal: true }).decode(bytes))())

const isConnectionId = Schema.is(ConnectionId)
