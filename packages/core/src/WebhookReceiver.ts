/**
 * Receives Postmark's webhook events. The response decides whether Postmark retries: it retries only after 5xx, 408,
 * 429 and timeouts, and drops the event otherwise (https://postmarkapp.com/developer/webhooks/webhooks-overview). The
 * receiver rejects an authenticated body only if it is not JSON. It acknowledges an event only when it is durable.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { ConnectionStore } from "./ConnectionStore.ts"
import { Digest } from "./Digest.ts"
import { EventLog, type NewEvent } from "./EventLog.ts"
import type { ConnectionId } from "./Ids.ts"
import * as Authentication from "./internal/webhook/authentication.ts"
import * as BodyReading from "./internal/webhook/bodyReading.ts"
import { decisions as decided } from "./internal/webhook/decisions.ts"
import { FairQueue, type Place as QueuePlace } from "./internal/webhook/fairQueue.ts"
import * as Intake from "./internal/webhook/intake.ts"
import * as Outside from "./internal/webhook/outside.ts"
import * as Metrics from "./Metrics.ts"
import * as PostmarkTriggers from "./PostmarkTriggers.ts"
import { Subscriptions } from "./Subscriptions.ts"
import type * as Trigger from "./Trigger.ts"
import * as TriggerRegistry from "./TriggerRegistry.ts"

/**
 * A webhook's headers. `authorization` contains all values of the header; two values are as invalid as none.
 * `contentEncoding` and `traceId` are the headers `Content-Encoding` and `X-PM-Webhook-Trace-Id`, `length` is
 * `Content-Length`. `source` is the client's address; without it, failed authentications are not limited.
 *
 * @since 0.1.0
 * @category models
 */
export interface Head {
  readonly connectionId: string
  readonly authorization: ReadonlyArray<string>
  readonly contentEncoding?: string | undefined
  readonly traceId?: string | undefined
  readonly length?: number | undefined
  readonly source?: string | undefined
}

/**
 * A webhook request.
 *
 * @since 0.1.0
 * @category models
 */
export interface Request extends Head {
  readonly body: Uint8Array
}

/**
 * The response to each situation, which decides what Postmark does next. Of these statuses, Postmark retries only
 * after 429 and 503.
 *
 * @since 0.1.0
 * @category models
 */
export const decisions = decided

/**
 * The response and its reason. `reason` says what is wrong with a body, without quoting it.
 *
 * @since 0.1.0
 * @category models
 */
export type Decision =
  | Exclude<(typeof decisions)[keyof typeof decisions], typeof decisions.quarantined>
  | (typeof decisions.quarantined & { readonly reason: string })

/**
 * The place of a webhook whose body may be read now. End it with one of `accept`, `refuseTooLarge` and `leave`.
 *
 * @since 0.1.0
 * @category models
 */
export interface Place {
  /** Makes room for a body of so many bytes in all. Returns the decision when there is none; the place is left then. */
  readonly reserve: (bytes: number) => Decision | undefined
  /** Stores the body. Calls `done` once, when the event is durable or refused. */
  readonly accept: (body: Uint8Array, done: (decision: Decision) => void) => void
  /** The body is larger than the adapter's limit. */
  readonly refuseTooLarge: () => Decision
  /** The client is gone. */
  readonly leave: () => void
}

/**
 * The decision by a webhook's headers: a place, or a refusal that makes its body needless.
 *
 * @since 0.1.0
 * @category models
 */
export type Admission =
  | { readonly place: Place; readonly decision?: undefined }
  | { readonly place?: undefined; readonly decision: Decision }

/**
 * Limits against overload. Each connection may use as much of them as is still free, so one that floods leaves room for
 * the others.
 *
 * - `maxPending`: webhooks taken and not answered yet, 2,048
 * - `maxPendingBytes`: the bytes of their bodies together, 128 MB
 * - `maxRunning`: those that are decoded and stored at once, 256; the others wait, and connections take turns
 * - `maxFailures`: failed authentications of one source at once, 60; one is forgiven each second
 *
 * @since 0.1.0
 * @category models
 */
export interface Options {
  readonly maxPending?: number | undefined
  readonly maxPendingBytes?: number | undefined
  readonly maxRunning?: number | undefined
  readonly maxFailures?: number | undefined
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Service {
  readonly receive: (request: Request) => Effect.Effect<Decision>
  /**
   * The first half of `receive`, without a fiber: an adapter reads no body before this. Calls `done` once, perhaps before
   * it returns.
   *
   * A correct secret is never refused because others fail from the same address. When too many do, wrong secrets get 429,
   * and so may the first webhook of a connection that this process has not seen yet; Postmark posts that again.
   */
  readonly admit: (head: Head, done: (admission: Admission) => void) => void
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
 * Creates a reader of authenticated bodies for the triggers of a registry. It returns undefined when the text is not
 * JSON. A body nested deeper than `Json.maxDepth` is not parsed: its status is `unknown`.
 *
 * @since 0.1.0
 * @category constructors
 */
export const reader: (
  registry: TriggerRegistry.Service
) => (text: string, arrival: Trigger.Arrival) => Reading | undefined = (registry) => {
  const read = BodyReading.make(registry)
  return (text, arrival) => read(text, arrival)?.reading
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
 * Creates a receiver from the event log and the connections' secrets. A secret that another process changed is noticed
 * within two seconds; a new one at once.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (options: Options = {}): Effect.Effect<Service, never, Services> =>
  Effect.gen(function*() {
    const outside = yield* Outside.make
    const authenticate = Authentication.make({
      outside,
      subscriptions: yield* Subscriptions,
      connections: yield* ConnectionStore,
      maxFailures: options.maxFailures ?? 60
    })
    const intake = Intake.make({
      outside,
      log: yield* EventLog,
      digest: yield* Digest,
      read: BodyReading.make(yield* TriggerRegistry.TriggerRegistry)
    })
    const queue = new FairQueue({
      maxPending: options.maxPending ?? 2_048,
      maxPendingBytes: options.maxPendingBytes ?? 128 * 1024 * 1024,
      maxRunning: options.maxRunning ?? 256
    })
    const counters = new Map(
      Object.values(decisions).map(({ result }) =>
        [result, outside.counter(Metrics.webhooks, "result", result)] as const
      )
    )
    const gauge = outside.gauge(Metrics.webhooksPending)

    const counted = (decision: Decision): Decision => {
      counters.get(decision.result)?.()
      gauge(queue.pending)
      return decision
    }

    const placeOf = (place: QueuePlace, connectionId: ConnectionId, head: Head): Place => {
      const left = (decision: Decision): Decision => {
        place.leave()
        return counted(decision)
      }
      const reserve = (bytes: number) => place.reserve(bytes) ? undefined : left(decisions.overloaded)
      return {
        reserve,
        accept: (body, done) => {
          const refused = reserve(body.length)
          if (refused !== undefined) return done(refused)
          place.run((finished) =>
            intake({ connectionId, body, contentEncoding: head.contentEncoding, traceId: head.traceId }, (decision) => {
              const answer = left(decision)
              finished()
              done(answer)
            })
          )
        },
        refuseTooLarge: () => left(decisions.tooLarge),
        leave: () => place.leave()
      }
    }

    const admit: Service["admit"] = (head, done) =>
      authenticate(head, (result) => {
        if (Authentication.isRefusal(result)) return done({ decision: counted(result) })
        const place = queue.enter(result, head.length ?? 0)
        if (place === undefined) return done({ decision: counted(decisions.overloaded) })
        gauge(queue.pending)
        done({ place: placeOf(place, result, head) })
      })

    return {
      admit,
      receive: (request) =>
        Effect.async<Decision>((resume) => {
          const answer = (decision: Decision) => resume(Effect.succeed(decision))
          admit(
            { ...request, length: request.body.length },
            ({ decision, place }) => place === undefined ? answer(decision) : place.accept(request.body, answer)
          )
        }).pipe(Effect.withSpan("WebhookReceiver.receive", { captureStackTrace: false }))
    }
  })

/**
 * A receiver with limits of your own.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerWith = (options: Options): Layer.Layer<WebhookReceiver, never, Services> =>
  Layer.effect(WebhookReceiver, make(options))

/**
 * A receiver with the default limits.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<WebhookReceiver, never, Services> = Layer.effect(WebhookReceiver, make())

type Services = EventLog | Subscriptions | ConnectionStore | Digest | TriggerRegistry.TriggerRegistry

/**
 * The prefix of a quarantined body in base64.
 *
 * @since 0.1.0
 * @category constants
 */
export const dataUrl = Intake.dataUrl
