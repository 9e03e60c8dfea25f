/** Finds runs with something to do, and does it: a few chunks at a time, each under a lease. */
import type { Run } from "@effect-postmark/core/BulkRun"
import type * as Connections from "@effect-postmark/core/Connections"
import type { DueRun, Service as Store } from "@effect-postmark/core/RunStore"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as FiberSet from "effect/FiberSet"
import * as Metric from "effect/Metric"
import * as Option from "effect/Option"
import * as Queue from "effect/Queue"
import type * as Scope from "effect/Scope"
import * as RunMetrics from "../../RunMetrics.ts"
import { failureName } from "../failureName.ts"
import { supervise } from "../supervise.ts"
import * as ChunkWork from "./chunkWork.ts"

export interface Settings extends ChunkWork.Settings {
  readonly concurrency: number
  readonly chunksAtOnce: number
  readonly pollMs: number
  readonly graceMs: number
}

export const make = (
  store: Store,
  connections: Connections.Service,
  settings: Settings
): Effect.Effect<void, never, Scope.Scope> =>
  Effect.gen(function*() {
    const work = ChunkWork.make(store, connections, settings)
    const wakes = yield* Queue.sliding<void>(1)
    const room = yield* Effect.makeSemaphore(settings.chunksAtOnce)
    const fibers = yield* FiberSet.make()
    const fork = yield* FiberSet.runtime(fibers)<never>()
    const busy = new Map<string, number>()
    const phase = { isStopping: false }
    // Runs before the fibers are interrupted: a call in progress may end in time.
    yield* Effect.addFinalizer(() =>
      Effect.zipRight(
        Effect.sync(() => (phase.isStopping = true)),
        FiberSet.awaitEmpty(fibers).pipe(
          Effect.interruptible,
          Effect.disconnect,
          Effect.timeoutOption(settings.graceMs)
        )
      )
    )

    const claim = (run: Run) =>
      Effect.map(Clock.currentTimeMillis, (now) => ({
        runId: run.id,
        now,
        lease: crypto.randomUUID(),
        leaseUntil: now + settings.leaseMs
      }))

    /** Sends one chunk; false when there is none to send. Between claim and outcome nothing is interrupted but the call. */
    const sendOne = ({ failures, run }: DueRun) =>
      Effect.uninterruptibleMask((restore) =>
        Effect.gen(function*() {
          // Before the claim: an attempt must not be journaled that cannot be made.
          const client = yield* restore(Effect.either(connections.client(run.connectionId)))
          if (Either.isLeft(client)) {
            const { _tag, message } = client.left
            if (_tag === "StoreUnavailable") return yield* client.left
            const reason = _tag === "SecretUnreadable" ? "secretUnreadable" : "connectionRevoked"
            yield* work.pause(run, { reason, detail: message })
            return false
          }
          const lease = yield* claim(run)
          const claimed = yield* store.claimSend({ ...lease, concurrency: settings.concurrency })
          if (Option.isNone(claimed)) return false
          yield* work.send(client.right, { run, chunk: claimed.value, lease: lease.lease, failures })
          return true
        })
      )

    const checkOne = ({ run }: DueRun) =>
      Effect.uninterruptibleMask((restore) =>
        Effect.gen(function*() {
          const lease = yield* claim(run)
          const claimed = yield* store.claimCheck(lease)
          if (Option.isNone(claimed)) return false
          const chunk = claimed.value
          if (chunk.unknownSince === lease.now) yield* Metric.increment(RunMetrics.chunksTakenOver)
          yield* restore(work.check({ run, chunk, lease: lease.lease, failures: 0 }))
          return true
        })
      )

    /** One after another, until there is nothing left to do now. */
    const start = (key: string, limit: number, one: Effect.Effect<boolean, { readonly message: string }>) =>
      Effect.sync(() => {
        const running = busy.get(key) ?? 0
        if (running >= limit || phase.isStopping) return
        busy.set(key, running + 1)
        let isDone = false
        const all = Effect.gen(function*() {
          while (!phase.isStopping && (yield* room.withPermits(1)(one))) isDone = true
        })
        fork(all.pipe(
          Effect.catchAllCause((cause) =>
            Effect.annotateLogs(Effect.logWarning("a bulk run's work failed and is tried again"), {
              failure: failureName(cause)
            }).pipe(Effect.zipRight(Effect.sleep(settings.pollMs)))
          ),
          Effect.ensuring(Effect.suspend(() => {
            const left = (busy.get(key) ?? 1) - 1
            if (left > 0) busy.set(key, left)
            else busy.delete(key)
            // Another worker may have what is due, so nothing is gained by asking again at once.
            return isDone ? Effect.asVoid(Queue.offer(wakes, undefined)) : Effect.void
          }))
        ))
      })

    const round = Effect.gen(function*() {
      const due = yield* store.due
      const now = yield* Clock.currentTimeMillis
      let idleMs = settings.pollMs
      for (const one of due) {
        const { checkAt, run, sendAt } = one
        if (sendAt !== null && sendAt > now) idleMs = Math.min(idleMs, sendAt - now)
        if (checkAt !== null && checkAt > now) idleMs = Math.min(idleMs, checkAt - now)
        if (sendAt !== null && sendAt <= now) {
          for (let fiber = 0; fiber < settings.concurrency; fiber++) {
            yield* start(`send ${run.id}`, settings.concurrency, sendOne(one))
          }
        }
        if (checkAt !== null && checkAt <= now) yield* start(`check ${run.id}`, 1, checkOne(one))
      }
      return Math.max(idleMs, 1)
    })

    const rounds = Effect.gen(function*() {
      while (true) {
        const idleMs = yield* round
        yield* Effect.timeoutOption(Queue.take(wakes), idleMs)
      }
    })
    yield* Effect.forkScoped(supervise("BulkRuns.worker", rounds))
  }).pipe(Effect.annotateLogs({ package: "@effect-postmark/automation", module: "BulkRuns" }))
