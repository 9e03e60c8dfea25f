/**
 * Where the requests with an `Idempotency-Key` are kept, and what was answered to them: a port.
 *
 * @since 0.1.0
 */
import type { StoreUnavailable } from "@effect-postmark/core/StoreUnavailable"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"

/**
 * The state of a request: `reserved` has not written anything to Postmark, `working` may have, and `done` has an answer.
 *
 * @since 0.1.0
 * @category models
 */
export const State = Schema.Literal("reserved", "working", "done")

/**
 * @since 0.1.0
 * @category models
 */
export type State = typeof State.Type

/**
 * A request with its key; times are milliseconds since 1970. `id` and `fingerprint` are hashes of the key and of the
 * request. `correlation` finds the messages of a send in Postmark's history. Who has the `lease` works on the request, until
 * `leaseUntil`. The text of `answer` is encrypted.
 *
 * @since 0.1.0
 * @category models
 */
export const IdempotencyRecord = Schema.Struct({
  id: Schema.String,
  fingerprint: Schema.String,
  state: State,
  correlation: Schema.NullOr(Schema.String),
  lease: Schema.String,
  leaseUntil: Schema.Int,
  createdAt: Schema.Int,
  expiresAt: Schema.Int,
  answer: Schema.NullOr(Schema.String)
})

/**
 * @since 0.1.0
 * @category models
 */
export interface IdempotencyRecord extends Schema.Schema.Type<typeof IdempotencyRecord> {}

/**
 * @since 0.1.0
 * @category models
 */
export interface Service {
  /**
   * Stores a new record, if there is none with its id, or only one that expired by the time of its creation. Answers the
   * record that is there otherwise.
   */
  readonly reserve: (
    record: Omit<IdempotencyRecord, "answer">
  ) => Effect.Effect<Option.Option<IdempotencyRecord>, StoreUnavailable>
  /**
   * Takes over a record without an answer whose lease ended by `now`. A `reserved` one gets the correlation. False when
   * there is no such record any more.
   */
  readonly takeOver: (options: {
    readonly id: string
    readonly state: "reserved" | "working"
    readonly correlation: string | null
    readonly lease: string
    readonly leaseUntil: number
    readonly now: number
  }) => Effect.Effect<boolean, StoreUnavailable>
  /** Sets the end of one's own lease. False when another has it. */
  readonly extend: (options: {
    readonly id: string
    readonly lease: string
    readonly leaseUntil: number
  }) => Effect.Effect<boolean, StoreUnavailable>
  /**
   * Notes that something may be written to Postmark from now on. False when another has the lease, or when the request is
   * `working` already: nothing may be written then.
   */
  readonly begin: (options: { readonly id: string; readonly lease: string }) => Effect.Effect<boolean, StoreUnavailable>
  /**
   * Stores the answer, once. Besides the owner of the lease, who began the work can do it after its lease was taken over.
   */
  readonly finish: (options: {
    readonly id: string
    readonly lease: string
    readonly answer: string
    readonly expiresAt: number
  }) => Effect.Effect<boolean, StoreUnavailable>
  /** Removes a record without an answer, as `finish` stores one: the key is as if it had never been used. */
  readonly release: (
    options: { readonly id: string; readonly lease: string }
  ) => Effect.Effect<boolean, StoreUnavailable>
  /** Removes at most `limit` records that expired before `before`, and answers how many. */
  readonly prune: (
    options: { readonly before: number; readonly limit: number }
  ) => Effect.Effect<number, StoreUnavailable>
}

/**
 * @since 0.1.0
 * @category tags
 */
export class IdempotencyStore
  extends Context.Tag("@effect-postmark/http-server/IdempotencyStore")<IdempotencyStore, Service>()
{}

/**
 * Requests in memory: for one process, and as long as it lives.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerMemory: Layer.Layer<IdempotencyStore> = Layer.sync(IdempotencyStore, () => {
  type Stored = IdempotencyRecord & { readonly sender: string | null }
  const records = new Map<string, Stored>()
  const change = (id: string, when: (record: Stored) => boolean, to: (record: Stored) => Stored | undefined) =>
    Effect.sync(() => {
      const record = records.get(id)
      if (record === undefined || !when(record)) return false
      const next = to(record)
      if (next === undefined) records.delete(id)
      else records.set(id, next)
      return true
    })
  const isOpenTo = (lease: string) => (record: Stored) =>
    record.state !== "done" && (record.lease === lease || record.sender === lease)
  return {
    reserve: (record) =>
      Effect.sync(() => {
        const stored = records.get(record.id)
        if (stored !== undefined && stored.expiresAt > record.createdAt) {
          const { sender: _, ...visible } = stored
          return Option.some(visible)
        }
        records.set(record.id, { ...record, answer: null, sender: record.state === "working" ? record.lease : null })
        return Option.none()
      }),
    takeOver: ({ correlation, id, lease, leaseUntil, now, state }) =>
      change(
        id,
        (record) => record.state === state && record.leaseUntil <= now,
        (record) => ({
          ...record,
          lease,
          leaseUntil,
          correlation: state === "reserved" ? correlation : record.correlation
        })
      ),
    extend: ({ id, lease, leaseUntil }) =>
      change(
        id,
        (record) => record.state !== "done" && record.lease === lease,
        (record) => ({ ...record, leaseUntil })
      ),
    begin: ({ id, lease }) =>
      change(
        id,
        (record) => record.state === "reserved" && record.lease === lease,
        (record) => ({ ...record, state: "working", sender: lease })
      ),
    finish: ({ answer, expiresAt, id, lease }) =>
      change(id, isOpenTo(lease), (record) => ({ ...record, state: "done", answer, expiresAt })),
    release: ({ id, lease }) => change(id, isOpenTo(lease), () => undefined),
    prune: ({ before, limit }) =>
      Effect.sync(() => {
        const old = [...records.values()].filter(({ expiresAt }) => expiresAt < before).slice(0, Math.max(limit, 0))
        for (const { id } of old) records.delete(id)
        return old.length
      })
  }
})
