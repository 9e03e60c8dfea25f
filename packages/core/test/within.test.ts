import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Ref from "effect/Ref"
import * as TestClock from "effect/TestClock"
import { within } from "../src/internal/http/within.ts"

const late = () => "late"
const second = Duration.seconds(1)
const slow = Effect.as(Effect.sleep("900 millis"), "done")

describe("a deadline", () => {
  it.effect("lets a result and a failure through", () =>
    Effect.gen(function*() {
      const fiber = yield* Effect.fork(within(slow, second, late))
      yield* TestClock.adjust("900 millis")
      assert.strictEqual(yield* Fiber.join(fiber), "done")
      const failed = yield* Effect.exit(within(Effect.fail("failed"), second, late))
      assert.deepStrictEqual(failed, Exit.fail("failed"))
    }))

  for (const [name, test] of [["the test's clock", it.effect], ["the platform's clock", it.live]] as const) {
    test(`interrupts what takes too long, by ${name}`, () =>
      Effect.gen(function*() {
        const interrupted = yield* Ref.make(false)
        const call = Effect.onInterrupt(Effect.never, () => Ref.set(interrupted, true))
        const fiber = yield* Effect.fork(Effect.exit(within(call, Duration.millis(10), late)))
        if (test === it.effect) yield* TestClock.adjust("10 millis")
        assert.deepStrictEqual(yield* Fiber.join(fiber), Exit.fail("late"))
        assert.isTrue(yield* Ref.get(interrupted))
      }))
  }

  it.effect("waits for what cannot be interrupted, and is late all the same", () =>
    Effect.gen(function*() {
      const fiber = yield* Effect.fork(
        Effect.exit(within(Effect.uninterruptible(Effect.sleep("3 seconds")), second, late))
      )
      yield* TestClock.adjust("2 seconds")
      assert.isNull(fiber.unsafePoll())
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual(yield* Fiber.join(fiber), Exit.fail("late"))
    }))

  it.effect("is interrupted with its caller, and interrupts the call first", () =>
    Effect.gen(function*() {
      const started = yield* Deferred.make<void>()
      const interrupted = yield* Ref.make(false)
      const call = Effect.zipRight(Deferred.succeed(started, undefined), Effect.never).pipe(
        Effect.onInterrupt(() => Ref.set(interrupted, true))
      )
      const fiber = yield* Effect.fork(within(call, second, late))
      yield* Deferred.await(started)
      assert.isTrue(Exit.isInterrupted(yield* Fiber.interrupt(fiber)))
      assert.isTrue(yield* Ref.get(interrupted))
    }))
})
