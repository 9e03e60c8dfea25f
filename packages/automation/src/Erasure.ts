/**
 * Erases a person's address from what is stored: events, quarantined bodies and the answers of relay targets.
 *
 * @since 0.1.0
 */
import type * as DataRemovals from "@effect-postmark/core/DataRemovals"
import { DeliveryStore } from "@effect-postmark/core/DeliveryStore"
import { type ErasureRecord, ErasureStore } from "@effect-postmark/core/ErasureStore"
import { EventLog } from "@effect-postmark/core/EventLog"
import type { ConnectionId } from "@effect-postmark/core/Ids"
import { type ChangeError, ValidationFailure } from "@effect-postmark/core/PostmarkError"
import type { Rewrite } from "@effect-postmark/core/Rewriting"
import type { StoreUnavailable } from "@effect-postmark/core/StoreUnavailable"
import { WaitStore } from "@effect-postmark/core/WaitStore"
import * as Context from "effect/Context"
import * as DateTime from "effect/DateTime"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import * as AddressEraser from "./internal/erasure/addressEraser.ts"

/**
 * A kind of stored data in which an address can occur.
 *
 * @since 0.1.0
 * @category models
 */
export interface Kind {
  readonly kind: string
  readonly rewrite: Rewrite
}

/**
 * Where an erasure stopped: pass it as `from` to go on there.
 *
 * @since 0.1.0
 * @category models
 */
export const Position = Schema.Struct({ kind: Schema.String, after: Schema.Int })

/**
 * @since 0.1.0
 * @category models
 */
export interface Position extends Schema.Schema.Type<typeof Position> {}

/**
 * A store did not answer, also after several tries. What was erased before is erased. Erase the address again, or go on
 * from `position`.
 *
 * @since 0.1.0
 * @category errors
 */
export class ErasureIncomplete
  extends Schema.TaggedError<ErasureIncomplete>("@effect-postmark/automation/Erasure/ErasureIncomplete")(
    "ErasureIncomplete",
    { position: Position, reason: Schema.String }
  )
{
  override get message(): string {
    return `the address is erased only in part, up to ${this.position.kind} ${this.position.after} (${this.reason}): ` +
      "erase it again"
  }
  readonly retryable = true
  readonly disposition = "unknown"
}

/**
 * Whose address, in one connection or in all. With `postmark` a data removal is then requested from Postmark too, which
 * needs an account token. See https://postmarkapp.com/developer/api/data-removals-api.
 *
 * @since 0.1.0
 * @category models
 */
export interface Request {
  readonly address: string
  /** The id of the record. Default: a new one. */
  readonly id?: string | undefined
  readonly connectionId?: ConnectionId | undefined
  readonly from?: Position | undefined
  readonly postmark?: {
    readonly dataRemovals: DataRemovals.Service
    /** The address of the user of Postmark who asks for it. */
    readonly requestedBy: string
    readonly notifyWhenCompleted?: boolean | undefined
  } | undefined
}

/**
 * How many rows of each kind had the address, and Postmark's answer if it was asked.
 *
 * @since 0.1.0
 * @category models
 */
export interface Report {
  readonly id: string
  readonly changed: Readonly<Record<string, number>>
  readonly postmark: DataRemovals.DataRemoval | null
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Service {
  /**
   * Puts `Erasure.marker` in the place of the address, in small transactions. It can be repeated. An event keeps its
   * identity, so the same webhook is still a duplicate; a relay sends what is pending with the marker.
   */
  readonly erase: (
    request: Request
  ) => Effect.Effect<Report, ChangeError | ErasureIncomplete | StoreUnavailable | ValidationFailure>
  /** Which erasures there were, the newest first. They do not say whose address it was. */
  readonly list: (limit: number) => Effect.Effect<ReadonlyArray<ErasureRecord>, StoreUnavailable>
}

/**
 * @since 0.1.0
 * @category tags
 */
export class Erasure extends Context.Tag("@effect-postmark/automation/Erasure")<Erasure, Service>() {}

/**
 * What stands in the place of an erased address: a valid address that belongs to nobody.
 *
 * @since 0.1.0
 * @category constants
 */
export const marker: string = AddressEraser.marker

/**
 * @since 0.1.0
 * @category models
 */
export interface Options {
  /** Kinds of your own, after ours. */
  readonly kinds?: ReadonlyArray<Kind> | undefined
  /** Rows that one transaction looks at. Default: 50. */
  readonly step?: number | undefined
  /** The pause between two transactions. Default: 10 milliseconds. */
  readonly pause?: Duration.DurationInput | undefined
  /** Runs after an erasure, such as `checkpoint` of `SqliteStorage`, which empties the write-ahead log. */
  readonly afterwards?: Effect.Effect<void, StoreUnavailable> | undefined
}

/**
 * @since 0.1.0
 * @category constructors
 */
export const make = (
  { afterwards = Effect.void, kinds = [], pause = "10 millis", step = 50 }: Options = {}
): Effect.Effect<Service, never, DeliveryStore | ErasureStore | EventLog | WaitStore> =>
  Effect.gen(function*() {
    const log = yield* EventLog
    const deliveries = yield* DeliveryStore
    const waits = yield* WaitStore
    const records = yield* ErasureStore
    const all: ReadonlyArray<Kind> = [
      { kind: "events", rewrite: log.rewrite },
      { kind: "quarantine", rewrite: log.rewriteQuarantine },
      // After events: a relay that is at work can still write an answer to what it read before.
      { kind: "relay_attempts", rewrite: deliveries.rewriteAttempts },
      { kind: "waits", rewrite: waits.rewrite },
      ...kinds
    ]

    const eraseKind = (
      { kind, rewrite }: Kind,
      { address, connectionId }: Request,
      begin: number,
      changed: Record<string, number>
    ) =>
      Effect.gen(function*() {
        const eraser = AddressEraser.make(address)
        let after: number | null = begin
        while (after !== null) {
          const here: number = after
          const stepped: { readonly changed: number; readonly next: number | null } = yield* rewrite({
            after: here,
            limit: Math.max(step, 1),
            connectionId,
            rewrite: eraser
          }).pipe(
            Effect.retry(patience),
            Effect.mapError((error) =>
              new ErasureIncomplete({ position: { kind, after: here }, reason: error.message })
            )
          )
          changed[kind] = (changed[kind] ?? 0) + stepped.changed
          after = stepped.next
          if (after !== null) yield* Effect.sleep(pause)
        }
      })

    return {
      erase: (request) =>
        Effect.gen(function*() {
          const { from, postmark } = request
          const address = request.address.trim()
          if (!/^[^\s@<>",;]+@[^\s@<>",;]+$/.test(address)) {
            return yield* invalid("address", "an address without a name")
          }
          const begin = from === undefined ? 0 : all.findIndex(({ kind }) => kind === from.kind)
          if (begin < 0) return yield* invalid("from.kind", `one of ${all.map(({ kind }) => kind).join(", ")}`)
          const record: ErasureRecord = {
            id: request.id ?? `era_${crypto.randomUUID()}`,
            connectionId: request.connectionId ?? null,
            startedAt: DateTime.formatIso(yield* DateTime.now),
            finishedAt: null,
            changed: {}
          }
          yield* records.save(record)
          const changed: Record<string, number> = {}
          for (const [at, kind] of all.entries()) {
            if (at < begin) continue
            changed[kind.kind] = 0
            yield* eraseKind(kind, { ...request, address }, at === begin ? from?.after ?? 0 : 0, changed).pipe(
              Effect.onError(() => Effect.ignore(records.save({ ...record, changed })))
            )
          }
          yield* afterwards
          const finishedAt = DateTime.formatIso(yield* DateTime.now)
          yield* records.save({ ...record, finishedAt, changed })
          yield* Effect.annotateLogs(Effect.logInfo("an address was erased"), {
            erasure: record.id,
            connectionId: record.connectionId,
            ...changed
          })
          const removal = postmark === undefined ? null : yield* postmark.dataRemovals.create({
            requestedBy: postmark.requestedBy,
            requestedFor: address,
            notifyWhenCompleted: postmark.notifyWhenCompleted ?? false
          })
          return { id: record.id, changed, postmark: removal }
        }).pipe(Effect.annotateLogs({ package: "@effect-postmark/automation", module: "Erasure" })),
      list: records.list
    }
  })

/**
 * @since 0.1.0
 * @category layers
 */
export const layer = (
  options: Options = {}
): Layer.Layer<Erasure, never, DeliveryStore | ErasureStore | EventLog | WaitStore> =>
  Layer.effect(Erasure, make(options))

const patience = Schedule.intersect(Schedule.exponential("200 millis"), Schedule.recurs(5))

const invalid = (path: string, rule: string): ValidationFailure =>
  new ValidationFailure({
    operation: "erase",
    message: `the input is invalid: ${path}: must be ${rule}`,
    reason: "invalid",
    issues: [{ path: path.split("."), message: `must be ${rule}` }],
    inactiveRecipients: []
  })
