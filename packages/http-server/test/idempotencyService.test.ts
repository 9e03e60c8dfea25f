import * as Digest from "@effect-postmark/core/Digest"
import { StoreUnavailable } from "@effect-postmark/core/StoreUnavailable"
import * as Vault from "@effect-postmark/core/Vault"
import * as Idempotency from "@effect-postmark/http-server/Idempotency"
import * as IdempotencyStore from "@effect-postmark/http-server/IdempotencyStore"
import { assert, describe, it } from "@effect/vitest"
import { Cause, Effect, Exit, Fiber, Layer, TestClock } from "effect"

const request: Idempotency.Request = {
  caller: "key_1",
  method: "POST",
  target: "/v1/connections/con_1/actions/send-email",
  key: "order-1042",
  body: new TextEncoder().encode("{}"),
  repeat: "search"
}

const answer: Idempotency.Answer = { status: 200, headers: { "content-type": "application/json" }, body: "{\"a\":1}" }

const services = Layer.provideMerge(
  Idempotency.layer(),
  Layer.mergeAll(IdempotencyStore.layerMemory, Digest.layer, Vault.layerEphemeral)
)

const begin = (changes: Partial<Idempotency.Request> = {}) =>
  Effect.flatMap(Idempotency.Idempotency, (idempotency) => idempotency.begin({ ...request, ...changes }))

const turnOf = (begun: Idempotency.Begun): Idempotency.Turn => {
  if (begun._tag !== "Run" && begun._tag !== "Abandoned") throw new Error(`no turn: ${begun._tag}`)
  return begun.turn
}

describe("Idempotency", () => {
  it.effect("gives a request to the next process when its own stopped before anything was written", () =>
    Effect.gen(function*() {
      const first = turnOf(yield* begin())
      assert.deepInclude(yield* begin(), { _tag: "InProgress", retryAfter: 6_000 })
      yield* TestClock.adjust("5999 millis")
      assert.strictEqual((yield* begin())._tag, "InProgress")
      yield* TestClock.adjust("1 millis")
      const next = yield* begin()
      assert.strictEqual(next._tag, "Run")
      assert.notStrictEqual(turnOf(next).sending?.value, first.sending?.value)
      // The first process was only paused.
      const late = yield* Effect.exit(first.beforeWrite)
      assert.isTrue(Exit.isFailure(late) && Cause.squash(late.cause) instanceof Idempotency.TurnLost)
      assert.isFalse(yield* first.hasBegun)
      yield* turnOf(next).beforeWrite
      yield* turnOf(next).beforeWrite
      yield* turnOf(next).finish(answer)
      assert.deepInclude(yield* begin(), { _tag: "Replay", answer })
    }).pipe(Effect.provide(services)))

  it.effect("never gives a request to be made again once something may have been written", () =>
    Effect.gen(function*() {
      const first = turnOf(yield* begin())
      yield* first.beforeWrite
      yield* TestClock.adjust("6 seconds")
      const second = yield* begin()
      assert.strictEqual(second._tag, "Abandoned")
      assert.deepStrictEqual(turnOf(second).sending, first.sending)
      assert.strictEqual((yield* begin())._tag, "InProgress")
      yield* turnOf(second).abandon
      assert.strictEqual((yield* begin())._tag, "Abandoned")
      // The process that made the request was only paused, and its response is the true one.
      yield* first.finish(answer)
      assert.deepInclude(yield* begin(), { _tag: "Replay", answer })
    }).pipe(Effect.provide(services)))

  it.effect("asks about a change that is not a send, and makes one again that is harmless to repeat", () =>
    Effect.gen(function*() {
      yield* begin({ repeat: "ask" })
      yield* begin({ repeat: "again", key: "other" })
      yield* TestClock.adjust("6 seconds")
      const asked = yield* begin({ repeat: "ask" })
      assert.strictEqual(asked._tag, "Abandoned")
      assert.isNull(turnOf(asked).sending)
      assert.strictEqual((yield* begin({ repeat: "again", key: "other" }))._tag, "Run")
    }).pipe(Effect.provide(services)))

  it.effect("keeps a turn for as long as the work takes", () =>
    Effect.gen(function*() {
      const turn = turnOf(yield* begin())
      const keeping = yield* Effect.fork(turn.keep)
      yield* TestClock.adjust("5 minutes")
      assert.strictEqual((yield* begin())._tag, "InProgress")
      yield* Fiber.interrupt(keeping)
      yield* TestClock.adjust("6 seconds")
      assert.strictEqual((yield* begin())._tag, "Run")
    }).pipe(Effect.provide(services)))

  it.effect("keeps a response for 24 hours from when it was given", () =>
    Effect.gen(function*() {
      const store = yield* IdempotencyStore.IdempotencyStore
      const retention = yield* Idempotency.retention
      yield* turnOf(yield* begin()).finish(answer)
      yield* TestClock.adjust("86399 seconds")
      assert.strictEqual((yield* begin())._tag, "Replay")
      assert.strictEqual(yield* retention.prune({ before: 86_399_000, limit: 10 }), 0)
      yield* TestClock.adjust("1 second")
      assert.strictEqual((yield* begin())._tag, "Run")
      assert.strictEqual(yield* store.prune({ before: 10 * 86_400_000, limit: 10 }), 1)
    }).pipe(Effect.provide(services)))

  it.effect("says so when a response cannot be read or was not kept", () =>
    Effect.gen(function*() {
      yield* turnOf(yield* begin()).finish(null)
      assert.strictEqual((yield* begin())._tag, "ResponseLost")
      yield* turnOf(yield* begin({ key: "large" })).finish({ ...answer, body: "x".repeat(3_000_000) })
      assert.strictEqual((yield* begin({ key: "large" }))._tag, "ResponseLost")
      yield* turnOf(yield* begin({ key: "sealed" })).finish(answer)
      // Another vault has another key.
      const other = yield* Effect.provide(Idempotency.make(), Vault.layerEphemeral)
      assert.strictEqual((yield* other.begin({ ...request, key: "sealed" }))._tag, "ResponseLost")
    }).pipe(Effect.provide(services)))

  it.effect("dies before a write whose note could not be stored", () =>
    Effect.gen(function*() {
      const down = new StoreUnavailable({ store: "idempotency", operation: "begin", reason: "down" })
      const store = yield* IdempotencyStore.IdempotencyStore
      const idempotency = yield* Effect.provideService(Idempotency.make(), IdempotencyStore.IdempotencyStore, {
        ...store,
        begin: () => Effect.fail(down)
      })
      const turn = turnOf(yield* idempotency.begin(request))
      const exit = yield* Effect.exit(turn.beforeWrite)
      assert.isTrue(Exit.isFailure(exit) && Cause.squash(exit.cause) === down)
      assert.isFalse(yield* turn.hasBegun)
    }).pipe(Effect.provide(services)))

  it.effect("compares bodies as JSON, and other bodies by their bytes", () =>
    Effect.gen(function*() {
      const tagOf = (key: string, text: string) =>
        Effect.map(begin({ key, body: new TextEncoder().encode(text) }), ({ _tag }) => _tag)
      yield* tagOf("json", "{\"a\":1,\"b\":[1.50,\"x\"]}")
      assert.strictEqual(yield* tagOf("json", " { \"b\": [ 1.50, \"\\u0078\" ],\n \"a\": 1 } "), "InProgress")
      for (const other of ["{\"a\":1,\"b\":[\"x\",1.50]}", "{\"a\":1}", "{\"a\":2,\"a\":1,\"b\":[1.50,\"x\"]}", ""]) {
        assert.strictEqual(yield* tagOf("json", other), "Reused", other)
      }
      const deep = "[".repeat(200_000)
      yield* tagOf("deep", deep)
      assert.strictEqual(yield* tagOf("deep", deep), "InProgress")
      assert.strictEqual(yield* tagOf("deep", `${deep} `), "Reused")
      const large = JSON.stringify({ text: "x".repeat(1_100_000) })
      yield* tagOf("large", large)
      assert.strictEqual(yield* tagOf("large", large), "InProgress")
      assert.strictEqual(yield* tagOf("large", `${large} `), "Reused")
    }).pipe(Effect.provide(services)))
})
