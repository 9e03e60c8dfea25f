/**
 * Bulk runs on disk: one row for each run, and one for each chunk of at most 500 messages, with the encoded messages and
 * their outcomes. A port. Contents have addresses in them: they belong into the store and nowhere else.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { type PauseReason, type Run, RunOutcome, type RunOutcomeState } from "./BulkRun.ts"
import * as RunMemory from "./internal/run/runMemory.ts"
import * as RunOutcomes from "./internal/run/runOutcomes.ts"
import type { StoreUnavailable } from "./StoreUnavailable.ts"

/**
 * Some of a run's input: messages from `firstIndex` on. `items` has one line of JSON for each, an empty line for a message
 * that is not sent because it has its outcome already.
 *
 * @since 0.1.0
 * @category models
 */
export interface NewChunk {
  readonly index: number
  readonly firstIndex: number
  readonly size: number
  readonly items: string
  readonly outcomes: ReadonlyArray<RunOutcome>
}

/**
 * A chunk that this worker has until its lease ends. `attempt` counts the calls that were begun for it, this one included.
 * `sentSince` is when the first one was begun, `unknownSince` when an outcome was first unknown, `searches` how many searches
 * had an answer since then. `resent` is true when messages with an unknown outcome were sent again.
 *
 * @since 0.1.0
 * @category models
 */
export const ClaimedChunk = Schema.Struct({
  index: Schema.Int,
  firstIndex: Schema.Int,
  size: Schema.Int,
  attempt: Schema.Int,
  sentSince: Schema.Int,
  unknownSince: Schema.NullOr(Schema.Int),
  searches: Schema.Int,
  resent: Schema.Boolean,
  items: Schema.String,
  outcomes: Schema.Array(RunOutcome)
})

/**
 * @since 0.1.0
 * @category models
 */
export interface ClaimedChunk extends Schema.Schema.Type<typeof ClaimedChunk> {}

/**
 * What became of a chunk:
 * - `done`: each of its messages has an outcome
 * - `checking`: some outcomes are unknown and are looked up at `dueAt`
 * - `pending`: what has no outcome was certainly not sent, and nothing of the run is sent before `dueAt`
 *
 * @since 0.1.0
 * @category models
 */
export type Next =
  | { readonly state: "done" }
  | {
    readonly state: "checking"
    readonly dueAt: number
    readonly searches: number
    readonly unknownSince: number
    readonly resent: boolean
  }
  | { readonly state: "pending"; readonly dueAt: number }

/**
 * An outcome to record. With a `lease` it counts only while the chunk is ours. Without one it is Postmark's answer to the
 * attempt: that counts until another attempt begins, also when the lease was lost and others have begun to search.
 *
 * @since 0.1.0
 * @category models
 */
export interface Settlement {
  readonly runId: string
  readonly chunk: number
  readonly attempt: number
  readonly lease: string | null
  readonly at: number
  readonly outcomes: ReadonlyArray<RunOutcome>
  readonly next: Next
}

/**
 * A run with open chunks. `sendAt` is when the next one may be sent, null when there is none or the run is not `running`;
 * `checkAt` when the next one has to be looked up, or taken over from a worker that is gone. `failures` counts calls without
 * an acceptance since the last one with.
 *
 * @since 0.1.0
 * @category models
 */
export interface DueRun {
  readonly run: Run
  readonly failures: number
  readonly sendAt: number | null
  readonly checkAt: number | null
}

/**
 * How many messages have which outcome. `inDoubt` are being sent or looked up. `settledSince` have had their outcome since the
 * given time.
 *
 * @since 0.1.0
 * @category models
 */
export const Counts = Schema.Struct({
  messages: Schema.Int,
  accepted: Schema.Int,
  rejected: Schema.Int,
  unknown: Schema.Int,
  notSent: Schema.Int,
  inDoubt: Schema.Int,
  settledSince: Schema.Int
})

/**
 * @since 0.1.0
 * @category models
 */
export interface Counts extends Schema.Schema.Type<typeof Counts> {}

/**
 * The final outcomes of a chunk: unknown ones once it is `done`, and `notSent` for what a cancelled chunk did not send. For stores
 * of your own.
 *
 * @since 0.1.0
 * @category getters
 */
export const finalOutcomes: (chunk: {
  readonly state: string
  readonly firstIndex: number
  readonly size: number
  readonly outcomes: ReadonlyArray<RunOutcome>
}) => ReadonlyArray<RunOutcome> = RunOutcomes.finalOutcomes

interface Lease {
  readonly runId: string
  readonly lease: string
  readonly leaseUntil: number
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Service {
  /** Stores a run that is `loading`; false when its connection has a run with the same key. */
  readonly insert: (
    run: Run,
    loader: { readonly lease: string; readonly leaseUntil: number }
  ) => Effect.Effect<boolean, StoreUnavailable>
  readonly get: (id: string) => Effect.Effect<Option.Option<Run>, StoreUnavailable>
  readonly findByKey: (connectionId: string, key: string) => Effect.Effect<Option.Option<Run>, StoreUnavailable>
  /** Newest first; `before` is the id of the last run of the previous page. */
  readonly list: (selection: {
    readonly connectionId?: string | undefined
    readonly before?: string | undefined
    readonly limit: number
  }) => Effect.Effect<ReadonlyArray<Run>, StoreUnavailable>
  /** Stores a chunk of a run that is still loading under the lease, and keeps the lease; false when it is not. */
  readonly append: (loader: Lease, chunk: NewChunk) => Effect.Effect<boolean, StoreUnavailable>
  /** Keeps the lease of a run that is loading; false when it was lost. */
  readonly keepLoading: (loader: Lease) => Effect.Effect<boolean, StoreUnavailable>
  /** The input is complete: the run begins. False when it is not loading under the lease. */
  readonly loaded: (options: {
    readonly runId: string
    readonly lease: string
    readonly at: number
  }) => Effect.Effect<boolean, StoreUnavailable>
  /** Removes a run that is loading under the lease, or whose lease ended before `now`; false when it is neither. */
  readonly discard: (options: {
    readonly runId: string
    readonly lease: string | null
    readonly now: number
  }) => Effect.Effect<boolean, StoreUnavailable>
  /** False when it was not running. Chunks that are being sent or looked up go on to their outcome. */
  readonly pause: (
    id: string,
    why: { readonly reason: PauseReason; readonly detail: string | null }
  ) => Effect.Effect<boolean, StoreUnavailable>
  /** False when it was not paused. */
  readonly resume: (id: string) => Effect.Effect<boolean, StoreUnavailable>
  /** False when it was over. Messages that are not being sent or looked up are `notSent`, and their contents are removed. */
  readonly cancel: (id: string, at: number) => Effect.Effect<boolean, StoreUnavailable>
  /** Every run with open chunks, oldest first. */
  readonly due: Effect.Effect<ReadonlyArray<DueRun>, StoreUnavailable>
  /**
   * Begins an attempt: takes the first pending chunk and journals that it is being sent. None when the run is not running, not
   * yet due, or has `concurrency` chunks in flight.
   */
  readonly claimSend: (
    options: Lease & { readonly now: number; readonly concurrency: number }
  ) => Effect.Effect<Option.Option<ClaimedChunk>, StoreUnavailable>
  /** Takes a chunk that has to be looked up, or whose worker let the lease end in the middle of a call. */
  readonly claimCheck: (
    options: Lease & { readonly now: number }
  ) => Effect.Effect<Option.Option<ClaimedChunk>, StoreUnavailable>
  /** Keeps a chunk; false when the lease was lost. */
  readonly renew: (lease: Lease & { readonly chunk: number }) => Effect.Effect<boolean, StoreUnavailable>
  /** Journals that the unknown messages of a chunk that is being looked up are sent again; false when the lease was lost. */
  readonly beginResend: (lease: Lease & { readonly chunk: number }) => Effect.Effect<boolean, StoreUnavailable>
  /** False when it counted no longer, and nothing was changed. */
  readonly settle: (settlement: Settlement) => Effect.Effect<boolean, StoreUnavailable>
  readonly counts: (id: string, since: number) => Effect.Effect<Counts, StoreUnavailable>
  /** Final outcomes with an index after `after`, at most `limit`, by index; those that are open are left out. */
  readonly outcomes: (selection: {
    readonly runId: string
    readonly after: number
    readonly limit: number
    readonly states?: ReadonlyArray<RunOutcomeState> | undefined
  }) => Effect.Effect<ReadonlyArray<RunOutcome>, StoreUnavailable>
  /**
   * Removes up to `limit` chunks of runs that finished before `before`, or stopped loading before it, and the runs without
   * chunks that are left; answers how many rows.
   */
  readonly prune: (options: {
    readonly before: number
    readonly limit: number
  }) => Effect.Effect<number, StoreUnavailable>
}

/**
 * @since 0.1.0
 * @category tags
 */
export class RunStore extends Context.Tag("@effect-postmark/core/RunStore")<RunStore, Service>() {}

/**
 * Runs in memory, for tests: they end with the layer.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerMemory: Layer.Layer<RunStore> = Layer.effect(RunStore, RunMemory.make)
