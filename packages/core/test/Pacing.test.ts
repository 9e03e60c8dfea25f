import * as Pacing from "@effect-postmark/core/Pacing"
import { assert, it } from "@effect/vitest"
import { Clock, Duration, Effect, Fiber, TestClock } from "effect"

const call = (pacer: Pacing.Pacer) => Effect.zipRight(pacer.turn, Clock.currentTimeMillis)

it.effect("nothing is held back until Postmark asks to slow down", () =>
  Effect.gen(function*() {
    const pacer = yield* Pacing.makePacer
    assert.deepStrictEqual(yield* Effect.forEach([1, 2, 3], () => call(pacer)), [0, 0, 0])
  }))

it.effect("slows down after a 429, in order, and recovers", () =>
  Effect.gen(function*() {
    const pacer = yield* Pacing.makePacer
    const together = yield* Effect.all([pacer.turn, pacer.turn])
    for (const { limited } of together) yield* limited(undefined)
    const fibers = yield* Effect.forEach([1, 2, 3], () => Effect.fork(call(pacer)))
    yield* TestClock.adjust("1 second")
    // Two refusals to calls that were under way together slow down once: to 20 calls a second.
    assert.deepStrictEqual(yield* Effect.forEach(fibers, Fiber.join), [50, 100, 150])
    for (let taken = 0; taken < 161; taken++) {
      const turn = yield* pacer.turn
      yield* turn.taken
      yield* TestClock.adjust("50 millis")
    }
    const now = yield* Clock.currentTimeMillis
    assert.deepStrictEqual(yield* Effect.forEach([1, 2, 3], () => call(pacer)), [now, now, now])
  }))

it.effect("waits whole milliseconds, whatever the rate", () =>
  Effect.gen(function*() {
    const pacer = yield* Pacing.makePacer
    yield* Effect.flatMap(pacer.turn, ({ limited }) => limited(Duration.zero))
    yield* Effect.flatMap(pacer.turn, ({ taken }) => taken)
    yield* TestClock.adjust("50 millis")
    // 20.5 calls a second are one in 48.8 ms.
    yield* pacer.turn
    const next = yield* Effect.fork(call(pacer))
    yield* TestClock.adjust("49 millis")
    assert.strictEqual(yield* Fiber.join(next), 99)
  }))

it.effect("keeps a Retry-After, and whoever is interrupted holds nobody up", () =>
  Effect.gen(function*() {
    const pacer = yield* Pacing.makePacer
    yield* Effect.flatMap(pacer.turn, ({ limited }) => limited(Duration.seconds(5)))
    const first = yield* Effect.fork(call(pacer))
    const second = yield* Effect.fork(call(pacer))
    yield* TestClock.adjust("1 second")
    yield* Fiber.interrupt(first)
    yield* TestClock.adjust("1 minute")
    assert.strictEqual(yield* Fiber.join(second), 5_000)
  }))

it.effect("gives one pacer to a connection, and another to the next", () =>
  Effect.gen(function*() {
    const pacing = yield* Pacing.Pacing
    assert.strictEqual(yield* pacing.pacer("a"), yield* pacing.pacer("a"))
    assert.notStrictEqual(yield* pacing.pacer("a"), yield* pacing.pacer("b"))
  }).pipe(Effect.provide(Pacing.layerMemory)))
