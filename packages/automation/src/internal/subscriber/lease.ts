/**
 * Keeps a subscription to one process. Clocks of different machines are never compared: who waits watches the lease, and
 * takes it when it has not changed for its whole length; who has it renews it in a third of that, and stops when it could
 * not for as long.
 */
import type { Lease, Service as Subscribers, Subscription } from "@effect-postmark/core/SubscriberStore"
import * as Clock from "effect/Clock"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as FiberId from "effect/FiberId"
import * as Option from "effect/Option"

export interface Held {
  readonly owner: string
  /** Waits for the end of the work when another process may have the lease. */
  readonly check: Effect.Effect<void>
  /** Ends the work, as another process has the lease. */
  readonly lost: Effect.Effect<never>
}

/** Runs the work whenever the lease is held, from its beginning each time, and ends when the work does. */
export const whileHeld = <R>(
  store: Subscribers,
  subscription: Subscription,
  leaseMs: number,
  work: (held: Held) => Effect.Effect<never, never, R>
): Effect.Effect<never, never, R> =>
  Effect.suspend(() => {
    const owner = crypto.randomUUID()
    let heldUntil = 0
    let signal = Deferred.unsafeMake<void>(FiberId.none)

    /** The lease as it is afterwards; nothing when the store did not answer in this time. */
    const hold = (expired: Lease | null, withinMs: number) =>
      store.hold({ ...subscription, owner, expired }).pipe(
        Effect.asSome,
        Effect.catchTag("StoreUnavailable", (error) =>
          Effect.as(
            Effect.logWarning("a trigger's subscriber waits for the store", error.message),
            Option.none<Lease>()
          )),
        // A statement cannot be interrupted.
        Effect.disconnect,
        Effect.timeoutTo({ duration: withinMs, onSuccess: (lease) => lease, onTimeout: () => Option.none<Lease>() })
      )

    const acquire = Effect.gen(function*() {
      let seen: { readonly lease: Lease; readonly since: number } | undefined
      while (true) {
        const begun = yield* monotonicMs
        const expired = seen !== undefined && begun - seen.since >= leaseMs ? seen.lease : null
        const lease = Option.getOrUndefined(yield* hold(expired, leaseMs))
        if (lease?.owner === owner) {
          heldUntil = begun + leaseMs
          signal = Deferred.unsafeMake<void>(FiberId.none)
          if (seen !== undefined) yield* Effect.logInfo("this process handles the trigger's subscriber now")
          return
        }
        if (lease !== undefined && (seen?.lease.owner !== lease.owner || seen.lease.beat !== lease.beat)) {
          if (seen === undefined) yield* Effect.logInfo("another process handles the trigger's subscriber")
          seen = { lease, since: yield* monotonicMs }
        }
        yield* Effect.sleep(Math.min(leaseMs / 10, 1_000))
      }
    })

    /** Ends when the lease is lost. */
    const keep = Effect.gen(function*() {
      while (true) {
        yield* Effect.sleep(leaseMs / 3)
        const begun = yield* monotonicMs
        const lease = begun < heldUntil ? yield* hold(null, heldUntil - begun) : Option.none()
        if (Option.isSome(lease)) {
          if (lease.value.owner !== owner) break
          heldUntil = begun + leaseMs
        } else if ((yield* monotonicMs) >= heldUntil) break
      }
    })

    const lost = Effect.suspend(() => Effect.zipRight(Deferred.succeed(signal, undefined), Effect.never))
    const check = Effect.flatMap(monotonicMs, (now) => now < heldUntil ? Effect.void : lost)

    const untilLost = Effect.raceFirst(
      work({ owner, check, lost }),
      Effect.raceFirst(keep, Effect.suspend(() => Deferred.await(signal)))
    )

    return acquire.pipe(
      Effect.zipRight(untilLost),
      Effect.zipRight(Effect.logWarning("a trigger's subscriber lost its lease, and stops until it has it again")),
      Effect.forever,
      Effect.ensuring(
        store.release({ ...subscription, owner }).pipe(
          Effect.disconnect,
          Effect.timeoutOption("2 seconds"),
          Effect.catchTag("StoreUnavailable", () => Effect.void)
        )
      )
    )
  })

const monotonicMs = Effect.map(Clock.currentTimeNanos, (nanos) => Number(nanos / 1_000_000n))
