/**
 * An address that gets the events of one trigger of one connection, as signed webhooks.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import { ConnectionId } from "./Ids.ts"

/**
 * Why a target is disabled: `manual` by a person, `gone` because it answered 410, `failing` because every attempt of
 * five days failed.
 *
 * @since 0.1.0
 * @category models
 */
export const DisabledReason = Schema.Literal("manual", "gone", "failing")

/**
 * @since 0.1.0
 * @category models
 */
export type DisabledReason = typeof DisabledReason.Type

/**
 * A target as it can be shown: without its secrets. A connection and a trigger can have several. `failingSince` is when
 * the first failure after the last success was, in milliseconds of the Unix epoch.
 *
 * @since 0.1.0
 * @category models
 */
export const RelayTarget = Schema.Struct({
  id: Schema.String,
  connectionId: ConnectionId,
  trigger: Schema.String,
  url: Schema.String,
  createdAt: Schema.String,
  state: Schema.Literal("active", "disabled"),
  disabledReason: Schema.NullOr(DisabledReason),
  disabledAt: Schema.NullOr(Schema.String),
  failingSince: Schema.NullOr(Schema.Int)
}).annotations({ identifier: "RelayTarget" })

/**
 * @since 0.1.0
 * @category models
 */
export interface RelayTarget extends Schema.Schema.Type<typeof RelayTarget> {}

/**
 * A target as a store keeps it, with its sealed secrets: two of them during a rotation.
 *
 * @since 0.1.0
 * @category models
 */
export const StoredTarget = Schema.Struct({
  ...RelayTarget.fields,
  currentSecret: Schema.String,
  previousSecret: Schema.NullOr(Schema.String)
})

/**
 * @since 0.1.0
 * @category models
 */
export interface StoredTarget extends Schema.Schema.Type<typeof StoredTarget> {}

/**
 * Leaves out the secrets.
 *
 * @since 0.1.0
 * @category conversions
 */
export const fromStored = (
  { currentSecret: _current, previousSecret: _previous, ...target }: StoredTarget
): RelayTarget => target

/**
 * Where the secrets of a target are stored, for the `Vault`.
 *
 * @since 0.1.0
 * @category conversions
 */
export const secretPlace = (id: string): string => `relay-target/${id}/secret`

/**
 * What a subscriber receives, as JSON: `type` is the trigger's id, `timestamp` the event's own time, `sequence` its number
 * in our log, `receivedAt` when we received it, and `data` the trigger's event in camelCase without the raw webhook. Events
 * can arrive in any order, and more than once with the same `webhook-id`. A test event has `test: true` and sequence 0.
 *
 * @since 0.1.0
 * @category models
 */
export const RelayBody = Schema.Struct({
  type: Schema.String.annotations({ description: "the trigger's id, such as postmark/email-bounced" }),
  timestamp: Schema.String.annotations({ description: "when the event happened, as Postmark states it" }),
  sequence: Schema.Int.annotations({ description: "the event's number in the event log; rises, with gaps" }),
  connectionId: ConnectionId,
  receivedAt: Schema.String.annotations({ description: "when the event was received from Postmark" }),
  test: Schema.optional(Schema.Boolean).annotations({ description: "true for an event that was sent on request" }),
  data: Schema.Record({ key: Schema.String, value: Schema.Unknown })
    .annotations({ description: "the trigger's event, in camelCase" })
}).annotations({ identifier: "RelayBody" })

/**
 * @since 0.1.0
 * @category models
 */
export interface RelayBody extends Schema.Schema.Type<typeof RelayBody> {}
