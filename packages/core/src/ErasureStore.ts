/**
 * The record that personal data was erased, for an audit: a port. It says when, in which connection and how much; never
 * whose.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import { ConnectionId } from "./Ids.ts"
import type { StoreUnavailable } from "./StoreUnavailable.ts"

/**
 * One erasure. `changed` counts rows by kind, such as `events`; `finishedAt` is null when it did not come to its end.
 * Without a `connectionId` it concerned all connections.
 *
 * @since 0.1.0
 * @category models
 */
export const ErasureRecord = Schema.Struct({
  id: Schema.String,
  connectionId: Schema.NullOr(ConnectionId),
  startedAt: Schema.String,
  finishedAt: Schema.NullOr(Schema.String),
  changed: Schema.Record({ key: Schema.String, value: Schema.Int })
}).annotations({ identifier: "ErasureRecord" })

/**
 * @since 0.1.0
 * @category models
 */
export interface ErasureRecord extends Schema.Schema.Type<typeof ErasureRecord> {}

/**
 * @since 0.1.0
 * @category models
 */
export interface Service {
  /** Stores a record, or replaces the one with the same id. */
  readonly save: (record: ErasureRecord) => Effect.Effect<void, StoreUnavailable>
  /** The newest first, at most `limit`. */
  readonly list: (limit: number) => Effect.Effect<ReadonlyArray<ErasureRecord>, StoreUnavailable>
}

/**
 * @since 0.1.0
 * @category tags
 */
export class ErasureStore extends Context.Tag("@effect-postmark/core/ErasureStore")<ErasureStore, Service>() {}

/**
 * Records in memory.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerMemory: Layer.Layer<ErasureStore> = Layer.sync(ErasureStore, () => {
  const records = new Map<string, ErasureRecord>()
  return {
    save: (record) => Effect.sync(() => void records.set(record.id, record)),
    list: (limit) => Effect.sync(() => [...records.values()].toReversed().slice(0, Math.max(limit, 0)))
  }
})
