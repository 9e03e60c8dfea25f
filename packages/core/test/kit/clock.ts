import { Effect, Fiber, Option, TestClock } from "effect"

/** Runs an effect while the test's clock goes on, a second at a time or as told, until the effect is done. */
export const driven = <A, E, R>(effect: Effect.Effect<A, E, R>, step = "1 second" as "1 second" | "10 seconds") =>
  Effect.gen(function*() {
    const fiber = yield* Effect.fork(effect)
    while (Option.isNone(yield* Fiber.poll(fiber))) yield* TestClock.adjust(step)
    return yield* Fiber.join(fiber)
  })
