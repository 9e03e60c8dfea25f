/**
 * How long stored data is kept: a policy for each kind, and a worker that removes what is older, in small steps.
 *
 * @since 0.1.0
 */
import { DeliveryStore } from "@effect-postmark/core/DeliveryStore"
import { EventLog, type PruneOptions } from "@effect-postmark/core/EventLog"
import { RunStore } from "@effect-postmark/core/RunStore"
import type { StoreUnavailable } from "@effect-postmark/core/StoreUnavailable"
import { SubscriberStore } from "@effect-postmark/core/SubscriberStore"
import { WaitStore } from "@effect-postmark/core/WaitStore"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Metric from "effect/Metric"
import * as Random from "effect/Random"
import type * as Scope from "effect/Scope"
import { failureName } from "./internal/failureName.ts"
import { supervise } from "./internal/supervise.ts"
import * as RetentionMetrics from "./RetentionMetrics.ts"

/**
 * How long each kind is kept. `Duration.infinity` keeps it for ever.
 *
 * @since 0.1.0
 * @category models
 */
export interface Policy {
  /**
   * Default: 400 days. A webhook that comes again later than this is a new event. An event with a relay's row that is
   * pending or held is kept until the row is settled or its target is removed.
   */
  readonly events?: Duration.DurationInput | undefined
  /** The bodies as Postmark sent them; the typed events stay. Default: 90 days. */
  readonly rawBodies?: Duration.DurationInput | undefined
  /** Attempts of the relay, with the start of each answer. Default: 30 days. */
  readonly relayAttempts?: Duration.DurationInput | undefined
  /** The relay's delivered rows and dead letters, from when they were settled. Default: 30 days. */
  readonly relayDeliveries?: Duration.DurationInput | undefined
  /** Dead letters of subscribers, from their last try. Default: 90 days. */
  readonly deadLetters?: Duration.DurationInput | undefined
  /** Bulk runs that ended, with the outcomes of their messages. Default: 90 days. */
  readonly runs?: Duration.DurationInput | undefined
  /** Waits, from when they ended. Default: 30 days. */
  readonly waits?: Duration.DurationInput | undefined
  /** Bodies that are not JSON. Default: 30 days. */
  readonly quarantine?: Duration.DurationInput | undefined
}

/**
 * A kind of stored data that can be pruned. `prune` removes at most `limit` rows and answers how many; `kind` is a metric's
 * tag.
 *
 * @since 0.1.0
 * @category models
 */
export interface Kind {
  readonly kind: string
  readonly keep: Duration.DurationInput
  readonly prune: (options: PruneOptions) => Effect.Effect<number, StoreUnavailable>
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Options {
  readonly policy?: Policy | undefined
  /** Kinds of your own, after ours. */
  readonly kinds?: ReadonlyArray<Kind> | undefined
  /** The time between two passes, give or take a fifth. The first pass comes after a minute. Default: 1 hour. */
  readonly interval?: Duration.DurationInput | undefined
  /** Rows that one transaction removes. Default: 200. */
  readonly step?: number | undefined
  /** The pause between two steps, in which appends go on. Default: 50 milliseconds. */
  readonly pause?: Duration.DurationInput | undefined
}

/**
 * The stores that are pruned.
 *
 * @since 0.1.0
 * @category models
 */
export type Stores = DeliveryStore | EventLog | RunStore | SubscriberStore | WaitStore

/**
 * Our kinds under a policy.
 *
 * @since 0.1.0
 * @category constructors
 */
export const kinds = (
  policy: Policy = {}
): Effect.Effect<ReadonlyArray<Kind>, never, Stores> =>
  Effect.gen(function*() {
    const log = yield* EventLog
    const deliveries = yield* DeliveryStore
    const subscribers = yield* SubscriberStore
    const runs = yield* RunStore
    const waits = yield* WaitStore
    return [
      // Before events: their bodies are the larger part, and the deadline that matters comes first.
      { kind: "raw_bodies", keep: policy.rawBodies ?? "90 days", prune: log.pruneBodies },
      {
        kind: "relay_attempts",
        keep: policy.relayAttempts ?? "30 days",
        prune: (options) => deliveries.prune({ ...options, only: "attempts" })
      },
      {
        kind: "relay_deliveries",
        keep: policy.relayDeliveries ?? "30 days",
        prune: (options) => deliveries.prune({ ...options, only: "deliveries" })
      },
      { kind: "dead_letters", keep: policy.deadLetters ?? "90 days", prune: subscribers.prune },
      { kind: "runs", keep: policy.runs ?? "90 days", prune: runs.prune },
      { kind: "waits", keep: policy.waits ?? "30 days", prune: waits.prune },
      { kind: "quarantine", keep: policy.quarantine ?? "30 days", prune: log.pruneQuarantine },
      { kind: "events", keep: policy.events ?? "400 days", prune: log.prune }
    ]
  })

/**
 * One pass: removes what is too old, and answers how many rows of each kind. A kind that fails is logged, counted, and left
 * for the next pass.
 *
 * @since 0.1.0
 * @category constructors
 */
export const pass = (
  all: ReadonlyArray<Kind>,
  { pause = "50 millis", step = 200 }: Pick<Options, "pause" | "step"> = {}
): Effect.Effect<Readonly<Record<string, number>>> =>
  Effect.gen(function*() {
    const removed: Record<string, number> = {}
    for (const { keep, kind, prune } of all) {
      removed[kind] = 0
      const keepMs = Duration.toMillis(keep)
      if (!Number.isFinite(keepMs)) continue
      const before = (yield* Clock.currentTimeMillis) - keepMs
      const work = Effect.gen(function*() {
        while (true) {
          const count = yield* prune({ before, limit: Math.max(step, 1) })
          if (count === 0) return
          removed[kind] = (removed[kind] ?? 0) + count
          yield* Metric.incrementBy(Metric.tagged(RetentionMetrics.removed, "kind", kind), count)
          yield* Effect.sleep(pause)
        }
      })
      yield* work.pipe(
        Effect.zipRight(Clock.currentTimeMillis),
        Effect.flatMap((at) => Metric.set(Metric.tagged(RetentionMetrics.lastSuccess, "kind", kind), at / 1_000)),
        Effect.sandbox,
        Effect.catchAll((cause) =>
          Effect.zipRight(
            Metric.increment(Metric.tagged(RetentionMetrics.failures, "kind", kind)),
            Effect.annotateLogs(
              Effect.logError("old data could not be removed, and is tried again at the next pass"),
              { kind, failure: failureName(cause) }
            )
          )
        )
      )
    }
    return removed
  })

/**
 * @since 0.1.0
 * @category models
 */
export interface Service {
  /** What is kept, and how long. */
  readonly kinds: ReadonlyArray<Pick<Kind, "kind" | "keep">>
  readonly interval: Duration.Duration
  /** One pass now: answers how many rows of each kind were removed. In one process, passes take turns. */
  readonly run: Effect.Effect<Readonly<Record<string, number>>>
}

/**
 * @since 0.1.0
 * @category tags
 */
export class Retention extends Context.Tag("@effect-postmark/automation/Retention")<Retention, Service>() {}

/**
 * Creates the service. `worker` runs it on a schedule.
 *
 * @since 0.1.0
 * @category constructors
 */
export const makeService = (options: Options = {}): Effect.Effect<Service, never, Stores> =>
  Effect.gen(function*() {
    const all = [...yield* kinds(options.policy), ...options.kinds ?? []]
    const turn = yield* Effect.makeSemaphore(1)
    return {
      kinds: all.map(({ keep, kind }) => ({ keep, kind })),
      interval: Duration.decode(options.interval ?? "1 hour"),
      run: turn.withPermits(1)(pass(all, options))
    }
  })

/**
 * @since 0.1.0
 * @category layers
 */
export const layerService = (options: Options = {}): Layer.Layer<Retention, never, Stores> =>
  Layer.effect(Retention, makeService(options))

const work = (service: Service): Effect.Effect<void, never, Scope.Scope> =>
  Effect.gen(function*() {
    const intervalMs = Duration.toMillis(service.interval)
    const jittered = (millis: number) =>
      Effect.flatMap(Random.nextRange(0.8, 1.2), (factor) => Effect.sleep(Math.round(millis * factor)))
    const passes = Effect.gen(function*() {
      yield* jittered(Math.min(intervalMs, firstMs))
      while (true) {
        const removed = Object.entries(yield* service.run).filter(([, count]) => count > 0)
        if (removed.length > 0) {
          yield* Effect.annotateLogs(Effect.logInfo("old data was removed"), Object.fromEntries(removed))
        }
        yield* jittered(intervalMs)
      }
    })
    yield* Effect.forkScoped(supervise("Retention", passes))
  }).pipe(Effect.annotateLogs({ package: "@effect-postmark/automation", module: "Retention" }))

/**
 * A worker that runs until its scope ends. Several processes can have one: a row is removed once, whoever comes first.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (options: Options = {}): Effect.Effect<void, never, Scope.Scope | Stores> =>
  Effect.flatMap(makeService(options), work)

/**
 * A worker for the life of the layer, on the service.
 *
 * @since 0.1.0
 * @category layers
 */
export const worker: Layer.Layer<never, never, Retention> = Layer.scopedDiscard(Effect.flatMap(Retention, work))

/**
 * A worker for the life of the layer.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (options: Options = {}): Layer.Layer<never, never, Stores> => Layer.scopedDiscard(make(options))

const firstMs = 60_000
