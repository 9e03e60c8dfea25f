/**
 * A trigger is data: a name, the schema of its event, and a reader of webhook bodies. To add a trigger, define it
 * with `make` and add it to the `TriggerRegistry`.
 *
 * @since 0.1.0
 */
import type * as Either from "effect/Either"
import type * as ParseResult from "effect/ParseResult"
import type * as Schema from "effect/Schema"

/**
 * The properties of a trigger that HTTP and OpenAPI read.
 *
 * @since 0.1.0
 * @category models
 */
export interface Definition {
  /** `postmark/email-bounced`: exact, and the same on every surface. */
  readonly id: string
  /** The id without its prefix: `email-bounced`. */
  readonly name: string
  readonly title: string
  readonly description: string
  /** Postmark's name of the event, in a webhook's `RecordType`. */
  readonly recordType: string
  readonly event: Schema.Schema.AnyNoContext
  /** The event's field that says when it happened, such as `bouncedAt`. Without it, the time of arrival is used. */
  readonly occurredAt?: string | undefined
}

/**
 * The arrival of a webhook event: the time, and the id by which Postmark traces it across its attempts
 * (`X-PM-Webhook-Trace-Id`).
 *
 * @since 0.1.0
 * @category models
 */
export interface Arrival {
  readonly receivedAt?: string | undefined
  readonly traceId?: string | undefined
}

/**
 * Reads an event from a parsed webhook body. Returns a Left when the body is incomplete.
 *
 * @since 0.1.0
 * @category models
 */
export type FromWebhook<Event> = (body: unknown, arrival?: Arrival) => Either.Either<Event, ParseResult.ParseIssue>

/**
 * A trigger of any event.
 *
 * @since 0.1.0
 * @category models
 */
export interface Any extends Definition {
  readonly fromWebhook: FromWebhook<unknown>
}

/**
 * A trigger with the type of its event.
 *
 * @since 0.1.0
 * @category models
 */
export interface Trigger<Id extends string, Event, EventJson> extends Definition {
  readonly id: Id
  readonly event: Schema.Schema<Event, EventJson>
  /** Reads the event from a webhook's parsed body. */
  readonly fromWebhook: FromWebhook<Event>
}

/**
 * Defines a trigger. Its event must be an object. A field `raw`, if there is one, is the webhook body.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = <const Id extends `${string}/${string}`, Event, EventJson>(
  id: Id,
  options: {
    readonly title: string
    readonly description: string
    readonly recordType: string
    readonly event: Schema.Schema<Event, EventJson>
    readonly fromWebhook: FromWebhook<Event>
    readonly occurredAt?: (keyof EventJson & string) | undefined
  }
): Trigger<Id, Event, EventJson> => ({ ...options, id, name: id.slice(id.indexOf("/") + 1) })
