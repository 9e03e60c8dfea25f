/** Limits how long a request may go without an answer. */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"

export interface Limits {
  readonly read: Duration.DurationInput
  readonly change: Duration.DurationInput
}

/** Reads are interrupted after the limit; changes go on, and only their client is answered. */
export const isRead = (method: string): boolean => method === "GET" || method === "HEAD"

export const withLimit = <A, E, R, B>(
  handler: Effect.Effect<A, E, R>,
  method: string,
  limits: Limits,
  timedOut: () => Effect.Effect<B>
): Effect.Effect<A | B, E, R> => {
  if (isRead(method)) {
    const limited = Effect.timeoutTo(Effect.disconnect(Effect.exit(handler)), {
      duration: limits.read,
      onSuccess: (exit): Effect.Effect<A | B, E> => exit,
      onTimeout: timedOut
    })
    // The platform runs all this without interruption, and only a route with it: a client that leaves would not be noticed.
    return Effect.flatten(Effect.interruptible(limited))
  }
  return Effect.uninterruptibleMask((restore) =>
    Effect.gen(function*() {
      // A fiber that fails by itself is logged, with private data in its cause.
      const fiber = yield* Effect.forkDaemon(Effect.exit(restore(handler)))
      const limit = Duration.decode(limits.change)
      const answered = yield* Effect.interruptible(Effect.timeoutOption(Fiber.join(fiber), limit)).pipe(
        // The client is gone: the handler decides what that means, as if it ran here.
        Effect.onInterrupt(() => Fiber.interrupt(fiber))
      )
      return answered._tag === "Some" ? yield* answered.value : yield* timedOut()
    })
  )
}
