/** An answer that comes slowly takes the caller's time, and stops when the caller does. */
import * as Fault from "@effect-postmark/test-double/Fault"
import * as NodePostmarkDouble from "@effect-postmark/test-double/NodePostmarkDouble"
import * as PostmarkDouble from "@effect-postmark/test-double/PostmarkDouble"
import { HttpClient } from "@effect/platform"
import { assert, it } from "@effect/vitest"
import { Clock, Effect, Exit, Fiber, Layer, Option, Stream, TestClock } from "effect"
import { call, layerDouble, mail } from "./kit.ts"

const post = call("POST", "/email", { body: mail })

const slow = Effect.flatMap(
  PostmarkDouble.PostmarkDouble,
  ({ injectFault }) => injectFault(Fault.rule({ nth: 1 }, Fault.slowBody(4, "1 second")))
)

const request = (fetch: typeof globalThis.fetch, base: string, signal: AbortSignal | null = null) =>
  fetch(`${base}/email`, {
    method: "POST",
    headers: { "content-type": "application/json", "x-postmark-server-token": PostmarkDouble.demoServerToken },
    body: JSON.stringify(mail),
    signal
  })

const socket = NodePostmarkDouble.layerServer({ port: 0 }).pipe(
  Layer.provideMerge(PostmarkDouble.layer({ autoDeliver: false }))
)

const postmark = "https://api.postmarkapp.com"

it.effect("takes the time of the test's clock, in process", () =>
  Effect.gen(function*() {
    yield* slow
    const fiber = yield* Effect.fork(post)
    yield* TestClock.adjust("2999 millis")
    assert.isTrue(Option.isNone(yield* Fiber.poll(fiber)))
    yield* TestClock.adjust("1 millis")
    assert.isString((yield* Fiber.join(fiber)).json?.["MessageID"])
  }).pipe(Effect.provide(layerDouble({ autoDeliver: false }))))

it.effect("takes the time of the test's clock, through fetch", () =>
  Effect.gen(function*() {
    yield* slow
    const fetch = yield* PostmarkDouble.fetch
    const fiber = yield* Effect.fork(Effect.promise(async () => (await request(fetch, postmark)).json()))
    yield* TestClock.adjust("2999 millis")
    assert.isTrue(Option.isNone(yield* Fiber.poll(fiber)))
    yield* TestClock.adjust("1 millis")
    assert.property(yield* Fiber.join(fiber), "MessageID")
  }).pipe(Effect.provide(layerDouble({ autoDeliver: false }))))

it.effect("runs into a client's time-out in the middle of the body", () =>
  Effect.gen(function*() {
    const double = yield* PostmarkDouble.PostmarkDouble
    yield* slow
    const fiber = yield* Effect.fork(Effect.timeout(post, "2500 millis"))
    yield* TestClock.adjust("2500 millis")
    assert.strictEqual((yield* Effect.flip(Fiber.join(fiber)))._tag, "TimeoutException")
    assert.strictEqual((yield* double.sent).length, 1)
    assert.strictEqual((yield* post).status, 200)
  }).pipe(Effect.provide(layerDouble({ autoDeliver: false }))))

it.effect("is a stream that gives each piece as it comes", () =>
  Effect.gen(function*() {
    yield* slow
    const client = yield* HttpClient.HttpClient
    const response = yield* client.post(`${postmark}/email`)
    const pieces: Array<number> = []
    const fiber = yield* Effect.fork(
      Stream.runForEach(response.stream, ({ length }) => Effect.sync(() => pieces.push(length)))
    )
    yield* TestClock.adjust("1 second")
    assert.strictEqual(pieces.length, 2)
    yield* TestClock.adjust("2 seconds")
    yield* Fiber.join(fiber)
    assert.strictEqual(pieces.length, 4)
    assert.isAtMost(Math.max(...pieces) - Math.min(...pieces), 1)
  }).pipe(Effect.provide(layerDouble({ autoDeliver: false }))))

/** A clock whose sleeps end when the test says so. */
const makeHeld = () => {
  const sleepers = new Set<(effect: Effect.Effect<void>) => void>()
  const live = Clock.make()
  const clock: Clock.Clock = {
    [Clock.ClockTypeId]: Clock.ClockTypeId,
    unsafeCurrentTimeMillis: () => live.unsafeCurrentTimeMillis(),
    unsafeCurrentTimeNanos: () => live.unsafeCurrentTimeNanos(),
    currentTimeMillis: live.currentTimeMillis,
    currentTimeNanos: live.currentTimeNanos,
    sleep: () =>
      Effect.async((resume) => {
        sleepers.add(resume)
        return Effect.sync(() => sleepers.delete(resume))
      })
  }
  const wake = () => {
    for (const resume of sleepers) resume(Effect.void)
    sleepers.clear()
  }
  return { clock, sleepers, wake }
}

const until = (done: () => boolean) =>
  Effect.promise(async () => {
    while (!done()) await new Promise((resolve) => setImmediate(resolve))
  })

it.live("leaves no pause behind when it is interrupted in process", () => {
  const { clock, sleepers } = makeHeld()
  return Effect.gen(function*() {
    yield* slow
    for (
      const reading of [
        post,
        Effect.flatMap(HttpClient.post(`${postmark}/email`), ({ stream }) => Stream.runDrain(stream))
      ]
    ) {
      const fiber = yield* Effect.fork(reading)
      yield* until(() => sleepers.size === 1)
      yield* Fiber.interrupt(fiber)
      yield* until(() => sleepers.size === 0)
      yield* Effect.flatMap(PostmarkDouble.PostmarkDouble, ({ clearFaults }) => clearFaults)
      yield* Effect.flatMap(
        PostmarkDouble.PostmarkDouble,
        ({ injectFault }) => injectFault(Fault.rule({ nth: 1 }, Fault.slowBody(4, "1 second")))
      )
    }
  }).pipe(Effect.provide(layerDouble({ autoDeliver: false })), Effect.withClock(clock))
})

for (const way of ["fetch", "a socket"]) {
  it.scopedLive(`leaves no pause behind when the client goes away, through ${way}`, () => {
    const { clock, sleepers } = makeHeld()
    return Effect.gen(function*() {
      const { url } = yield* NodePostmarkDouble.NodePostmarkDouble
      const fetch = way === "fetch" ? yield* PostmarkDouble.fetch : globalThis.fetch
      const leave = ["abort", "cancel"] as const
      for (const how of leave) {
        yield* slow
        const controller = new AbortController()
        const response = yield* Effect.promise(() =>
          request(fetch, way === "fetch" ? postmark : url, controller.signal)
        )
        const reader = response.body?.getReader()
        const first = yield* Effect.promise(async () => reader?.read())
        assert.isAbove(first?.value?.length ?? 0, 0)
        const second = Effect.promise(async () => reader?.read()).pipe(Effect.exit)
        const fiber = yield* Effect.fork(second)
        yield* until(() => sleepers.size === 1)
        if (how === "abort") controller.abort()
        else yield* Effect.promise(async () => reader?.cancel())
        yield* until(() => sleepers.size === 0)
        const exit = yield* Fiber.join(fiber)
        assert.isTrue(how === "abort" ? Exit.isFailure(exit) : Exit.isSuccess(exit))
        yield* Effect.flatMap(PostmarkDouble.PostmarkDouble, ({ clearFaults }) => clearFaults)
      }
      const fine = yield* Effect.promise(() => request(fetch, way === "fetch" ? postmark : url))
      assert.strictEqual(fine.status, 200)
    }).pipe(
      Effect.provide(socket),
      Effect.withClock(clock)
    )
  })
}

it.scopedLive("comes in pieces over a socket", () => {
  const { clock, sleepers, wake } = makeHeld()
  return Effect.gen(function*() {
    yield* slow
    const { url } = yield* NodePostmarkDouble.NodePostmarkDouble
    const response = yield* Effect.promise(() => request(fetch, url))
    const reader = response.body?.getReader()
    const read = Effect.promise(async () => new TextDecoder().decode((await reader?.read())?.value))
    const pieces = [yield* read]
    for (let i = 0; i < 3; i++) {
      yield* until(() => sleepers.size === 1)
      wake()
      pieces.push(yield* read)
    }
    assert.property(JSON.parse(pieces.join("")), "MessageID")
    assert.strictEqual(response.headers.get("content-length"), String(pieces.join("").length))
    assert.strictEqual(yield* read, "")
  }).pipe(Effect.provide(socket), Effect.withClock(clock))
})
