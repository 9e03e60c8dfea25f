/** Runs sweeps when they are due. What is due is read from the stores, so that processes agree. */
import { type Connection, Connections } from "@effect-postmark/core/Connections"
import { SubscriptionStore } from "@effect-postmark/core/SubscriptionStore"
import { type SweepState, SweepStore } from "@effect-postmark/core/SweepStore"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Hash from "effect/Hash"
import * as Metric from "effect/Metric"
import type * as GapFill from "../../GapFill.ts"
import * as GapFillMetrics from "../../GapFillMetrics.ts"
import { failureName } from "../failureName.ts"
import { supervise } from "../supervise.ts"
import * as Limits from "./limits.ts"

export interface Times {
  readonly intervalMs: number
  readonly refusedMs: number
  readonly checkMs: number
}

/** Due by the interval, spread by up to a tenth, or because a webhook was refused after the last sweep began. */
export const isDue = (connection: Connection, { sweptAt }: SweepState, now: number, times: Times): boolean => {
  if (sweptAt === null) return true
  // The same in every process.
  const spread = (Math.abs(Hash.string(`${connection.id} ${sweptAt}`)) % 2_001) / 10_000 - 0.1
  if (now >= sweptAt + times.intervalMs * (1 + spread)) return true
  const refusedAt = connection.lastRefusedAt === null ? 0 : Date.parse(connection.lastRefusedAt)
  return refusedAt >= sweptAt && now >= sweptAt + times.refusedMs
}

export const run = (sweep: GapFill.Service["sweep"], times: Times) =>
  Effect.gen(function*() {
    const connections = yield* Connections
    const subscriptions = yield* SubscriptionStore
    const sweeps = yield* SweepStore
    const failures = new Map<string, { readonly count: number; readonly until: number }>()

    const failed = (connection: Connection) =>
      Effect.map(Clock.currentTimeMillis, (now) => {
        const count = (failures.get(connection.id)?.count ?? 0) + 1
        failures.set(connection.id, {
          count,
          until: now + Math.min(times.checkMs * 2 ** Math.min(count, 10), times.intervalMs)
        })
      })

    const visit = (connection: Connection) =>
      Effect.gen(function*() {
        const now = yield* Clock.currentTimeMillis
        if (now < (failures.get(connection.id)?.until ?? 0)) return
        const state = yield* sweeps.get(connection.id)
        if (state.leaseUntil > now || !isDue(connection, state, now, times)) return
        const triggers = (yield* subscriptions.list(connection.id)).map(({ trigger }) => trigger)
          .filter((trigger) => Limits.recoverable.includes(trigger))
        if (triggers.length === 0) return
        const { added, notRecoverable: _, ...counts } = yield* sweep({ connectionId: connection.id, triggers })
        failures.delete(connection.id)
        yield* Metric.increment(Metric.tagged(GapFillMetrics.sweeps, "result", "completed"))
        if (Object.keys(added).length > 0) {
          yield* Effect.annotateLogs(
            Effect.logWarning("webhooks were missed; their events were stored from Postmark's API"),
            { ...counts, ...added }
          )
        }
      }).pipe(
        Effect.catchTag("SweepInProgress", () => Effect.void),
        Effect.catchAllCause((cause) =>
          Effect.zipRight(
            Effect.zipRight(
              failed(connection),
              Metric.increment(Metric.tagged(GapFillMetrics.sweeps, "result", "failed"))
            ),
            Effect.annotateLogs(Effect.logError("a sweep failed; it goes on later from where it was"), {
              connectionId: connection.id,
              failure: failureName(cause)
            })
          )
        )
      )

    const round = Effect.gen(function*() {
      const all = yield* connections.list
      const active = all.filter(({ state }) => state === "active")
      yield* Effect.forEach(active, visit, { concurrency: 4, discard: true })
    })

    yield* Effect.forkScoped(
      supervise("GapFill", Effect.forever(Effect.zipRight(round, Effect.sleep(times.checkMs))))
    )
  }).pipe(Effect.annotateLogs({ package: "@effect-postmark/automation", module: "GapFill" }))
