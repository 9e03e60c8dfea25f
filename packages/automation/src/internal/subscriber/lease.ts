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
    // Whole milliseconds: Effect's TestClock has no others.
    const renewMs = Math.round(leaseMs / 3)
    const owner = crypto.randomUUID()
    // A renewal that is still under way must not come after the release.
    const mutex = Effect.unsafeMakeSemaphore(1)
    let heldUntil = 0
    let signal = Deferred.unsafeMake<void>(FiberId.none)

    /** The lease as it is afterwards; nothing when the store did not answer in this time. */
    const hold = (expired: Lease | null, withinMs: number) =>
      mutex.withPermits(1)(store.hold({ ...subscription, owner, expired })).pipe(
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
        yield* Effect.sleep(Math.min(Math.round(leaseMs / 10), 1_000))
      }
    })

    /** Ends when the lease is lost: at the latest when it could not be renewed for its whole length. */
    const keep = Effect.gen(function*() {
      while (true) {
        const left = heldUntil - (yield* monotonicMs)
        if (left <= 0) return
        yield* Effect.sleep(Math.min(renewMs, left))
        const begun = yield* monotonicMs
        if (begun >= heldUntil) return
        const lease = yield* hold(null, heldUntil - begun)
        if (Option.isNone(lease)) continue
        if (lease.value.owner !== owner) return
        heldUntil = begun + leaseMs
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
        mutex.withPermits(1)(store.release({ ...subscription, owner })).pipe(
          Effect.disconnect,
          Effect.timeoutOption("2 seconds"),
          Effect.catchTag("StoreUnavailable", () => Effect.void)
        )
      )
    )
  })

const monotonicMs = Effect.map(Clock.currentTimeNanos, (nanos) => Number(nanos / 1_000_000n))
