/**
 * Bulk runs of up to a million messages, from a stream or from rows and a template. The input is stored first; workers then send
 * it in batches, and every message has an outcome in the end. A run survives crashes: no message whose outcome is unknown is
 * sent again, unless the run was started with `resendUnknownAfter`.
 *
 * @since 0.1.0
 */
import { type Run, type RunOutcome, type RunOutcomeState } from "@effect-postmark/core/BulkRun"
import { ConnectionRevoked } from "@effect-postmark/core/ConnectionError"
import { Connections, type UseError } from "@effect-postmark/core/Connections"
import { CorrelationNames } from "@effect-postmark/core/Correlation"
import type { Email, TemplateEmail } from "@effect-postmark/core/Email"
import * as PreparedBatch from "@effect-postmark/core/PreparedBatch"
import { type Counts, RunStore } from "@effect-postmark/core/RunStore"
import type { StoreUnavailable } from "@effect-postmark/core/StoreUnavailable"
import * as Chunk from "effect/Chunk"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Encoding from "effect/Encoding"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { RunInputInvalid, RunNotFound, RunStartLost, RunStateConflict } from "./BulkRunError.ts"
import { load } from "./internal/run/loadRun.ts"
import * as RunWorker from "./internal/run/runWorker.ts"

/**
 * One row for a template: the recipients, the model, and any other field that differs from the template's.
 *
 * @since 0.1.0
 * @category models
 */
export type Row = Pick<TemplateEmail, "to" | "templateModel"> & Partial<Omit<TemplateEmail, "to" | "templateModel">>

/**
 * What the messages of a run have in common: the sender, the template by id or alias, the stream.
 *
 * @since 0.1.0
 * @category models
 */
export type RunTemplate = Omit<TemplateEmail, "to" | "templateModel">

/**
 * Where the messages come from: a stream of emails, or rows for a template. `json` has either of them as values from JSON,
 * which are decoded one by one: with a `template`, they are its rows.
 *
 * @since 0.1.0
 * @category models
 */
export type Input<E, R> =
  | {
    readonly messages: Stream.Stream<Email, E, R>
    readonly template?: never
    readonly rows?: never
    readonly json?: never
  }
  | {
    readonly template: RunTemplate
    readonly rows: Stream.Stream<Row, E, R>
    readonly messages?: never
    readonly json?: never
  }
  | {
    readonly json: Stream.Stream<unknown, E, R>
    readonly template?: RunTemplate | undefined
    readonly messages?: never
    readonly rows?: never
  }

/**
 * How to start a run.
 *
 * - `key`: makes the start idempotent. A second start with the same key and connection returns the first one's run, and its input
 *   is not read. It waits while the first one is still storing its input.
 * - `invalid`: `reject`, the default, records an invalid message as rejected with its issues, and sends the rest. `refuse` fails the
 *   start at the first invalid message.
 * - `chunkSize`: the most messages of one call, 1–500; 500 by default. The outcomes of a call that breaks off are in doubt together.
 * - `resendUnknownAfter`: sends a message once more when its outcome is still unknown after that time and one more search.
 *   Postmark may deliver it twice; its outcome says `possiblyDuplicate`. Without it, the default, nothing is sent again.
 *
 * @since 0.1.0
 * @category models
 */
export interface StartOptions {
  readonly connectionId: string
  readonly name?: string | undefined
  readonly key?: string | undefined
  readonly invalid?: "reject" | "refuse" | undefined
  readonly chunkSize?: number | undefined
  readonly resendUnknownAfter?: Duration.DurationInput | undefined
}

/**
 * How far a run is. `open` messages have no outcome yet; those `inDoubt` of them are being sent, or looked up. `perSecond` is the
 * rate of the last minute. `secondsLeft` is null while nothing moves.
 *
 * @since 0.1.0
 * @category models
 */
export interface Progress extends Omit<Counts, "settledSince"> {
  readonly run: Run
  readonly open: number
  readonly perSecond: number
  readonly secondsLeft: number | null
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Service {
  /**
   * Stores the input, and answers the run when all of it is stored: from then on workers send it. No more than 500 messages and
   * 50 MB of the input are in memory. If the input fails, or the program ends before, nothing is sent.
   */
  readonly start: <E = never, R = never>(
    options: StartOptions & Input<E, R>
  ) => Effect.Effect<Run, E | RunInputInvalid | RunStartLost | UseError, R>
  readonly get: (id: string) => Effect.Effect<Run, RunNotFound | StoreUnavailable>
  /** Newest first, 100 by default. `before` is the id of the last run of the previous page. */
  readonly list: (selection?: {
    readonly connectionId?: string | undefined
    readonly before?: string | undefined
    readonly limit?: number | undefined
  }) => Effect.Effect<ReadonlyArray<Run>, StoreUnavailable>
  /** Begins no further call. A call in progress ends as it ends, and unknown outcomes are still looked up. */
  readonly pause: (id: string) => Effect.Effect<Run, RunNotFound | RunStateConflict | StoreUnavailable>
  /** Also after a run paused by itself: mend its reason first, for example rotate the connection's token. */
  readonly resume: (id: string) => Effect.Effect<Run, RunNotFound | RunStateConflict | StoreUnavailable>
  /** Ends the run for good. What was not sent is `notSent`; a call in progress ends as it ends. */
  readonly cancel: (id: string) => Effect.Effect<Run, RunNotFound | RunStateConflict | StoreUnavailable>
  readonly progress: (id: string) => Effect.Effect<Progress, RunNotFound | StoreUnavailable>
  /** A page of final outcomes by index, 500 by default. `after` is the last index of the previous page. */
  readonly outcomes: (id: string, page?: {
    readonly after?: number | undefined
    readonly limit?: number | undefined
    readonly states?: ReadonlyArray<RunOutcomeState> | undefined
  }) => Effect.Effect<ReadonlyArray<RunOutcome>, RunNotFound | StoreUnavailable>
  /** The outcomes that are final by now, by index. It ends with the last of them, also while the run goes on. */
  readonly outcomesStream: (id: string, options?: {
    readonly after?: number | undefined
    readonly states?: ReadonlyArray<RunOutcomeState> | undefined
  }) => Stream.Stream<RunOutcome, RunNotFound | StoreUnavailable>
}

/**
 * @since 0.1.0
 * @category tags
 */
export class BulkRuns extends Context.Tag("@effect-postmark/automation/BulkRuns")<BulkRuns, Service>() {}

/**
 * Starts runs and answers about them. It sends nothing: a {@link worker} does.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make: Effect.Effect<Service, never, RunStore | Connections> = Effect.gen(function*() {
  const store = yield* RunStore
  const connections = yield* Connections

  const get = (id: string) =>
    Effect.flatMap(store.get(id), Option.match({ onNone: () => new RunNotFound(), onSome: Effect.succeed }))

  const changed = (id: string, change: "pause" | "resume" | "cancel", made: Effect.Effect<boolean, StoreUnavailable>) =>
    Effect.gen(function*() {
      const isMade = yield* made
      const run = yield* get(id)
      return isMade ? run : yield* new RunStateConflict({ change, state: run.state })
    })

  /** The run that this start has to load, or one of an earlier start with its key. */
  const claimed = (run: Run, lease: string): Effect.Effect<Option.Option<Run>, StoreUnavailable> =>
    Effect.gen(function*() {
      while (true) {
        const now = yield* Clock.currentTimeMillis
        if (yield* store.insert(run, { lease, leaseUntil: now + loadingLeaseMs })) return Option.none()
        if (run.key === null) return yield* Effect.dieMessage("a new run's id is taken")
        const existing = yield* store.findByKey(run.connectionId, run.key)
        if (Option.isNone(existing)) continue
        if (existing.value.state !== "loading") return existing
        if (yield* store.discard({ runId: existing.value.id, lease: null, now })) continue
        yield* Effect.sleep("1 second")
      }
    })

  const loadedBy = <Message, E, R>(
    run: Run,
    lease: string,
    { chunkSize = PreparedBatch.maximumMessages, invalid = "reject" }: StartOptions,
    messages: Stream.Stream<Message, E, R>,
    prepare: (
      message: Message,
      place: PreparedBatch.Place
    ) => ReturnType<typeof PreparedBatch.prepareEmail>
  ) => {
    const kept = Effect.map(Clock.currentTimeMillis, (now) => ({
      runId: run.id,
      lease,
      leaseUntil: now + loadingLeaseMs
    }))
    const orLost = <E2>(kept: Effect.Effect<boolean, E2>) =>
      Effect.filterOrFail(kept, (isOurs) => isOurs, () => new RunStartLost())
    const loading = load(messages, {
      correlation: run.correlation,
      names: run.callName === null || run.indexName === null ? "off" : { call: run.callName, index: run.indexName },
      chunkSize: Math.min(Math.max(Math.floor(chunkSize), 1), PreparedBatch.maximumMessages),
      prepare,
      append: (chunk) => Effect.asVoid(orLost(Effect.flatMap(kept, (loader) => store.append(loader, chunk)))),
      onInvalid: (index, error) =>
        invalid === "refuse"
          ? new RunInputInvalid({ index, detail: error.message, issues: error.issues })
          : Effect.void
    })
    // A store that is away for a moment is no reason to give up: the lease is long, and the next chunk tells.
    const keeping = Effect.flatMap(kept, store.keepLoading).pipe(
      Effect.catchTag("StoreUnavailable", () => Effect.succeed(true)),
      orLost,
      Effect.delay(loadingLeaseMs / 4),
      Effect.forever
    )
    return Effect.raceFirst(loading, keeping).pipe(
      Effect.zipRight(
        Effect.flatMap(Clock.currentTimeMillis, (at) => orLost(store.loaded({ runId: run.id, lease, at })))
      ),
      Effect.onError(() =>
        Effect.ignore(
          Effect.flatMap(Clock.currentTimeMillis, (now) => store.discard({ runId: run.id, lease, now }))
        )
      ),
      Effect.zipRight(Effect.map(store.get(run.id), Option.getOrElse(() => run)))
    )
  }

  return {
    start: <E, R>(options: StartOptions & Input<E, R>) =>
      Effect.gen(function*() {
        const connection = yield* connections.get(options.connectionId)
        if (connection.state === "revoked") return yield* new ConnectionRevoked({ connectionId: connection.id })
        const names = yield* CorrelationNames
        const lease = crypto.randomUUID()
        const run: Run = {
          id: `run_${Encoding.encodeBase64Url(randomBytes(18))}`,
          connectionId: connection.id,
          name: options.name ?? null,
          key: options.key ?? null,
          kind: options.template === undefined ? "email" : "template",
          state: "loading",
          pauseReason: null,
          pauseDetail: null,
          correlation: Encoding.encodeHex(randomBytes(12)),
          callName: names === "off" ? null : names.call,
          indexName: names === "off" ? null : names.index,
          resendUnknownAfterMs: options.resendUnknownAfter === undefined
            ? null
            : Math.round(Duration.toMillis(options.resendUnknownAfter)),
          messages: 0,
          createdAt: yield* Clock.currentTimeMillis,
          startedAt: null,
          finishedAt: null
        }
        const existing = yield* claimed(run, lease)
        if (Option.isSome(existing)) return existing.value
        if (options.messages !== undefined) {
          return yield* loadedBy(run, lease, options, options.messages, PreparedBatch.prepareEmail)
        }
        if (options.json !== undefined) {
          const { json, template } = options
          return yield* loadedBy(
            run,
            lease,
            options,
            template === undefined ? json : Stream.map(json, (row) => isRecord(row) ? { ...template, ...row } : row),
            (message, place) => PreparedBatch.prepareJson(run.kind, message, place)
          )
        }
        const { rows, template } = options
        return yield* loadedBy(
          run,
          lease,
          options,
          Stream.map(rows, (row): TemplateEmail => ({ ...template, ...row })),
          PreparedBatch.prepareTemplateEmail
        )
      }),
    get,
    list: (selection = {}) => store.list({ ...selection, limit: selection.limit ?? 100 }),
    pause: (id) => changed(id, "pause", store.pause(id, { reason: "manual", detail: null })),
    resume: (id) => changed(id, "resume", store.resume(id)),
    cancel: (id) => changed(id, "cancel", Effect.flatMap(Clock.currentTimeMillis, (at) => store.cancel(id, at))),
    progress: (id) =>
      Effect.gen(function*() {
        const run = yield* get(id)
        const now = yield* Clock.currentTimeMillis
        const { settledSince, ...counts } = yield* store.counts(id, now - windowMs)
        const open = counts.messages - counts.accepted - counts.rejected - counts.unknown - counts.notSent
        const seconds = Math.max(Math.min(windowMs, now - (run.startedAt ?? now)) / 1_000, 1)
        const perSecond = run.state === "running" ? settledSince / seconds : 0
        return { run, ...counts, open, perSecond, secondsLeft: perSecond === 0 ? null : open / perSecond }
      }),
    outcomes: (id, { after = -1, limit = 500, states } = {}) =>
      Effect.zipRight(get(id), store.outcomes({ runId: id, after, limit, states })),
    outcomesStream: (id, { after: first = -1, states } = {}) =>
      Stream.unwrap(Effect.as(
        get(id),
        Stream.paginateChunkEffect(first, (after) =>
          Effect.map(store.outcomes({ runId: id, after, limit: pageSize, states }), (page) => {
            const last = page.at(-1)
            return [
              Chunk.unsafeFromArray([...page]),
              last === undefined || page.length < pageSize ? Option.none() : Option.some(last.index)
            ]
          }))
      ))
  }
})

/**
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<BulkRuns, never, RunStore | Connections> = Layer.effect(BulkRuns, make)

/**
 * How a worker sends.
 *
 * @since 0.1.0
 * @category models
 */
export interface WorkerOptions {
  /** Chunks of one run that are in flight at once, in all workers together. Default: 1. */
  readonly concurrency?: number | undefined
  /** Chunks of all runs that this worker has in hand at once. Default: 8. */
  readonly chunksAtOnce?: number | undefined
  /** How long a chunk is kept without a sign of life, and so how soon another worker takes it over. Default: 10 seconds. */
  readonly lease?: Duration.DurationInput | undefined
  /** How long something to do can stay unseen. Default: 1 second. */
  readonly pollInterval?: Duration.DurationInput | undefined
  /** The pauses before each search for messages with an unknown outcome. Default: 8 searches within 5 minutes. */
  readonly searchPauses?: ReadonlyArray<Duration.DurationInput> | undefined
  /** How long a call in progress may go on when the worker is stopped. Default: 8 seconds. */
  readonly grace?: Duration.DurationInput | undefined
}

/**
 * Sends the chunks of all runs until its scope ends. Any number of processes may have one on the same store.
 *
 * @since 0.1.0
 * @category constructors
 */
export const makeWorker = (
  options: WorkerOptions = {}
): Effect.Effect<void, never, RunStore | Connections | Scope.Scope> =>
  Effect.flatMap(Effect.all([RunStore, Connections]), ([store, connections]) =>
    RunWorker.make(store, connections, {
      concurrency: Math.max(options.concurrency ?? 1, 1),
      chunksAtOnce: Math.max(options.chunksAtOnce ?? 8, 1),
      leaseMs: Duration.toMillis(options.lease ?? "10 seconds"),
      pollMs: Duration.toMillis(options.pollInterval ?? "1 second"),
      searchPausesMs: (options.searchPauses ?? searchPauses).map((pause) => Duration.toMillis(pause)),
      graceMs: Duration.toMillis(options.grace ?? "8 seconds")
    }))

/**
 * A worker for the life of the layer.
 *
 * @since 0.1.0
 * @category layers
 */
export const worker = (options: WorkerOptions = {}): Layer.Layer<never, never, RunStore | Connections> =>
  Layer.scopedDiscard(makeWorker(options))

/** Postmark's history lags behind by seconds, and sometimes by minutes. */
const searchPauses: ReadonlyArray<Duration.DurationInput> = [
  "2 seconds",
  "5 seconds",
  "10 seconds",
  "20 seconds",
  "40 seconds",
  "1 minute",
  "1 minute",
  "100 seconds"
]

/** The input of a start may come slowly: a file over a network, a query. */
const loadingLeaseMs = 60_000

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value)

const windowMs = 60_000

const pageSize = 1_000

const randomBytes = (count: number): Uint8Array => crypto.getRandomValues(new Uint8Array(count))
