import * as Pacing from "@effect-postmark/core/Pacing"
import { assert, it } from "@effect/vitest"
import { Clock, Duration, Effect, Fiber, TestClock } from "effect"

const turnOf = (pacer: Pacing.Pacer) => pacer.turn(Duration.minutes(2))

const call = (pacer: Pacing.Pacer) => Effect.zipRight(turnOf(pacer), Clock.currentTimeMillis)

it.effect("nothing is held back until Postmark asks to slow down", () =>
  Effect.gen(function*() {
    const pacer = yield* Pacing.makePacer
    assert.deepStrictEqual(yield* Effect.forEach([1, 2, 3], () => call(pacer)), [0, 0, 0])
  }))

it.effect("slows down after a 429, in order, and recovers", () =>
  Effect.gen(function*() {
    const pacer = yield* Pacing.makePacer
    const together = yield* Effect.all([turnOf(pacer), turnOf(pacer)])
    for (const { limited } of together) yield* limited(undefined)
    const fibers = yield* Effect.forEach([1, 2, 3], () => Effect.fork(call(pacer)))
    yield* TestClock.adjust("1 second")
    // Two refusals to calls that were under way together slow down once: to 20 calls a second.
    assert.deepStrictEqual(yield* Effect.forEach(fibers, Fiber.join), [50, 100, 150])
    for (let taken = 0; taken < 161; taken++) {
      const turn = yield* turnOf(pacer)
      yield* turn.taken
      yield* TestClock.adjust("50 millis")
    }
    const now = yield* Clock.currentTimeMillis
    assert.deepStrictEqual(yield* Effect.forEach([1, 2, 3], () => call(pacer)), [now, now, now])
  }))

it.effect("waits whole milliseconds, whatever the rate", () =>
  Effect.gen(function*() {
    const pacer = yield* Pacing.makePacer
    yield* Effect.flatMap(turnOf(pacer), ({ limited }) => limited(Duration.zero))
    yield* Effect.flatMap(turnOf(pacer), ({ taken }) => taken)
    yield* TestClock.adjust("50 millis")
    // 20.5 calls a second are one in 48.8 ms.
    yield* turnOf(pacer)
    const next = yield* Effect.fork(call(pacer))
    yield* TestClock.adjust("49 millis")
    assert.strictEqual(yield* Fiber.join(next), 99)
  }))

it.effect("keeps a Retry-After, and whoever is interrupted holds nobody up", () =>
  Effect.gen(function*() {
    const pacer = yield* Pacing.makePacer
    yield* Effect.flatMap(turnOf(pacer), ({ limited }) => limited(Duration.seconds(5)))
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

it.effect("tells a caller at once whose turn would come later than it wants to wait", () =>
  Effect.gen(function*() {
    const pacer = yield* Pacing.makePacer
    yield* Effect.flatMap(turnOf(pacer), ({ limited }) => limited(Duration.minutes(10)))
    const late = yield* Effect.flip(pacer.turn(Duration.seconds(5)))
    // However long Postmark asks for, one call tries again after a minute.
    assert.deepStrictEqual([late.retryAfter, yield* Clock.currentTimeMillis], [60_000, 0])
    yield* TestClock.adjust("55 seconds")
    const patient = yield* Effect.fork(pacer.turn(Duration.seconds(5)))
    yield* TestClock.adjust("5 seconds")
    yield* Fiber.join(patient)
  }))

it.effect("counts the callers in front", () =>
  Effect.gen(function*() {
    const pacer = yield* Pacing.makePacer
    yield* Effect.flatMap(turnOf(pacer), ({ limited }) => limited(Duration.seconds(4)))
    const queue = yield* Effect.forEach(Array.from({ length: 21 }), () => Effect.fork(pacer.turn(Duration.seconds(5))))
    yield* Effect.yieldNow()
    const late = yield* Effect.flip(pacer.turn(Duration.seconds(5)))
    assert.strictEqual(late.retryAfter, 4_000 + 21 * 50)
    yield* TestClock.adjust("5 seconds")
    yield* Effect.forEach(queue, Fiber.join)
  }))

it.effect("lets go of everybody in time when the door is shut for longer meanwhile", () =>
  Effect.gen(function*() {
    const pacer = yield* Pacing.makePacer
    const turn = yield* turnOf(pacer)
    yield* turn.limited(Duration.seconds(4))
    const waiting = yield* Effect.forEach(
      [1, 2, 3],
      () => Effect.fork(Effect.zip(Effect.flip(pacer.turn(Duration.seconds(5))), Clock.currentTimeMillis))
    )
    yield* TestClock.adjust("1 second")
    yield* turn.limited(Duration.seconds(30))
    yield* TestClock.adjust("4 seconds")
    for (const [{ retryAfter }, at] of yield* Effect.forEach(waiting, Fiber.join)) {
      assert.deepStrictEqual([at, retryAfter], [4_000, 27_000])
    }
  }))

it.effect("lets go in time of whoever is behind a more patient caller", () =>
  Effect.gen(function*() {
    const pacer = yield* Pacing.makePacer
    const turn = yield* turnOf(pacer)
    yield* turn.limited(Duration.seconds(4))
    const patient = yield* Effect.fork(call(pacer))
    yield* Effect.yieldNow()
    const hasty = yield* Effect.fork(Effect.flip(pacer.turn(Duration.seconds(5))))
    yield* TestClock.adjust("1 second")
    yield* turn.limited(Duration.seconds(30))
    yield* TestClock.adjust("5 seconds")
    assert.isAbove((yield* Fiber.join(hasty)).retryAfter, 20_000)
    yield* TestClock.adjust("1 minute")
    assert.strictEqual(yield* Fiber.join(patient), 31_000)
  }))
