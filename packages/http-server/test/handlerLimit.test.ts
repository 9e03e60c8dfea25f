import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Fiber, Ref, TestClock } from "effect"
import * as HandlerLimit from "../src/internal/handlerLimit.ts"
import { codeOf, email, start, tokens } from "./support/harness.ts"

const limits = { read: "10 seconds", change: "20 seconds" } as const

const under = <A, E>(handler: Effect.Effect<A, E>, method: string) =>
  HandlerLimit.withLimit(handler, method, limits, () => Effect.succeed("late" as const))

describe("the limit of a handler", () => {
  it.effect("interrupts a read", () =>
    Effect.gen(function*() {
      const interrupted = yield* Deferred.make<void>()
      const handler = Effect.onInterrupt(Effect.never, () => Deferred.succeed(interrupted, undefined))
      const fiber = yield* Effect.fork(under(handler, "GET"))
      yield* TestClock.adjust("10 seconds")
      assert.strictEqual(yield* Fiber.join(fiber), "late")
      yield* Deferred.await(interrupted)
    }))

  it.effect("lets a change go on after its client was answered", () =>
    Effect.gen(function*() {
      const go = yield* Deferred.make<void>()
      const sent = yield* Ref.make(0)
      const done = yield* Deferred.make<void>()
      const handler = Deferred.await(go).pipe(
        Effect.zipRight(Ref.update(sent, (count) => count + 1)),
        Effect.zipRight(Deferred.succeed(done, undefined))
      )
      const fiber = yield* Effect.fork(under(handler, "POST"))
      yield* TestClock.adjust("20 seconds")
      assert.strictEqual(yield* Fiber.join(fiber), "late")
      yield* Deferred.succeed(go, undefined)
      yield* Deferred.await(done)
      assert.strictEqual(yield* Ref.get(sent), 1)
    }))

  it.effect("changes nothing for those in time, and passes failures on", () =>
    Effect.gen(function*() {
      for (const method of ["GET", "POST"]) {
        assert.strictEqual(yield* under(Effect.succeed(1), method), 1)
        assert.strictEqual(yield* Effect.flip(under(Effect.fail("wrong"), method)), "wrong")
      }
    }))

  it.effect("interrupts a change when its client goes away in time", () =>
    Effect.gen(function*() {
      const [begun, interrupted] = [yield* Deferred.make<void>(), yield* Deferred.make<void>()]
      const handler = Deferred.succeed(begun, undefined).pipe(
        Effect.zipRight(Effect.never),
        Effect.onInterrupt(() => Deferred.succeed(interrupted, undefined))
      )
      const fiber = yield* Effect.fork(under(handler, "POST"))
      yield* Deferred.await(begun)
      yield* Fiber.interrupt(fiber)
      yield* Deferred.await(interrupted)
    }))

  it.scopedLive("is answered with 504, and the send is made once", () =>
    Effect.gen(function*() {
      const { call, connect, double } = yield* start({
        server: { changeTimeout: "200 millis", readTimeout: "200 millis" }
      })
      const id = yield* connect(tokens.acme)
      yield* double.injectFault({ path: "/email", fault: { kind: "latency", millis: 1_500 } })
      const late = yield* call("POST", `/v1/connections/${id}/actions/send-email`, { body: email })
      assert.deepStrictEqual([late.status, codeOf(late)], [504, "handler_timeout"])
      assert.deepInclude(late.json, { disposition: "unknown", retryable: false })
      yield* double.waitFor(({ sent }) => sent.length === 1)
      assert.strictEqual((yield* double.sent).length, 1)
    }))
})
