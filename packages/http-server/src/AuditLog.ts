/**
 * Where changes are recorded: a port. An entry has ids, times and outcomes; never a body, a secret or an address.
 *
 * @since 0.1.0
 */
import type { StoreUnavailable } from "@effect-postmark/core/StoreUnavailable"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"

/**
 * What became of a change. `begun`: not known; the change runs, or the process ended during it. `done`: it was made.
 * `refused`: the server or Postmark refused it, and nothing changed. `failed`: it could not be made. `unknown`: it may have
 * been made.
 *
 * @since 0.1.0
 * @category models
 */
export const Outcome = Schema.Literal("begun", "done", "refused", "failed", "unknown")

/**
 * @since 0.1.0
 * @category models
 */
export type Outcome = typeof Outcome.Type

/**
 * A change, or one that was tried. `keyId` is null unless the actor is an API key. `operation` is an endpoint, such as
 * `connections.rotate`, or a command, such as `keys create`. `targetId` is the last id in the route's path after the
 * connection, or the id of what was created. Times are ISO 8601 in UTC with milliseconds.
 *
 * @since 0.1.0
 * @category models
 */
export const AuditEntry = Schema.Struct({
  id: Schema.String,
  begunAt: Schema.String,
  endedAt: Schema.NullOr(Schema.String),
  actor: Schema.Literal("apiKey", "commandLine", "server"),
  keyId: Schema.NullOr(Schema.String),
  operation: Schema.String,
  connectionId: Schema.NullOr(Schema.String),
  targetId: Schema.NullOr(Schema.String),
  requestId: Schema.NullOr(Schema.String),
  status: Schema.NullOr(Schema.Int),
  outcome: Outcome
}).annotations({ identifier: "AuditEntry" })

/**
 * @since 0.1.0
 * @category models
 */
export interface AuditEntry extends Schema.Schema.Type<typeof AuditEntry> {}

/**
 * What an entry gets when its change has ended. A `connectionId` or `targetId` that is null leaves what is there.
 *
 * @since 0.1.0
 * @category models
 */
export interface Ending {
  readonly id: string
  readonly endedAt: string
  readonly status: number | null
  readonly outcome: Outcome
  readonly connectionId: string | null
  readonly targetId: string | null
}

/**
 * An entry with its place in the log.
 *
 * @since 0.1.0
 * @category models
 */
export interface Placed {
  readonly position: number
  readonly entry: AuditEntry
}

/**
 * Which entries to list. `before` is a position; the newest entries come first. `connections` leaves out all others, also
 * those without a connection; `withConnection` leaves out only those without one. `from` is included, `to` is not.
 *
 * @since 0.1.0
 * @category models
 */
export interface ListOptions {
  readonly limit: number
  readonly before?: number | undefined
  readonly connections?: ReadonlyArray<string> | undefined
  readonly withConnection?: boolean | undefined
  readonly keyId?: string | undefined
  readonly from?: string | undefined
  readonly to?: string | undefined
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Service {
  /** Adds entries and ends others, all of it or nothing. What was written is durable. */
  readonly write: (options: {
    readonly begun: ReadonlyArray<AuditEntry>
    readonly ended: ReadonlyArray<Ending>
  }) => Effect.Effect<void, StoreUnavailable>
  /** Newest first. */
  readonly list: (options: ListOptions) => Effect.Effect<ReadonlyArray<Placed>, StoreUnavailable>
  /** Removes up to `limit` entries that began before this time (milliseconds since 1970), oldest first; answers how many. */
  readonly prune: (options: {
    readonly before: number
    readonly limit: number
  }) => Effect.Effect<number, StoreUnavailable>
}

/**
 * @since 0.1.0
 * @category tags
 */
export class AuditLog extends Context.Tag("@effect-postmark/http-server/AuditLog")<AuditLog, Service>() {}

/**
 * An audit log in memory.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerMemory: Layer.Layer<AuditLog> = Layer.sync(AuditLog, () => {
  let last = 0
  let log: ReadonlyArray<Placed> = []
  const endedBy = (endings: ReadonlyArray<Ending>) => ({ entry, position }: Placed): Placed => {
    const ending = endings.findLast(({ id }) => id === entry.id)
    return {
      position,
      entry: ending === undefined ? entry : {
        ...entry,
        ...ending,
        connectionId: ending.connectionId ?? entry.connectionId,
        targetId: ending.targetId ?? entry.targetId
      }
    }
  }
  return {
    write: ({ begun, ended }) =>
      Effect.sync(() => {
        log = [...log, ...begun.map((entry) => ({ position: ++last, entry }))].map(endedBy(ended))
      }),
    list: (options) => Effect.sync(() => log.filter(isListed(options)).reverse().slice(0, options.limit)),
    prune: ({ before, limit }) =>
      Effect.sync(() => {
        const old = log.filter(({ entry }) => Date.parse(entry.begunAt) < before)
          .sort((a, b) => a.entry.begunAt < b.entry.begunAt ? -1 : 1)
          .slice(0, limit)
        log = log.filter((placed) => !old.includes(placed))
        return old.length
      })
  }
})

const isListed =
  ({ before, connections, from, keyId, to, withConnection }: ListOptions) => ({ entry, position }: Placed) =>
    (before === undefined || position < before) &&
    (connections === undefined || (entry.connectionId !== null && connections.includes(entry.connectionId))) &&
    (withConnection !== true || entry.connectionId !== null) &&
    (keyId === undefined || entry.keyId === keyId) &&
    (from === undefined || entry.begunAt >= from) &&
    (to === undefined || entry.begunAt < to)
