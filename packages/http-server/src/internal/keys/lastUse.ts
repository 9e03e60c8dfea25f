/** Notes when a key was last used: in the background, and at most once a minute for each key of a process. */
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as FiberSet from "effect/FiberSet"
import * as Metric from "effect/Metric"
import type * as Scope from "effect/Scope"
import type { ApiKeyRecord, Service } from "../../ApiKeyStore.ts"
import * as ApiMetrics from "../../ApiMetrics.ts"

export interface LastUse {
  /** Returns at once. */
  readonly note: (record: ApiKeyRecord, now: DateTime.Utc) => Effect.Effect<void>
}

export const make = (store: Service): Effect.Effect<LastUse, never, Scope.Scope> =>
  Effect.gen(function*() {
    const noted = new Map<string, number>()
    const background = yield* FiberSet.make<void, never>()
    return {
      note: ({ id, lastUsedAt }, now) =>
        Effect.suspend(() => {
          const { epochMillis } = now
          const stored = lastUsedAt === null ? never : Date.parse(lastUsedAt)
          // The first condition covers other processes; the second, a write of this process that is not done or failed.
          if (epochMillis - stored < minute || epochMillis - (noted.get(id) ?? never) < minute) return Effect.void
          noted.set(id, epochMillis)
          const write = Effect.catchAll(store.used(id, DateTime.formatIso(now)), (failure) =>
            Effect.zipRight(
              Metric.increment(ApiMetrics.lastUseFailures),
              Effect.annotateLogs(Effect.logWarning("the last use of an API key was not stored"), {
                keyId: id,
                failure: failure.reason ?? failure._tag
              })
            ))
          return Effect.asVoid(FiberSet.run(background, write))
        })
    }
  })

const minute = 60_000
const never = Number.NEGATIVE_INFINITY
