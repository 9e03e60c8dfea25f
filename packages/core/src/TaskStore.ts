/**
 * The port that stores what long tasks did: sweeps of connections, and passes of retention.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { ConnectionId } from "./Ids.ts"
import type { StoreUnavailable } from "./StoreUnavailable.ts"

/**
 * @since 0.1.0
 * @category models
 */
export const TaskKind = Schema.Literal("gapFill", "retention")

/**
 * @since 0.1.0
 * @category models
 */
export type TaskKind = typeof TaskKind.Type

/**
 * One task. `finishedAt` is null while it runs, and stays null if its process ended first. `report` is its result as JSON
 * text, null without one. `failure` is the name of the error, null on success.
 *
 * @since 0.1.0
 * @category models
 */
export const TaskRecord = Schema.Struct({
  id: Schema.String,
  kind: TaskKind,
  connectionId: Schema.NullOr(ConnectionId),
  startedAt: Schema.String,
  finishedAt: Schema.NullOr(Schema.String),
  report: Schema.NullOr(Schema.String),
  failure: Schema.NullOr(Schema.String)
}).annotations({ identifier: "TaskRecord" })

/**
 * @since 0.1.0
 * @category models
 */
export interface TaskRecord extends Schema.Schema.Type<typeof TaskRecord> {}

/**
 * How many records a store keeps for each kind and connection.
 *
 * @since 0.1.0
 * @category constants
 */
export const kept = 100

/**
 * @since 0.1.0
 * @category models
 */
export interface Service {
  /** Stores a record, or replaces the one with the same id. Only the newest 100 of its kind and connection are kept. */
  readonly save: (record: TaskRecord) => Effect.Effect<void, StoreUnavailable>
  readonly get: (id: string) => Effect.Effect<Option.Option<TaskRecord>, StoreUnavailable>
  /** Of a kind and a connection, the newest first, at most `limit`. */
  readonly list: (options: {
    readonly kind: TaskKind
    readonly connectionId: string | null
    readonly limit: number
  }) => Effect.Effect<ReadonlyArray<TaskRecord>, StoreUnavailable>
}

/**
 * @since 0.1.0
 * @category tags
 */
export class TaskStore extends Context.Tag("@effect-postmark/core/TaskStore")<TaskStore, Service>() {}

/**
 * Records in memory.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerMemory: Layer.Layer<TaskStore> = Layer.sync(TaskStore, () => {
  const records = new Map<string, TaskRecord>()
  const newest = (kind: TaskKind, connectionId: string | null) =>
    [...records.values()].filter((one) => one.kind === kind && one.connectionId === connectionId).toReversed()
  return {
    save: (record) =>
      Effect.sync(() => {
        records.set(record.id, record)
        for (const { id } of newest(record.kind, record.connectionId).slice(kept)) records.delete(id)
      }),
    get: (id) => Effect.sync(() => Option.fromNullable(records.get(id))),
    list: ({ connectionId, kind, limit }) => Effect.sync(() => newest(kind, connectionId).slice(0, Math.max(limit, 0)))
  }
})
