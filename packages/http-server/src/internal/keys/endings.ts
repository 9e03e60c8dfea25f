/** Tells when a key ends, for what outlives a request: its revocation here or in another process, or its expiry. */
import type { StoreUnavailable } from "@effect-postmark/core/StoreUnavailable"
import * as DateTime from "effect/DateTime"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as RcMap from "effect/RcMap"
import type * as Scope from "effect/Scope"
import type { ApiKeyRecord, Service } from "../../ApiKeyStore.ts"

export type Ending = "expired" | "revoked" | "unknown"

/** Why the record opens nothing at this time; undefined if it is good. */
export const of = (
  { expiresAt, revokedAt }: Pick<ApiKeyRecord, "expiresAt" | "revokedAt">,
  now: DateTime.Utc
): "expired" | "revoked" | undefined =>
  revokedAt !== null
    ? "revoked"
    : expiresAt !== null && Date.parse(expiresAt) <= now.epochMillis
    ? "expired"
    : undefined

export interface Endings {
  readonly ended: (id: string) => Effect.Effect<Ending>
  readonly revoked: (id: string) => Effect.Effect<void>
}

export const make = (
  store: Service,
  interval: Duration.DurationInput
): Effect.Effect<Endings, never, Scope.Scope> =>
  Effect.gen(function*() {
    const watched = new Map<string, Deferred.Deferred<Ending>>()
    const intervalMs = Duration.toMillis(interval)

    /** The ending, or how long to wait before the next look. */
    const look = (id: string): Effect.Effect<Either.Either<number, Ending>, StoreUnavailable> =>
      Effect.gen(function*() {
        const record = yield* store.get(id)
        if (Option.isNone(record)) return Either.left("unknown" as const)
        const now = yield* DateTime.now
        const ending = of(record.value, now)
        if (ending !== undefined) return Either.left(ending)
        const { expiresAt } = record.value
        const left = expiresAt === null ? intervalMs : Date.parse(expiresAt) - now.epochMillis
        return Either.right(Math.min(intervalMs, left))
      })

    const watch = (id: string, ending: Deferred.Deferred<Ending>): Effect.Effect<void> =>
      Effect.gen(function*() {
        while (true) {
          // An unavailable store ends nothing.
          const found = yield* Effect.catchAll(look(id), () => Effect.succeed(Either.right(intervalMs)))
          if (Either.isLeft(found)) return yield* Effect.asVoid(Deferred.succeed(ending, found.left))
          yield* Effect.sleep(found.right)
        }
      })

    // One look for all that wait for the same key.
    const watchers = yield* RcMap.make({
      lookup: (id: string) =>
        Effect.gen(function*() {
          const ending = yield* Effect.acquireRelease(
            Effect.tap(Deferred.make<Ending>(), (made) => Effect.sync(() => watched.set(id, made))),
            (made) =>
              Effect.sync(() => {
                if (watched.get(id) === made) watched.delete(id)
              })
          )
          yield* Effect.forkScoped(watch(id, ending))
          return ending
        })
    })

    return {
      ended: (id) => Effect.scoped(Effect.flatMap(RcMap.get(watchers, id), Deferred.await)),
      revoked: (id) => {
        const ending = watched.get(id)
        return ending === undefined ? Effect.void : Effect.asVoid(Deferred.succeed(ending, "revoked"))
      }
    }
  })
