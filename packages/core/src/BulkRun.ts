/**
 * Bulk runs and the outcomes of their messages.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import { ConnectionId } from "./Ids.ts"

/**
 * `loading` until the whole input is stored, `running` while there is something to send, `paused` by a person or for a
 * reason that stops every message, `completed` when every message has its outcome, `cancelled` by a person.
 *
 * @since 0.1.0
 * @category models
 */
export const RunState = Schema.Literal("loading", "running", "paused", "completed", "cancelled")

/**
 * @since 0.1.0
 * @category models
 */
export type RunState = typeof RunState.Type

/**
 * Why a run is paused: by a person (`manual`), or by itself, because nothing can be sent until somebody acts.
 *
 * - `invalidToken`: Postmark does not know the token; rotate the connection's token
 * - `connectionRevoked`: the connection was revoked, or there is none any more
 * - `secretUnreadable`: no configured encryption key opens the token
 * - `account`: the account may not send, has no credits, or its sender is not confirmed
 * - `refused`: Postmark, or the network in front of it, refused the whole call
 *
 * @since 0.1.0
 * @category models
 */
export const PauseReason = Schema.Literal(
  "manual",
  "invalidToken",
  "connectionRevoked",
  "secretUnreadable",
  "account",
  "refused"
)

/**
 * @since 0.1.0
 * @category models
 */
export type PauseReason = typeof PauseReason.Type

/**
 * A bulk run. `messages` is how many it has, while it is loading how many it has so far. `key` makes a start idempotent for its
 * connection. `callName` and `indexName` are the metadata fields of the correlation, null without one. Times are milliseconds
 * of the Unix epoch.
 *
 * @since 0.1.0
 * @category models
 */
export const Run = Schema.Struct({
  id: Schema.String,
  connectionId: ConnectionId,
  name: Schema.NullOr(Schema.String),
  key: Schema.NullOr(Schema.String),
  kind: Schema.Literal("email", "template"),
  state: RunState,
  pauseReason: Schema.NullOr(PauseReason),
  pauseDetail: Schema.NullOr(Schema.String),
  correlation: Schema.String,
  callName: Schema.NullOr(Schema.String),
  indexName: Schema.NullOr(Schema.String),
  resendUnknownAfterMs: Schema.NullOr(Schema.Int),
  messages: Schema.Int,
  createdAt: Schema.Int,
  startedAt: Schema.NullOr(Schema.Int),
  finishedAt: Schema.NullOr(Schema.Int)
}).annotations({ identifier: "BulkRun" })

/**
 * @since 0.1.0
 * @category models
 */
export interface Run extends Schema.Schema.Type<typeof Run> {}

/**
 * `accepted` by Postmark, `rejected` by our checks or by Postmark, `unknown` when Postmark may have accepted it, `notSent`
 * because the run was cancelled.
 *
 * @since 0.1.0
 * @category models
 */
export const RunOutcomeState = Schema.Literal("accepted", "rejected", "unknown", "notSent")

/**
 * @since 0.1.0
 * @category models
 */
export type RunOutcomeState = typeof RunOutcomeState.Type

/**
 * The outcome of one message. `index` is its position in the input, from 0. `code` is Postmark's error code. `detail` says
 * why, without any address. `source` is `search` for a message that was found in the history after its response was lost.
 *
 * @since 0.1.0
 * @category models
 */
export const RunOutcome = Schema.Struct({
  index: Schema.NonNegativeInt,
  state: RunOutcomeState,
  messageId: Schema.optional(Schema.String),
  source: Schema.optional(Schema.Literal("answer", "search")),
  code: Schema.optional(Schema.Int),
  detail: Schema.optional(Schema.String),
  possiblyDuplicate: Schema.optional(Schema.Literal(true))
}).annotations({ identifier: "RunOutcome" })

/**
 * @since 0.1.0
 * @category models
 */
export interface RunOutcome extends Schema.Schema.Type<typeof RunOutcome> {}

/**
 * The search value of a chunk's messages, by which one search finds all of them.
 *
 * @since 0.1.0
 * @category getters
 */
export const correlationOf = (run: { readonly correlation: string }, chunk: number): string =>
  run.correlation + chunk.toString(16).padStart(8, "0")
