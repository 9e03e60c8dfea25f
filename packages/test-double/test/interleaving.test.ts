/** The clock moved, the double reset and gone back, while something else is under way. */
import { PostmarkDouble } from "@effect-postmark/test-double"
import { assert, it } from "@effect/vitest"
import { Cause, Deferred, Effect, Exit, Fiber, TestClock } from "effect"
import { call, layerDouble, send } from "./kit.ts"

const hook = call("POST", "/webhooks", {
  body: { Url: "http://localhost/", Triggers: { Delivery: { Enabled: true } } }
})

const time = Effect.map(
  Effect.flatMap(PostmarkDouble.PostmarkDouble, ({ clock }) => clock.now),
  ({ epochMillis }) => epochMillis
)

/** A double whose clock is being moved on by an hour, and waits for a receiver that has not answered. */
const underWay = (
  options: PostmarkDouble.Options,
  go: (advancing: Fiber.RuntimeFiber<void>, answer: Deferred.Deferred<number>) => Effect.Effect<
    void,
    unknown,
    Effect.Effect.Context<ReturnType<typeof send>> | PostmarkDouble.PostmarkDouble
  >
) =>
  Effect.gen(function*() {
    const answer = yield* Deferred.make<number>()
    const posting = yield* Deferred.make<void>()
    yield* Effect.gen(function*() {
      const double = yield* PostmarkDouble.PostmarkDouble
      yield* hook
      yield* send()
      const advancing = yield* Effect.fork(double.clock.advance("1 hour"))
      yield* Deferred.await(posting)
      yield* go(advancing, answer)
    }).pipe(Effect.provide(layerDouble({
      startTime: 0,
      webhookSender: () => Effect.zipRight(Deferred.succeed(posting, undefined), Deferred.await(answer)),
      ...options
    })))
  })

it.effect("begins anew at its beginning when it is reset while the clock is moved on", () =>
  underWay({}, (advancing) =>
    Effect.gen(function*() {
      const double = yield* PostmarkDouble.PostmarkDouble
      yield* double.reset
      yield* Fiber.join(advancing)
      assert.strictEqual(yield* time, 0)
      assert.isFalse(yield* double.clock.isPaused)
      yield* TestClock.adjust("1 second")
      assert.strictEqual(yield* time, 1_000)
      yield* double.clock.advance("1 hour")
      assert.deepStrictEqual(yield* double.webhookAttempts, [])
    })))

it.effect("runs after a reset that comes while a paused clock is moved on", () =>
  underWay({}, (advancing, answer) =>
    Effect.gen(function*() {
      const double = yield* PostmarkDouble.PostmarkDouble
      yield* Deferred.succeed(answer, 200)
      yield* Fiber.join(advancing)
      yield* double.clock.pause
      yield* send()
      const again = yield* Effect.fork(double.clock.advance("1 hour"))
      yield* Effect.yieldNow()
      yield* double.reset
      yield* Fiber.join(again)
      assert.isFalse(yield* double.clock.isPaused)
    })))

it.effect("ends a move of the clock as it was told meanwhile", () =>
  underWay({ paused: true }, (advancing, answer) =>
    Effect.gen(function*() {
      const double = yield* PostmarkDouble.PostmarkDouble
      yield* double.clock.resume
      assert.strictEqual(yield* time, 50)
      yield* Deferred.succeed(answer, 200)
      yield* Fiber.join(advancing)
      assert.isFalse(yield* double.clock.isPaused)
      assert.strictEqual(yield* time, 3_600_000)
    })))

it.effect("stays paused if it was paused while the clock was moved on", () =>
  underWay({}, (advancing, answer) =>
    Effect.gen(function*() {
      const double = yield* PostmarkDouble.PostmarkDouble
      yield* double.clock.pause
      yield* Deferred.succeed(answer, 200)
      yield* Fiber.join(advancing)
      assert.isTrue(yield* double.clock.isPaused)
    })))

it.effect("refuses to move the clock beyond what a date can be, and stays where it is", () =>
  Effect.gen(function*() {
    const double = yield* PostmarkDouble.PostmarkDouble
    for (const by of [1e17, Number.POSITIVE_INFINITY]) {
      const exit = yield* Effect.exit(double.clock.advance(by))
      assert.isTrue(Exit.isFailure(exit) && Cause.pretty(exit.cause).includes("year 9999"))
      assert.strictEqual(yield* time, 0)
      assert.isFalse(yield* double.clock.isPaused)
    }
  }).pipe(Effect.provide(layerDouble({ startTime: 0 }))))

it.effect("is reset by a receiver that is posted to in the same process", () =>
  Effect.gen(function*() {
    const reset = yield* Deferred.make<Effect.Effect<void>>()
    yield* Effect.gen(function*() {
      const double = yield* PostmarkDouble.PostmarkDouble
      yield* Deferred.succeed(reset, double.reset)
      yield* hook
      yield* send()
      yield* TestClock.adjust("50 millis")
      yield* double.settled
      assert.deepStrictEqual(yield* double.sent, [])
    }).pipe(Effect.provide(layerDouble({
      webhookSender: () => Effect.as(Effect.flatten(Deferred.await(reset)), 200)
    })))
  }))

it.effect("refuses real tokens again when it has gone back to where it did", () =>
  Effect.gen(function*() {
    const double = yield* PostmarkDouble.PostmarkDouble
    const snapshot = yield* double.snapshot
    yield* double.load({ allowRealLookingTokens: true })
    yield* double.restore(snapshot)
    const error = yield* Effect.flip(double.addServer({ token: "00000000-0000-4000-8000-000000000000" }))
    assert.strictEqual(error.reason, "TokenLooksReal")
  }).pipe(Effect.provide(layerDouble())))

it.effect("asks no prototype for the metadata that a script names", () =>
  Effect.gen(function*() {
    const double = yield* PostmarkDouble.PostmarkDouble
    yield* double.addScript({ metadata: { constructor: "x" }, steps: [] })
    yield* send()
    yield* TestClock.adjust("50 millis")
    yield* send({ Metadata: { constructor: "X" } })
    yield* TestClock.adjust("50 millis")
    assert.deepStrictEqual((yield* double.sent).map(({ events }) => events.length), [1, 0])
  }).pipe(Effect.provide(layerDouble())))

it.effect("loads no scenario in which two servers have one token, and goes on as it was", () =>
  Effect.gen(function*() {
    const double = yield* PostmarkDouble.PostmarkDouble
    yield* send()
    const error = yield* Effect.flip(double.load({ servers: [{ token: "client-a" }, { token: "CLIENT-A" }] }))
    assert.strictEqual(error.reason, "TokenTaken")
    assert.include(error.message, "servers[1].token")
    assert.notInclude(error.message.toLowerCase(), "client-a")
    assert.strictEqual((yield* double.sent).length, 1)
  }).pipe(Effect.provide(layerDouble())))

it.effect("posts no hook of a server again that has been deleted", () => {
  const posts: Array<string> = []
  return Effect.gen(function*() {
    const double = yield* PostmarkDouble.PostmarkDouble
    yield* call("PUT", "/server", { body: { DeliveryHookUrl: "http://localhost/" } })
    const [server] = yield* double.servers
    yield* send()
    yield* double.clock.advance("1 second")
    assert.strictEqual(posts.length, 1)
    const headers = { "x-postmark-account-token": PostmarkDouble.demoAccountToken }
    assert.strictEqual((yield* call("DELETE", `/servers/${server?.id}`, { headers })).status, 200)
    yield* double.clock.advance("1 day")
    assert.strictEqual(posts.length, 1)
  }).pipe(Effect.provide(layerDouble({
    webhookSender: ({ url }) => Effect.as(Effect.sync(() => posts.push(url)), 503)
  })))
})
