/**
 * Writes the audit log, many entries in one commit. A change waits until its entry is durable. Its end is written behind it,
 * and again until the log takes it.
 */
import type { StoreUnavailable } from "@effect-postmark/core/StoreUnavailable"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Metric from "effect/Metric"
import type * as Scope from "effect/Scope"
import * as ApiMetrics from "../../ApiMetrics.ts"
import type { AuditEntry, Ending, Service } from "../../AuditLog.ts"

export interface AuditTrail {
  /** Returns when the entry is durable. */
  readonly begin: (entry: AuditEntry) => Effect.Effect<void, StoreUnavailable>
  /** Returns at once. */
  readonly end: (ending: Ending) => Effect.Effect<void>
  /** Waits for the ends that were given so far; fails if the log does not take them. */
  readonly settled: Effect.Effect<void, StoreUnavailable>
}

interface Begun {
  /** None asks only to wait for what came before. */
  readonly entry: AuditEntry | undefined
  readonly isWritten: Deferred.Deferred<void, StoreUnavailable>
}

export const make = (log: Service): Effect.Effect<AuditTrail, never, Scope.Scope> =>
  Effect.gen(function*() {
    const begun: Array<Begun> = []
    const ended: Array<Ending> = []
    const work = Effect.unsafeMakeLatch(false)

    const flush = Effect.gen(function*() {
      const begins = begun.splice(0, most)
      const ends = ended.splice(0, most)
      const entries = begins.flatMap(({ entry }) => entry === undefined ? [] : [entry])
      if (begins.length + ends.length === 0) return true
      const write = entries.length + ends.length === 0 ? Effect.void : log.write({ begun: entries, ended: ends })
      // A defect of a log is as bad as its failure, and must not end this fiber.
      const exit = yield* Effect.exit(write)
      for (const { isWritten } of begins) Deferred.unsafeDone(isWritten, exit)
      if (exit._tag === "Success") return true
      ended.unshift(...ends)
      if (ends.length > 0) {
        yield* Metric.incrementBy(Metric.tagged(ApiMetrics.auditFailures, "step", "end"), ends.length)
        yield* Effect.annotateLogs(Effect.logError("the audit log did not take the outcome of changes"), {
          changes: ends.length
        })
      }
      return false
    })

    const writer = Effect.gen(function*() {
      yield* work.await
      work.unsafeClose()
      const isWritten = yield* Effect.uninterruptible(flush)
      // Changes are refused meanwhile, so few ends wait.
      if (!isWritten) yield* Effect.sleep("200 millis")
      if (begun.length + ended.length > 0) work.unsafeOpen()
    })

    const isDone = (isWritten: boolean) => !isWritten || begun.length + ended.length === 0
    yield* Effect.addFinalizer(() => Effect.repeat(flush, { until: isDone }))
    yield* Effect.forkScoped(Effect.forever(writer))

    const wait = (entry: AuditEntry | undefined) =>
      Effect.flatMap(Deferred.make<void, StoreUnavailable>(), (isWritten) => {
        begun.push({ entry, isWritten })
        work.unsafeOpen()
        return Deferred.await(isWritten)
      })

    return {
      begin: (entry) =>
        Effect.tapError(wait(entry), () => Metric.increment(Metric.tagged(ApiMetrics.auditFailures, "step", "begin"))),
      end: (ending) =>
        Effect.sync(() => {
          ended.push(ending)
          work.unsafeOpen()
        }),
      settled: wait(undefined)
    }
  })

/** Entries and ends of one commit. */
const most = 200
