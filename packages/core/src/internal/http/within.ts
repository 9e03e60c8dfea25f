/**
 * A deadline. `Effect.timeoutFail` runs two fibers for each call, one of which only sleeps; here a timer of the platform
 * calls back, and one fiber is enough. A clock of one's own, such as a test's, is slept on.
 */
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as DefaultServices from "effect/DefaultServices"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"

/** Interrupts the call when the time is over, waits until it has ended, and fails. */
export const within = <A, E, R>(
  call: Effect.Effect<A, E, R>,
  duration: Duration.Duration,
  late: () => E
): Effect.Effect<A, E, R> =>
  Effect.uninterruptibleMask((restore) =>
    // A fiber that fails is logged with its failure, which may quote a message; so it ends with an exit instead.
    Effect.flatMap(Effect.forkDaemon(Effect.exit(restore(call))), (fiber) => {
      let isLate = false
      const alarm = setAlarm(duration, () => {
        isLate = true
        fiber.unsafeInterruptAsFork(fiber.id())
      })
      return Effect.flatMap(alarm, (cancel) => {
        const ended = Effect.async<Exit.Exit<A, E>>((resume) => {
          fiber.addObserver((exit) => {
            cancel()
            resume(exit)
          })
          return Effect.suspend(() => {
            cancel()
            return Fiber.interrupt(fiber)
          })
        })
        return Effect.flatMap(
          restore(ended),
          (exit): Effect.Effect<A, E> => isLate ? Effect.fail(late()) : Effect.zipRight(fiber.inheritAll, exit)
        )
      })
    })
  )

/** Rings once, unless it is cancelled before. */
const setAlarm = (duration: Duration.Duration, ring: () => void): Effect.Effect<() => void> =>
  Effect.clockWith((clock) => {
    const milliseconds = Duration.toMillis(duration)
    // Timers of the platform cannot wait longer, and ring at once if asked to.
    if (isPlatformClock(clock) && milliseconds < longestTimer) {
      return Effect.sync(() => {
        const timer = setTimeout(ring, milliseconds)
        return () => clearTimeout(timer)
      })
    }
    const rings = Effect.zipRight(clock.sleep(duration), Effect.sync(ring))
    return Effect.map(
      Effect.forkDaemon(Effect.interruptible(rings)),
      (fiber) => () => fiber.unsafeInterruptAsFork(fiber.id())
    )
  })

/** The longest time of a platform's timer, in milliseconds. */
export const longestTimer = 2 ** 31

export const isPlatformClock = (clock: Clock.Clock): boolean => clock === platformClock

const platformClock = Context.get(DefaultServices.liveServices, Clock.Clock)
