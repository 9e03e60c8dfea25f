/**
 * Relays stored events to targets: signed webhooks, at least once, in no promised order.
 *
 * @since 0.1.0
 */
import { DeliveryStore } from "@effect-postmark/core/DeliveryStore"
import { EventLog } from "@effect-postmark/core/EventLog"
import { TriggerRegistry } from "@effect-postmark/core/TriggerRegistry"
import { Vault } from "@effect-postmark/core/Vault"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as FiberSet from "effect/FiberSet"
import * as Layer from "effect/Layer"
import * as Metric from "effect/Metric"
import * as Queue from "effect/Queue"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as Attempt from "./internal/relay/attempt.ts"
import * as Secrets from "./internal/relay/secrets.ts"
import * as Settler from "./internal/relay/settler.ts"
import * as TargetQueue from "./internal/relay/targetQueue.ts"
import { supervise } from "./internal/supervise.ts"
import { RelayClient } from "./RelayClient.ts"
import * as RelayMetrics from "./RelayMetrics.ts"
import type * as RelayNotice from "./RelayNotice.ts"
import * as RelaySigning from "./RelaySigning.ts"
import * as RetryLadder from "./RetryLadder.ts"

/**
 * How a worker goes about it. The limits of a target hold for each worker.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options {
  /** Default: `RetryLadder.standard`. */
  readonly ladder?: RetryLadder.RetryLadder | undefined
  /** How long one attempt may take. Default: 15 seconds. */
  readonly timeout?: Duration.DurationInput | undefined
  /** Attempts that run at once for one target. Default: 10. */
  readonly concurrencyPerTarget?: number | undefined
  /** Attempts that begin in a second for one target. Default: no limit. */
  readonly perSecondPerTarget?: number | undefined
  /** How long a claimed row is kept from other workers. At least twice the time-out. Default: 30 seconds. */
  readonly lease?: Duration.DurationInput | undefined
  /** How long a row that another process made due can stay unseen. Default: 1 second. */
  readonly pollInterval?: Duration.DurationInput | undefined
  /** A target that does nothing but fail for this long is disabled. Default: 5 days. */
  readonly disableAfter?: Duration.DurationInput | undefined
  /** Called with each dead letter and each target that the relay disables, once in all processes. They are logged anyway. */
  readonly notify?: ((notice: RelayNotice.RelayNotice) => Effect.Effect<unknown>) | undefined
}

/**
 * A worker that runs until its scope ends. Any number of them can share a store.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (
  options: Options = {}
): Effect.Effect<void, never, DeliveryStore | EventLog | RelayClient | TriggerRegistry | Vault | Scope.Scope> =>
  Effect.gen(function*() {
    const store = yield* DeliveryStore
    const log = yield* EventLog
    const client = yield* RelayClient
    const registry = yield* TriggerRegistry
    const secretsOf = Secrets.opener(yield* Vault)
    const ladder = options.ladder ?? RetryLadder.standard
    const timeout = Duration.decode(options.timeout ?? "15 seconds")
    const timeoutMs = Duration.toMillis(timeout)
    const leaseMs = Math.max(Duration.toMillis(options.lease ?? "30 seconds"), 2 * timeoutMs)
    const pollMs = Duration.toMillis(options.pollInterval ?? "1 second")
    const limits: TargetQueue.Limits = {
      concurrency: Math.max(options.concurrencyPerTarget ?? 10, 1),
      perSecond: options.perSecondPerTarget
    }

    const queues = new Map<string, TargetQueue.TargetQueue>()
    const wakes = yield* Queue.sliding<void>(1)
    const wake = Queue.offer(wakes, undefined)
    const settler = yield* Settler.make(store, {
      disableAfterMs: Duration.toMillis(options.disableAfter ?? "5 days"),
      notify: options.notify ?? (() => Effect.void),
      onPending: wake,
      onDisabled: (targetId) => {
        const queue = queues.get(targetId)
        if (queue !== undefined) queue.isActive = false
      }
    })
    // Finalizers run in reverse: the fibers that are forked below end before the last outcomes are written.
    yield* Effect.addFinalizer(() => settler.flush)
    const fork = yield* FiberSet.makeRuntime<never>()

    const giveBack = (row: TargetQueue.Row, at: number, dueAt: number) =>
      settler.settle({ ...row, at, next: { state: "pending", dueAt }, attempt: null })

    const deliver = (queue: TargetQueue.TargetQueue, row: TargetQueue.Row) =>
      Effect.gen(function*() {
        const begun = yield* Clock.currentTimeMillis
        // Another worker may have the row before the attempt would end.
        if (!queue.isActive || begun + timeoutMs > row.leaseUntil) return yield* giveBack(row, begun, begun)
        const pauseMs = queue.pausedUntil - begun
        if (pauseMs > 0) return yield* giveBack(row, begun, queue.pausedUntil)
        const secrets = yield* secretsOf(queue.target)
        const { retryAfterMs, ...tried } = yield* Attempt.tryOnce(client, {
          url: queue.target.url,
          id: RelaySigning.messageId(row.targetId, row.sequence),
          body: Attempt.bodyOf(row, registry.get(row.trigger)?.occurredAt),
          secrets,
          timeout
        })
        TargetQueue.measured(queue, tried.durationMs)
        yield* Metric.update(RelayMetrics.attemptDuration, tried.durationMs / 1_000)
        const at = yield* Clock.currentTimeMillis
        const attempt = { ...tried, attempt: row.attempts + 1 }
        if (tried.failure === null) {
          return yield* settler.settle({ ...row, at, next: { state: "delivered" }, attempt })
        }
        if (retryAfterMs !== undefined) TargetQueue.pause(queue, at, retryAfterMs)
        const wait = yield* RetryLadder.wait(ladder, row.attempts + 1, retryAfterMs)
        const next = wait === undefined ? { state: "dead" as const } : { state: "pending" as const, dueAt: at + wait }
        return yield* settler.settle({ ...row, at, next, attempt })
      }).pipe(
        Effect.catchTag("SecretUnreadable", () =>
          Effect.gen(function*() {
            yield* Metric.increment(RelayMetrics.unreadableSecrets)
            yield* Effect.annotateLogs(
              Effect.logError("a relay target's secret does not open with the configured encryption keys"),
              { targetId: row.targetId }
            )
            const at = yield* Clock.currentTimeMillis
            return yield* giveBack(row, at, at + unreadableMs)
          }))
      )

    /** Starts what may run; each end starts the next. */
    const pump = (queue: TargetQueue.TargetQueue): void => {
      while (queue.running < limits.concurrency) {
        const row = queue.waiting.shift()
        if (row === undefined) return
        queue.running += 1
        fork(Effect.ensuring(
          deliver(queue, row),
          Effect.suspend(() => {
            queue.running -= 1
            pump(queue)
            return queue.waiting.length === 0 || queue.waiting.length === limits.concurrency ? wake : Effect.void
          })
        ))
      }
    }

    /** Claims what is due; answers how long nothing more can be due, in milliseconds. */
    const round = Effect.gen(function*() {
      const due = yield* store.due
      const now = yield* Clock.currentTimeMillis
      yield* Metric.set(RelayMetrics.lastRound, now / 1_000)
      for (const queue of queues.values()) queue.isActive = false
      const wanted: Array<{ readonly targetId: string; readonly limit: number }> = []
      let idleMs = pollMs
      for (const { dueAt, target } of due) {
        const queue = queues.get(target.id) ?? TargetQueue.make(target, now, limits)
        queues.set(target.id, queue)
        queue.target = target
        queue.isActive = true
        if (dueAt === null) continue
        if (dueAt > now) {
          idleMs = Math.min(idleMs, dueAt - now)
          continue
        }
        const limit = TargetQueue.room(queue, now, limits)
        const waitMs = TargetQueue.wait(queue, now, limits)
        if (waitMs > 0) idleMs = Math.min(idleMs, waitMs)
        else if (limit > 0) wanted.push({ targetId: target.id, limit })
      }
      for (const [id, queue] of queues) {
        if (!queue.isActive && queue.running === 0 && queue.waiting.length === 0) queues.delete(id)
      }
      if (wanted.length === 0) return idleMs
      const lease = crypto.randomUUID()
      const leaseUntil = now + leaseMs
      const claimed = yield* store.claim({ wanted: wanted.slice(0, maxTargets), now, leaseUntil, lease })
      for (const row of claimed) {
        const queue = queues.get(row.targetId)
        if (queue === undefined) continue
        queue.tokens -= 1
        queue.waiting.push({ ...row, lease, leaseUntil })
      }
      for (const { targetId } of wanted) {
        const queue = queues.get(targetId)
        if (queue !== undefined) pump(queue)
      }
      return claimed.length === 0 ? idleMs : 0
    })

    const claiming = Effect.gen(function*() {
      while (true) {
        const idleMs = yield* Effect.uninterruptible(round)
        if (idleMs > 0) yield* Effect.timeoutOption(Queue.take(wakes), idleMs)
      }
    })

    const parts = {
      settle: settler.run,
      changes: Stream.runForEach(log.changes, () => wake),
      claim: claiming
    }
    for (const [part, work] of Object.entries(parts)) yield* Effect.forkScoped(supervise(`Relay.${part}`, work))
  }).pipe(Effect.annotateLogs({ package: "@effect-postmark/automation", module: "Relay" }))

/**
 * A worker for the life of the layer.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (
  options: Options = {}
): Layer.Layer<never, never, DeliveryStore | EventLog | RelayClient | TriggerRegistry | Vault> =>
  Layer.scopedDiscard(make(options))

const maxTargets = 100

const unreadableMs = 60_000
